"""What the hub does when it hears of cases, the register and its own news (see `config.subscriptions`)."""

from typing import Final

from bianzhi.audit.actors import System
from bianzhi.common.models import OutboxMessage
from bianzhi.exchange.models import Change, ChangeState
from bianzhi.exchange.parameters import AUTO_CONFIRM
from bianzhi.exchange.services.changes import CERTAIN
from bianzhi.exchange.services.confirming import confirm_exactly
from bianzhi.exchange.services.following import follow_case, follow_register
from bianzhi.kernel import clock
from bianzhi.matters.models import SUBJECT_KIND
from bianzhi.personnel.models import Movement

HUB: Final = System("数据核对")


def case_moved(message: OutboxMessage) -> None:
    """workflow.moved: a case has ended."""
    told = message.payload
    if told["ended"] and told["subject_kind"] == SUBJECT_KIND:
        follow_case(actor=HUB, case_id=int(told["subject_id"]), today=clock.today())


def case_discarded(message: OutboxMessage) -> None:
    """matters.case_discarded: the draft of a case is set aside."""
    follow_case(actor=HUB, case_id=int(message.payload["case"]), today=clock.today())


def register_moved(message: OutboxMessage) -> None:
    """personnel.enlisted, .delisted, .transferred: somebody's place in the register, by a case or directly."""
    person = Movement.objects.filter(number=message.key).values_list("person_id", flat=True).first()
    if person is not None:
        follow_register(actor=HUB, person_ids=[person], today=clock.today())


def change_taken(message: OutboxMessage) -> None:
    """exchange.change_taken: what is exact goes on by itself, where the office has enabled it."""
    if AUTO_CONFIRM.number:
        confirm_exactly(actor=HUB, change_id=int(message.payload["change"]), today=clock.today())


def run_done(message: OutboxMessage) -> None:
    """exchange.run_done: the exact changes of the run likewise."""
    if not AUTO_CONFIRM.number:
        return
    exact = Change.objects.filter(
        run_id=int(message.payload["run"]), state=ChangeState.CANDIDATE, confidence__gte=CERTAIN
    )
    for pk in list(exact.values_list("pk", flat=True)):
        confirm_exactly(actor=HUB, change_id=pk, today=clock.today())

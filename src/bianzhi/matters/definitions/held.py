"""预占: vacancies asked for are held when the application is accepted, usable at 核准, given back when it fails."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from bianzhi.matters.commands import Carried, ReversibleCommand
from bianzhi.matters.declarations import CaseAct
from bianzhi.personnel.services.approvals import ApprovalOrder, hold_approval
from bianzhi.personnel.services.holding import confirm_approval, release_approval, withdraw_confirmation

FAILED = "申请未获核准、已撤回或终止，释放预占"
RETURNED = "申请退回，释放预占"


class HoldSlots(ReversibleCommand):
    """Hold what `order_of` reads from the form; nothing when it reads None (the application uses a slot it has)."""

    label = "预占编制"
    is_effect: ClassVar[bool] = False

    def __init__(self, order_of: Callable[[CaseAct], ApprovalOrder | None]) -> None:
        self.order_of = order_of

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `hold_approval` does: R02, R03, R05, R11, R13, R19, R20, P1."""
        order = self.order_of(act)
        if order is None:
            return Carried("使用已核准的名额，不另预占")
        issued = hold_approval(actor=act.actor, today=act.today, order=order, override=act.override)
        words = f"预占编制 {len(issued.slots)} 名（{issued.approval.number}）"
        return Carried(words, {"approval": issued.approval.pk}, issued.remarks)

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Give the vacancies back."""
        release_held(act, result, RETURNED)


class ConfirmSlots(ReversibleCommand):
    """核准: what the command named `hold` has held becomes usable."""

    label = "核准用编"

    def __init__(self, hold: str) -> None:
        self.hold = hold

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `confirm_approval` does: R01 (lapsed), R02, R03, R13."""
        approval = confirm_approval(
            actor=act.actor,
            today=act.today,
            approval_id=int(act.earlier[self.hold]["approval"]),
            document=act.register("document") if act.draft.document("document") else None,
            valid_until=act.draft.day("valid_until"),
            override=act.override,
        )
        words = f"核准用编 {approval.slots.count()} 名，核准单 {approval.number}，有效期至 {approval.valid_until}"
        return Carried(words, {"approval": approval.pk, "number": approval.number})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """The slip is held again; refused once somebody has entered on it (R01)."""
        withdraw_confirmation(
            actor=act.actor, today=act.today, approval_id=int(result["approval"]), reason="办件退回，撤销核准"
        )


def release_held(act: CaseAct, result: Mapping[str, Any], reason: str) -> None:
    """Give back what a hold of this case has set aside."""
    if "approval" in result:
        release_approval(actor=act.actor, today=act.today, approval_id=int(result["approval"]), reason=reason)


def releasing(hold: str, effect: str) -> Callable[[CaseAct], None]:
    """What `Matter.release` does for a matter that holds: a case that ended before its effect gives everything back."""

    def release(act: CaseAct) -> None:
        if effect not in act.earlier:
            release_held(act, act.earlier.get(hold, {}), FAILED)

    return release

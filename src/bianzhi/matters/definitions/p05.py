"""P05 出编: somebody has left; the unit files it with the papers of the mode, the office strikes the person off."""

from collections import defaultdict
from datetime import date, timedelta

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.belonging import member_of_unit, name_of_person
from bianzhi.matters.definitions.chain import OFFICES_TOLD, standard_chain
from bianzhi.matters.definitions.reading import required_day
from bianzhi.matters.definitions.reversing import MovementCommand
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.rules.staffing import exit_due
from bianzhi.personnel.models import Movement
from bianzhi.personnel.rules.exits import first_day_off_quota
from bianzhi.personnel.rules.modes import evidence_of_exit
from bianzhi.personnel.selectors.working_days import exit_deadline, filing_days, working_calendar
from bianzhi.personnel.services.exits import ExitOrder, delist

MODES = tuple(codes("exit_mode").choices())
"""Every mode of §3.4; 机构划转转出 (O11) here is that of single people who leave by a reorganisation decided before."""
LEAVES_FOR_ANOTHER = Only("exit_mode", ("O06", "O07", "O99"))


def _evidence() -> tuple[EvidenceSpec, ...]:
    """The papers of every mode; one that several modes ask for is one kind of paper."""
    modes: dict[str, list[str]] = defaultdict(list)
    for mode, _ in MODES:
        for paper in evidence_of_exit(mode):
            modes[paper].append(mode)
    return tuple(
        EvidenceSpec(code=paper, label=paper, locked=True, only=Only("exit_mode", tuple(asked)))
        for paper, asked in modes.items()
    )


class Delist(MovementCommand):
    """Strike the person off, with posts, duty state and secondments (R12, R19, R20)."""

    label = "办理出编"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `delist` does, and when the person is not the unit's own (M21)."""
        draft = act.draft
        person = member_of_unit(draft, "person")
        order = ExitOrder(
            person_id=person.pk,
            mode=draft.text("exit_mode"),
            event_on=required_day(draft, "event_on"),
            document=act.register("document"),
            evidence=draft.evidence,
            destination=draft.text("destination"),
            last_day=draft.day("last_day"),
            reason=draft.text("reason"),
        )
        outcome = delist(actor=act.actor, today=act.today, order=order)
        movement = outcome.movement
        words = f"{person.name}自 {movement.effective_on} 起出编，业务编号 {movement.number}"
        result = {"movement": movement.pk, "number": movement.number, "person": person.pk}
        return Carried(words, result, outcome.remarks)


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    """R12's clock, told while it runs; once it has run out the rehearsal remarks it."""
    mode, event_on = draft.text("exit_mode"), draft.day("event_on")
    if not mode or event_on is None:
        return []
    last_day = draft.day("last_day") or first_day_off_quota(mode, event_on) - timedelta(days=1)
    deadline = exit_deadline(last_day, working_calendar(today), filing_days())
    return exit_due(name_of_person(draft, "person"), deadline, today)


def _receipt(act: CaseAct) -> PaperContent:
    """核销回执: what the unit takes to the human resources and finance offices."""
    movement = Movement.objects.select_related("person", "document").get(pk=act.earlier["p05.delist"]["movement"])
    lines = [
        ("姓名", movement.person.name),
        ("出编类型", codes("exit_mode").label(movement.mode)),
        ("事由发生日期", str(movement.event_on)),
        ("不再占编自", str(movement.effective_on)),
        ("依据文件", str(movement.document)),
        ("办理时限", "超期办理" if movement.is_overdue else "按期办理"),
        ("业务编号", movement.number),
    ]
    return PaperContent(lines, closing="请持本回执到人力社保、财政部门办理停薪手续。")


def _title(draft: CaseDraft) -> str:
    mode = draft.text("exit_mode")
    return f"{name_of_person(draft, 'person')}出编" + (f"（{codes('exit_mode').label(mode)}）" if mode else "")


P05 = declare(
    Matter(
        code="P05",
        title="出编",
        summary="退休、调出、辞职等人员离开编制，应在事发后 10 个工作日内办理。",
        group="人员与编制使用",
        icon="user-minus",
        clock_days=3,
        sampling_percent=10,
        lockable=False,
        fields=(
            FieldSpec("person", Kind.PERSON, "出编人员", required=True, locked=True, choices_of="own", section="人员"),
            FieldSpec(
                "exit_mode", Kind.EXIT_MODE, "出编类型", required=True, locked=True, options=MODES, section="出编"
            ),
            FieldSpec(
                "event_on",
                Kind.DAY,
                "事由发生日期",
                required=True,
                locked=True,
                help="退休按月计，填退休当月任一日；其余填最后占编日",
            ),
            FieldSpec("last_day", Kind.DAY, "最后占编日", locked=True, help="与事由发生日期不同时填写"),
            FieldSpec("destination", Kind.TEXT, "去向", locked=True, max_length=120, only=LEAVES_FOR_ANOTHER),
            FieldSpec("reason", Kind.TEXTAREA, "说明", locked=True, max_length=300),
            FieldSpec("document", Kind.DOCUMENT, "依据文件", required=True, locked=True, section="依据文件"),
        ),
        evidence=_evidence(),
        flow=lambda: standard_chain("P05", "出编", effect="p05.delist", paper="p05.receipt", copies=OFFICES_TOLD),
        commands={"p05.delist": Delist(), "p05.receipt": IssuePaper("receipt")},
        papers=(PaperKind("receipt", "人员编制核销回执", "编核销", _receipt),),
        title_of=_title,
        precheck=_precheck,
    )
)

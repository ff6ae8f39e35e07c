"""P05 出编: somebody has left; the unit files it with the papers of the mode, the office strikes the person off."""

from collections import defaultdict

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried, CaseCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.belonging import member_of_unit, name_of_person
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.personnel.models import Movement
from bianzhi.personnel.rules.modes import ORG_TRANSFER_OUT, evidence_of_exit
from bianzhi.personnel.services.exits import ExitOrder, delist

MODES = tuple((code, label) for code, label in codes("exit_mode").choices() if code != ORG_TRANSFER_OUT)
"""机构划转转出 (O11) comes with the reorganisation itself (P07)."""
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


class Delist(CaseCommand):
    """Strike the person off, with posts, duty state and secondments (R12, R19, R20)."""

    label = "办理出编"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `delist` does, and when the person is not the unit's own (M21)."""
        draft = act.draft
        person = member_of_unit(draft, "person")
        event_on = draft.day("event_on")
        if event_on is None:
            raise Refused([Objection("M01", "未填写事由发生日期", Severity.BLOCK, {}, "请补充")])
        order = ExitOrder(
            person_id=person.pk,
            mode=draft.text("exit_mode"),
            event_on=event_on,
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


def _receipt(act: CaseAct) -> PaperContent:
    """核销回执: what the unit takes to the human resources and finance offices."""
    movement = Movement.objects.select_related("person", "document").get(pk=act.earlier["p05.delist"]["movement"])
    lines = [
        ("姓名", movement.person.name),
        ("出编类型", codes("exit_mode").label(movement.mode)),
        ("事由发生日期", str(movement.event_on)),
        ("不再占编自", str(movement.effective_on)),
        ("依据文件", str(movement.document)),
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
        flow=lambda: standard_chain("P05", "出编", effect="p05.delist", paper="p05.receipt"),
        commands={"p05.delist": Delist(), "p05.receipt": IssuePaper("receipt")},
        papers=(PaperKind("receipt", "人员编制核销回执", "编核销", _receipt),),
        title_of=_title,
    )
)

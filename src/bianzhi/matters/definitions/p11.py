"""P11 信息变更: locked fields of a person change by a document, each old value kept (R14, R16)."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.identifiers.id_number import normalise_id_number
from bianzhi.kernel.masking import mask_id_number
from bianzhi.kernel.objections import Objection
from bianzhi.matters.catalogue import declare
from bianzhi.matters.commands import Carried, ReversibleCommand
from bianzhi.matters.declarations import CaseAct, CaseDraft, Matter, PaperContent, PaperKind
from bianzhi.matters.definitions.belonging import member_of_unit, name_of_person
from bianzhi.matters.definitions.chain import standard_chain
from bianzhi.matters.papering import IssuePaper
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.matters.rules.staffing import objections_to_changes
from bianzhi.personnel.models import Person, PersonChange
from bianzhi.personnel.rules.persons import CODED_FIELDS, LOCKED_FIELDS
from bianzhi.personnel.services.persons import ChangeBasis, change_locked_fields, written_value

CHANGE: Final = "p11.change"
DAYS: Final = frozenset(
    {"born_on", "certified_born_on", "started_work_on", "civil_service_registered_on", "retirement_override_on"}
)
FLAGS: Final = frozenset({"identity_certified", "f60_track"})
YES_NO: Final = (("1", "是"), ("0", "否"))


def changes_of(draft: CaseDraft) -> dict[str, Any]:
    """The locked fields that were filled in, as the register keeps their values."""
    found: dict[str, Any] = {}
    for name in LOCKED_FIELDS:
        text = draft.text(f"new_{name}")
        if not text:
            continue
        if name in DAYS:
            found[name] = date.fromisoformat(text)
        elif name in FLAGS:
            found[name] = text == "1"
        else:
            found[name] = normalise_id_number(text) if name == "id_number" else text
    return found


def label_of(name: str) -> str:
    """How a field of a person is called."""
    return str(getattr(Person._meta.get_field(name), "verbose_name", name))


def in_words(name: str, value: str) -> str:
    """A value as a change row keeps it, for papers: coded fields by their names, ID numbers masked."""
    if name == "id_number":
        return mask_id_number(value)
    if name in FLAGS:
        return dict(YES_NO).get(value, value)
    return codes(CODED_FIELDS[name]).label(value) if name in CODED_FIELDS and value else value or "（空）"


class ChangeLockedFields(ReversibleCommand):
    """Change the fields; each change is a row with its old value, day and document."""

    label = "变更信息"

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused: M21 (not the unit's own), R14, R16."""
        draft = act.draft
        person = member_of_unit(draft, "person")
        document = act.register("document")
        basis = ChangeBasis(document, draft.day("effective_on") or document.issued_on, draft.text("reason"))
        rows = change_locked_fields(actor=act.actor, person_id=person.pk, changes=changes_of(draft), basis=basis)
        words = f"已变更{person.name}的{'、'.join(label_of(row.field) for row in rows)}"
        return Carried(words, {"person": person.pk, "changes": [row.pk for row in rows]})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Change the fields back by the same document; the rows of both changes stay."""
        rows = list(PersonChange.objects.filter(pk__in=result["changes"]).select_related("document"))
        person = Person.objects.get(pk=int(result["person"]))
        old = {row.field: _read(row.field, row.old_value) for row in rows}
        document = rows[0].document or act.register("document")
        basis = ChangeBasis(document, rows[0].effective_on, "办件退回，恢复原值")
        change_locked_fields(actor=act.actor, person_id=person.pk, changes=old, basis=basis)


def _read(name: str, value: str) -> Any:
    if name in FLAGS:
        return value == "1"
    return (date.fromisoformat(value) if value else None) if name in DAYS else value


def _person(draft: CaseDraft) -> Person | None:
    key = draft.key("person")
    return Person.objects.filter(pk=key).first() if key is not None else None


def before(draft: CaseDraft) -> Mapping[str, Any]:
    """What the register says now of every field that is filled in, in the shape of the form."""
    person = _person(draft)
    if person is None:
        return draft.form
    now = {f"new_{name}": written_value(getattr(person, name)) for name in changes_of(draft)}
    return {**draft.form, **now}


def _precheck(draft: CaseDraft, today: date) -> list[Objection]:
    changes = changes_of(draft)
    person = _person(draft)
    same = [label_of(name) for name, value in changes.items() if person and getattr(person, name) == value]
    return objections_to_changes(changes, same)


def _title(draft: CaseDraft) -> str:
    name = name_of_person(draft, "person")
    changed = "、".join(label_of(each) for each in changes_of(draft))
    return f"变更{name}的{changed}" if name and changed else ""


def _notice(act: CaseAct) -> PaperContent:
    """信息变更通知单: old and new of every field."""
    rows = PersonChange.objects.filter(pk__in=act.earlier[CHANGE]["changes"]).select_related("person", "document")
    listed = list(rows.order_by("pk"))
    lines = [
        ("姓名", listed[0].person.name),
        ("依据文件", str(listed[0].document)),
        ("生效日期", str(listed[0].effective_on)),
        ("变更事由", listed[0].reason),
    ]
    table = [
        (label_of(row.field), in_words(row.field, row.old_value), in_words(row.field, row.new_value)) for row in listed
    ]
    return PaperContent(
        lines, head=("项目", "变更前", "变更后"), rows=table, closing="请据此更正人事、工资和社会保险信息。"
    )


def _new(name: str, kind: Kind, **more: Any) -> FieldSpec:
    return FieldSpec(f"new_{name}", kind, label_of(name), locked=True, **more)


P11 = declare(
    Matter(
        code="P11",
        title="信息变更",
        summary="姓名、身份证号、出生年月、参加工作时间、人员身份等锁定信息，凭文件申请变更。",
        group="人员与编制使用",
        icon="edit",
        clock_days=5,
        sampling_percent=10,
        fields=(
            FieldSpec("person", Kind.PERSON, "人员", required=True, locked=True, choices_of="own", section="人员"),
            _new("name", Kind.TEXT, max_length=60, section="变更内容", help="只填写需要变更的项目，其余留空"),
            _new("id_number", Kind.TEXT, max_length=18),
            _new("sex", Kind.CODE, choices_of="sex", options=(("1", "男"), ("2", "女"))),
            _new("born_on", Kind.DAY),
            _new("certified_born_on", Kind.DAY),
            _new("identity_certified", Kind.CHOICE, options=YES_NO, help="“三龄两历一身份”已由组织认定"),
            _new("started_work_on", Kind.DAY),
            _new("identity", Kind.CODE, choices_of="person_identity"),
            _new("civil_service_registered_on", Kind.DAY),
            _new("retirement_category", Kind.CODE, choices_of="retirement_category"),
            _new("f60_track", Kind.CHOICE, options=YES_NO),
            _new("retirement_override_on", Kind.DAY),
            FieldSpec("effective_on", Kind.DAY, "生效日期", locked=True, section="依据", help="不填以文件成文日期为准"),
            FieldSpec("document", Kind.DOCUMENT, "依据文件", required=True, locked=True),
            FieldSpec("reason", Kind.TEXTAREA, "变更事由", required=True, locked=True, max_length=300),
        ),
        evidence=(
            EvidenceSpec("proof", "证明材料", help="户籍证明、档案审核认定表、任职（登记）文件等，按变更项目提供"),
        ),
        flow=lambda: standard_chain("P11", "信息变更", effect=CHANGE, paper="p11.notice"),
        commands={CHANGE: ChangeLockedFields(), "p11.notice": IssuePaper("notice")},
        papers=(PaperKind("notice", "信息变更通知单", "编变", _notice),),
        title_of=_title,
        lockable=False,
        precheck=_precheck,
        before_of=before,
    )
)

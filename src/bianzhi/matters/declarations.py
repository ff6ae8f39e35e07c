"""How a matter is declared, and what its code is given to work with: `CaseDraft` and `CaseAct`.

One module of `definitions` declares one matter. An administrator changes what a `MatterVersion` holds of it (fields,
evidence, clock, publication, sampling, approvers, flow); what the code does stays here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from bianzhi.documents.services import DocumentFacts, register_document
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.acting import ByCase
from bianzhi.matters.rules.approvers import BY_OFFICE, ApproverRule
from bianzhi.matters.rules.evidence import SCAN, EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind
from bianzhi.personnel.services.decisions import Override

if TYPE_CHECKING:
    from bianzhi.documents.models import ApprovalDocument
    from bianzhi.matters.commands import CaseCommand
    from bianzhi.matters.models import Case
    from bianzhi.workflow.models import FlowInstance


@dataclass(frozen=True, slots=True)
class Attached:
    """A file of a case as its rules see it; `evidence` is the code of the paper it is, "" for another."""

    id: int
    evidence: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case as it is being written, or as it was sent in: what prechecks and commands read.

    `form` is what `rules.cleaning` made of the fields: days are texts, people and units are keys.
    """

    case: "Case"
    form: Mapping[str, Any]
    attachments: tuple[Attached, ...]
    today: date
    specs: tuple[FieldSpec, ...] = ()
    evidence_specs: tuple[EvidenceSpec, ...] = ()

    @property
    def organization_id(self) -> int:
        """The unit that applies."""
        return self.case.organization_id

    def text(self, name: str) -> str:
        """A text or a code; "" when it was left out."""
        value = self.form.get(name, "")
        return value if isinstance(value, str) else ""

    def number(self, name: str, default: int = 0) -> int:
        """A whole number."""
        value = self.form.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else default

    def flag(self, name: str) -> bool:
        """A yes or no; no when it was left out."""
        return self.form.get(name) is True

    def key(self, name: str) -> int | None:
        """The key of a person, a unit, an internal body or a slot; None when it was left out."""
        value = self.form.get(name)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def day(self, name: str) -> date | None:
        """A day; None when it was left out or can't be read yet."""
        try:
            return date.fromisoformat(self.text(name))
        except ValueError:
            return None

    def rows(self, name: str) -> list[Mapping[str, Any]]:
        """The rows of a table."""
        value = self.form.get(name)
        return [row for row in value if isinstance(row, Mapping)] if isinstance(value, list) else []

    def document(self, name: str) -> DocumentFacts | None:
        """An approval document; None when it was left out or is not complete yet."""
        value = self.form.get(name)
        if not isinstance(value, Mapping):
            return None
        try:
            return DocumentFacts(**{**value, "issued_on": date.fromisoformat(str(value.get("issued_on", "")))})
        except (TypeError, ValueError):
            return None

    @property
    def evidence(self) -> list[str]:
        """Codes of the papers attached, and the words of those ticked in fields of kind evidence."""
        ticked = [word for spec in self.specs if spec.kind == Kind.EVIDENCE for word in self.form.get(spec.name) or ()]
        papers = [each.evidence for each in self.attachments if each.evidence and not each.evidence.startswith(SCAN)]
        return list(dict.fromkeys([*papers, *ticked]))


@dataclass(frozen=True, slots=True)
class CaseAct:
    """A command at work: in whose name, on which day, on what was sent in, and what earlier commands of it did."""

    actor: ByCase
    today: date
    draft: CaseDraft
    earlier: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Name of a command this case has run → the `result` of its effect."""
    instance: "FlowInstance | None" = None
    """The flow that runs a command, with what its steps have concluded in the act under way, which is not saved yet."""

    def register(self, name: str) -> "ApprovalDocument":
        """The document a field names, registered (or found registered). Refused when the field is not filled."""
        facts = self.draft.document(name)
        if facts is None:
            label = next((spec.label for spec in self.draft.specs if spec.name == name), "依据文件")
            raise Refused([Objection("M01", f"未填写“{label}”", Severity.BLOCK, {}, "请补充文号、标题和成文日期")])
        return register_document(
            actor=self.actor,
            doc_no=facts.doc_no,
            title=facts.title,
            issuer=facts.issuer,
            issuer_level=facts.issuer_level,
            kind=facts.kind,
            issued_on=facts.issued_on,
        )

    @property
    def override(self) -> Override | None:
        """The director's override for this case; None when nothing was overridden."""
        case = self.draft.case
        codes = frozenset(filter(None, case.override_codes.split(",")))
        return Override(codes, case.override_reason, case.override_document) if codes else None


@dataclass(frozen=True, slots=True)
class PaperContent:
    """What an issued paper says: lines of name and text, perhaps a table; no full ID numbers."""

    lines: Sequence[tuple[str, str]]
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    closing: str = ""

    def to_json(self) -> dict[str, Any]:
        """As `IssuedPaper.content` keeps it."""
        return {
            "lines": [list(line) for line in self.lines],
            "head": list(self.head),
            "rows": [list(row) for row in self.rows],
            "closing": self.closing,
        }


@dataclass(frozen=True, slots=True)
class PaperKind:
    """A kind of paper a matter issues; `word` is the 机关代字 of its numbers: 编核销〔2026〕0001号."""

    code: str
    title: str
    word: str
    content: Callable[[CaseAct], PaperContent]


def no_objections(draft: CaseDraft, today: date) -> list[Objection]:
    """A matter whose commands say everything there is to say."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One matter as the code knows it. `flow` is the BPMN text of its first version, `commands` stand in their order.

    `title_of` names a case once its form says enough; `precheck` adds objections its commands' rehearsal would not
    raise; `counterpart_of` tells the other unit; `facts_of` adds plain values that conditions and the approver matrix
    read (rank_code, crosses_level) to the form's own; `publication` says what a 公示 shows; `release` gives back what a
    case has held when it ends without taking effect; `before_of` gives, in the shape of the form, what the register
    says now of the fields a matter changes, so that the case shows old → new.
    """

    code: str
    title: str
    summary: str
    group: str
    icon: str = "file-text"
    permission: str = "matters.apply"
    fields: tuple[FieldSpec, ...]
    evidence: tuple[EvidenceSpec, ...] = ()
    approvers: tuple[ApproverRule, ...] = (BY_OFFICE,)
    clock_days: int = 5
    publication_days: int = 0
    sampling_percent: int = 0
    supervised: bool = True
    """Whether its flow has the steps of 督查 and 处理, whose fields its form then has."""
    lockable: bool = True
    """Whether overdue exits and open problems of the unit stand against it (R12, R13); not for what clears them."""
    flow: Callable[[], str]
    commands: Mapping[str, "CaseCommand"] = field(default_factory=dict)
    papers: tuple[PaperKind, ...] = ()
    title_of: Callable[[CaseDraft], str]
    precheck: Callable[[CaseDraft, date], list[Objection]] = no_objections
    counterpart_of: Callable[[CaseDraft], int | None] = lambda draft: None
    facts_of: Callable[[CaseDraft], Mapping[str, Any]] = lambda draft: {}
    facts: tuple[str, ...] = ()
    """Names of what `facts_of` adds, so that conditions asking for them can be published."""
    publication: Callable[[CaseDraft], PaperContent] | None = None
    before_of: Callable[[CaseDraft], Mapping[str, Any]] | None = None
    release: Callable[[CaseAct], None] | None = None

    def __str__(self) -> str:
        return f"{self.code} {self.title}"

    @property
    def flow_key(self) -> str:
        """Key of the matter's flow definition."""
        return f"matter_{self.code.lower().replace('-', '_')}"

    def paper(self, code: str) -> PaperKind:
        """A kind of paper; KeyError when the matter issues none of that code."""
        return {paper.code: paper for paper in self.papers}[code]

"""机构及核定编制 against the register: which units are new, where they hang, which figures become opening entries."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bianzhi.common.tabular.parsing import ParsedRow, ParsedTable
from bianzhi.imports.models import Action
from bianzhi.imports.recognition.wordings import UNSETTLED, settled_quota_type
from bianzhi.imports.selectors.directory import ALIAS, FORMER, NAMEPLATE, Unit, UnitDirectory
from bianzhi.imports.selectors.organization_rows import code_in, names_in, sections_of, type_facts
from bianzhi.imports.selectors.papers import Papers
from bianzhi.imports.selectors.planning import DEFAULT_FOUNDED, Options, Plan, UnitDraft, UnitRef, unknown_unit
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.names import normalise_organisation_name, organisation_name_key
from bianzhi.ledger.rules.measures import label as measure_label
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.ledger.selectors.balances import approved

COMPARED: Final = {
    "org_type": ("organization_type", "机构类别"),
    "institution_class": ("institution_class", "事业单位类别"),
    "nature": ("organization_nature", "机构性质"),
    "rank": ("organization_rank", "机构规格"),
    "funding_form": ("funding_form", "经费形式"),
}
NO_QUOTA_TYPE: Final = "35"


@dataclass(slots=True)
class Opening:
    """What a unit is allotted when the register begins: by measure, with the number of the document that says so."""

    unit: UnitRef
    amounts: dict[str, int]
    doc_no: str = ""


@dataclass(slots=True)
class _Entry:
    """One unit of the file: its first row, the values of all its rows, and what it turned out to be."""

    row: ParsedRow
    values: dict[str, Any]
    amounts: dict[str, int] = field(default_factory=dict)
    unit: UnitRef | None = None


@dataclass(slots=True)
class OrganizationsPlan(Plan):
    """Units to establish, superiors first, and the opening of quotas and leadership posts."""

    drafts: list[UnitDraft] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    papers: Papers = field(default_factory=Papers)


def plan_organizations(table: ParsedTable, options: Options) -> OrganizationsPlan:
    """Work out what a file of units would do; every doubt becomes a finding at its cell."""
    return _Planner(table, options).plan()


class _Planner:
    """One file of units, compared with the register."""

    def __init__(self, table: ParsedTable, options: Options) -> None:
        self._plan = OrganizationsPlan(table)
        self._table = table
        self._options = options
        self._directory = UnitDirectory.load(options.today)
        self._allotted = approved(None, options.today)
        self._entries: dict[str, _Entry] = {}
        self._called: dict[str, _Entry] = {}
        self._of_unit: dict[int, _Entry] = {}
        self._groups: dict[str, UnitDraft] = {}
        self._sections = sections_of(table)
        self._own_names = self._directory.all_names()

    def plan(self) -> OrganizationsPlan:
        for row in self._table.accepted:
            self._gather(row)
        self._plan.papers.load({str(one.values["document_number"]) for one in self._sound() if _cites(one)})
        for entry in self._sound():
            self._match(entry)
            for name in _keys_of(entry):
                self._called.setdefault(name, entry)
        for entry in self._sound():
            if isinstance(entry.unit, UnitDraft):
                self._place(entry, entry.unit)
        self._plan.drafts = self._in_order()
        for entry in self._sound():
            self._open_quota(entry)
        return self._plan

    def _sound(self) -> list[_Entry]:
        return [entry for entry in self._entries.values() if not entry.row.rejected]

    # --- rows to units

    def _gather(self, row: ParsedRow) -> None:
        """Rows of one unit, one for each quota type, become one entry."""
        if row.get("status") in ("abolished", "planned"):
            self._plan.note(row, Action.SKIP, str(row.get("name")), "拟设或已撤销的机构不在导入中登记")
            return
        key = code_in(row) or organisation_name_key(str(row.get("name")))
        amounts = self._amounts(row)
        entry = self._entries.get(key)
        if entry is None:
            self._entries[key] = _Entry(row, dict(row.values), amounts)
            return
        if not amounts or set(amounts) & set(entry.amounts):
            self._plan.reject(
                row, "name", f"与第 {entry.row.number} 行（{entry.row.sheet}）是同一单位，请合并或删去一行"
            )
            return
        entry.amounts |= amounts
        entry.values |= {name: value for name, value in row.values.items() if name not in entry.values}

    def _amounts(self, row: ParsedRow) -> dict[str, int]:
        """Approved numbers and posts of one row, each under a settled measure; zeros left out."""
        values = row.values
        funding, institution = str(values.get("funding_form") or ""), str(values.get("institution_class") or "")
        found: Counter[str] = Counter()
        for name, number in values.items():
            family, _, measure = name.partition(".")
            if family == "approved" and measure != "total":
                measure = settled_quota_type(measure, funding_form=funding, institution_class=institution)
                found[measure] += number
            elif family == "posts" and measure != "total":
                found[measure] += number
        total = values.get("approved.total")
        if total and not any(measure in quota_types() for measure in found):
            found[self._type_of_total(row)] = total
        return {measure: number for measure, number in found.items() if number}

    def _type_of_total(self, row: ParsedRow) -> str:
        stated = str(row.get("quota_type") or "")
        facts = type_facts(row)
        if not stated:
            stated = {"80": UNSETTLED, "50": "A2", "51": "A2"}.get(facts["org_type"], "A1")
        funding = str(row.get("funding_form") or "")
        settled = settled_quota_type(stated, funding_form=funding, institution_class=facts["institution_class"])
        if not row.get("quota_type"):
            label = measure_label(settled)
            self._plan.warn(row, "approved.total", f"只有编制总数，没有写编制类型，按机构类别登记为{label}，请核对")
        return settled

    # --- units against the register

    def _match(self, entry: _Entry) -> None:
        values = entry.values
        found = self._directory.find(
            values["name"],
            code=code_in(entry.row),
            uscc=str(values.get("uscc") or ""),
            under=str(values.get("supervising_department") or values.get("parent") or ""),
        )
        if found.candidates:
            self._plan.reject(entry.row, "name", unknown_unit(self._directory, values["name"], found))
            return
        if found.unit is None:
            entry.unit = self._draft(entry)
            return
        self._compare(entry, found.unit, found.by)

    def _compare(self, entry: _Entry, unit: Unit, by: str) -> None:
        other = self._of_unit.setdefault(unit.id, entry)
        if other is not entry:
            message = f"与第 {other.row.number} 行「{other.values['name']}」在系统中是同一单位（{unit.name}），请合并"
            self._plan.reject(entry.row, "name", message)
            return
        entry.unit = unit
        differences = []
        if by in (FORMER, NAMEPLATE, ALIAS):
            differences.append(f"名称：登记为“{unit.name}”，表中是其{by}")
        elif organisation_name_key(unit.name) != organisation_name_key(entry.values["name"]) and by == "代码":
            differences.append(f"名称：登记为“{unit.name}”，表中为“{entry.values['name']}”")
        facts = {**entry.values, **(type_facts(entry.row) if entry.values.get("org_type") else {})}
        for name, (table, label) in COMPARED.items():
            stated, registered = str(facts.get(name) or ""), str(getattr(unit, name))
            if stated and stated != registered:
                shown = codes(table).label(registered) if registered else "空白"
                differences.append(f"{label}：登记为“{shown}”，表中为“{codes(table).label(stated)}”")
        if differences:
            self._plan.warn(
                entry.row, "name", f"与登记不一致，保留原登记：{'；'.join(differences)}。要改请办理机构变更"
            )
            self._plan.note(entry.row, Action.DIFFERENT, unit.name, "；".join(differences))
        else:
            self._plan.note(entry.row, Action.SAME, unit.name)

    def _draft(self, entry: _Entry) -> UnitDraft:
        values, row = entry.values, entry.row
        facts = type_facts(row)
        if not row.get("org_type"):
            kind = codes("organization_type").label(facts["org_type"])
            self._plan.warn(row, "org_type", f"没有写机构类别，按名称登记为“{kind}”，请核对")
        elif row.get("institution_class") and facts["org_type"] != "80":
            self._plan.warn(row, "institution_class", "不是事业单位，事业单位类别不登记，请核对机构类别")
        for name in ("nature", "rank", "funding_form", "short_name", "duties"):
            facts[name] = str(values.get(name) or "")
        facts["tier"] = values.get("tier")
        founded = values.get("established_on")
        return UnitDraft(
            normalise_organisation_name(values["name"]),
            facts,
            code=code_in(row),
            uscc=str(values.get("uscc") or ""),
            nameplates=names_in(values.get("other_names")),
            bodies=names_in(values.get("internal_body_names")),
            aliases=names_in(values.get("former_name")),
            since=min(founded.day, self._options.today) if founded else DEFAULT_FOUNDED,
        )

    # --- the tree

    def _place(self, entry: _Entry, draft: UnitDraft) -> None:
        """Find what the unit hangs under: its parent, else its department, else its section or its type."""
        values = entry.values
        department, parent = values.get("supervising_department"), values.get("parent")
        key = organisation_name_key(draft.name)
        if department and organisation_name_key(department) != key:
            superior = self._superior(entry, "supervising_department", department)
            if superior.is_grouping:
                draft.parent = superior
            else:
                draft.supervising = superior
        if parent and organisation_name_key(parent) != key:
            draft.parent = self._superior(entry, "parent", parent)
        draft.parent = draft.parent or draft.supervising or self._group(self._group_name(entry, draft))
        if values.get("joint_with"):
            self._plan.warn(entry.row, "joint_with", "合署办公要凭文件确定编制由谁持有，导入后请在机构页面登记")
        draft.nameplates = self._free(entry, draft.nameplates, "other_names")
        draft.aliases = self._free(entry, draft.aliases, "former_name")
        self._plan.note(entry.row, Action.CREATE, draft.name, f"列入“{draft.parent.name}”")

    def _free(self, entry: _Entry, names: tuple[str, ...], key: str) -> tuple[str, ...]:
        """The further names nobody else goes by; the others are told and left out."""
        free = []
        for name in names:
            folded = organisation_name_key(name)
            other = self._called.get(folded)
            if folded in self._own_names or (other is not None and other is not entry):
                self._plan.warn(entry.row, key, f"「{name}」已是另一单位的名称，不登记为本单位的其他名称")
            elif folded != organisation_name_key(entry.values["name"]):
                self._own_names.add(folded)
                free.append(name)
        return tuple(free)

    def _superior(self, entry: _Entry, key: str, name: str) -> UnitRef:
        known = self._known(name)
        if known is not None and not _hangs_below(known, entry.unit):
            return known
        if known is not None:
            self._plan.warn(entry.row, key, f"「{name}」又隶属于本单位，成了环，改列入分组")
            return self._group(self._group_name(entry, entry.unit))
        self._plan.warn(entry.row, key, f"本表和系统中都没有「{name}」，将作为分组建立；如名称有误请更正")
        return self._group(normalise_organisation_name(name))

    def _known(self, name: str) -> UnitRef | None:
        key = organisation_name_key(name)
        in_file = self._called.get(key)
        if in_file is not None and in_file.unit is not None and not in_file.row.rejected:
            return in_file.unit
        return self._directory.find(name).unit or self._groups.get(key)

    def _group(self, name: str) -> UnitRef:
        known = self._directory.find(name).unit
        if known is not None:
            return known
        key = organisation_name_key(name)
        if key not in self._groups:
            self._groups[key] = UnitDraft(name, {"is_grouping": True, "org_type": "90"})
        return self._groups[key]

    def _group_name(self, entry: _Entry, unit: UnitRef | None) -> str:
        section = self._sections.get((entry.row.sheet, entry.row.number))
        if section:
            return section
        org_type = unit.facts["org_type"] if isinstance(unit, UnitDraft) else "90"
        return codes("organization_type").label(org_type)

    def _in_order(self) -> list[UnitDraft]:
        """Superiors before those below them; a unit is founded no earlier than what it hangs under."""
        ordered: list[UnitDraft] = []
        done: set[int] = set()

        def add(draft: UnitDraft) -> None:
            if id(draft) in done:
                return
            done.add(id(draft))
            for above in (draft.parent, draft.supervising):
                if isinstance(above, UnitDraft):
                    add(above)
                if above is not None:
                    draft.since = max(draft.since, above.first_day if isinstance(above, Unit) else above.since)
            ordered.append(draft)

        for group in self._groups.values():
            add(group)
        for entry in self._sound():
            if isinstance(entry.unit, UnitDraft):
                add(entry.unit)
        return ordered

    # --- quotas and posts

    def _open_quota(self, entry: _Entry) -> None:
        unit, amounts = entry.unit, entry.amounts
        if unit is None or not amounts:
            return
        org_type = unit.facts["org_type"] if isinstance(unit, UnitDraft) else unit.org_type
        if org_type == NO_QUOTA_TYPE or unit.is_grouping:
            self._plan.reject(
                entry.row, "approved.total", "议事协调机构、分组不核定编制和职数（R11），请登记在承担工作的单位"
            )
            return
        self._warn_of_mixing(entry, unit)
        fresh = self._not_registered(entry, unit)
        if not fresh:
            return
        doc_no = str(entry.values.get("document_number") or "")
        if doc_no:
            dated = entry.values.get("document_date")
            objection = self._plan.papers.cite(doc_no, issued_on=dated.day if dated else None)
            if objection:
                self._plan.reject(entry.row, "document_number", objection)
                return
        self._plan.openings.append(Opening(unit, fresh, doc_no))
        listed = "、".join(f"{measure_label(measure)} {number}" for measure, number in fresh.items())
        self._plan.note(entry.row, Action.CREATE, f"{unit.name} 期初台账", listed)

    def _not_registered(self, entry: _Entry, unit: UnitRef) -> dict[str, int]:
        """The amounts of measures the unit has none of; where it has another number, the two are told."""
        if unit.id is None:
            return entry.amounts
        fresh: dict[str, int] = {}
        for measure, number in entry.amounts.items():
            registered = self._allotted.get((unit.id, measure), 0)
            if registered == 0:
                fresh[measure] = number
            elif registered != number:
                label = measure_label(measure)
                message = f"{label}登记为 {registered}，表中为 {number}，保留原登记；要改请登记台账"
                self._plan.warn(entry.row, _field_of(entry.row, measure), message)
                self._plan.note(entry.row, Action.DIFFERENT, f"{unit.name} {label}", message)
        return fresh

    def _warn_of_mixing(self, entry: _Entry, unit: UnitRef) -> None:
        """R05: what exists is taken over as it is, and said."""
        facts: Mapping[str, Any] = (
            unit.facts
            if isinstance(unit, UnitDraft)
            else {
                "org_type": unit.org_type,
                "institution_class": unit.institution_class,
            }
        )
        for measure in entry.amounts:
            quota = quota_types().get(measure)
            if quota and not quota.allowed_in(str(facts["org_type"]), str(facts.get("institution_class") or "")):
                kind = codes("organization_type").label(str(facts["org_type"]))
                message = f"{kind}一般不能使用{quota.label}（R05），照表登记，请核对机构类别或列入整改"
                self._plan.warn(entry.row, _field_of(entry.row, measure), message)


def _keys_of(entry: _Entry) -> set[str]:
    names = [entry.values["name"], entry.values.get("short_name") or "", *names_in(entry.values.get("other_names"))]
    return {organisation_name_key(name) for name in names if name}


def _hangs_below(unit: UnitRef, above: UnitRef | None) -> bool:
    seen: list[UnitRef] = []
    current: UnitRef | None = unit
    while isinstance(current, UnitDraft) and all(current is not one for one in seen):
        if current is above:
            return True
        seen.append(current)
        current = current.parent
    return False


def _cites(entry: _Entry) -> bool:
    return bool(entry.values.get("document_number"))


def _field_of(row: ParsedRow, measure: str) -> str:
    """The column a measure came from."""
    for key in (f"approved.{measure}", f"posts.{measure}", "approved.B", "approved.total"):
        if key in row.columns:
            return key
    return "name"

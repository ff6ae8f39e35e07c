"""Findings of a run: new ones, those found again (and whether they say the same), those that are gone."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bianzhi.common.db.encrypted import renew_fingerprints
from bianzhi.exchange.models import UNSETTLED, Finding, FindingState, FindingStep, Run
from bianzhi.exchange.rules.actions import Action
from bianzhi.exchange.rules.evidence import digest_of
from bianzhi.exchange.selectors.results import keyed_rows
from bianzhi.exchange.services.taking import (
    BATCH,
    Known,
    Taking,
    department_code,
    person_among,
    persons_by_number,
)
from bianzhi.kernel.masking import mask_numbers

KEPT: Final = (
    "pk", "key", "state", "lane", "severity", "last_run_id", "assignee_id", "due_on", "proposed_by_id",
    "evidence_fingerprint",
)  # fmt: skip
REWRITTEN: Final = (
    "kind", "person_key", "person_name", "person", "organization", "unit", "owner", "sources", "severity", "lane",
    "state", "evidence", "evidence_fingerprint", "last_run", "last_period", "assignee", "due_on",
    "proposed_by", "closed_on",
)  # fmt: skip
REOPENING: Final[Mapping[str, str]] = {
    FindingState.CLOSED: "消除后再次出现",
    FindingState.DISMISSED: "原认定不成立，现证据变化",
    FindingState.CONFIRMED: "原认定属实，现证据变化，须重新提出意见并复核；已据此办理或登记问题的，一并核对",
}
"""The state a finding was settled in → why it is open again when it is found with other evidence."""


@dataclass(slots=True)
class _Before:
    """A finding as it stood before this run."""

    pk: int
    state: str
    lane: str
    severity: str
    last_run_id: int
    assignee_id: int | None
    due_on: date | None
    proposed_by_id: int | None
    evidence: str


@dataclass(slots=True)
class _Sorted:
    """What a piece of the table means for what stands."""

    new: list[Finding] = field(default_factory=list)
    same: list[int] = field(default_factory=list)
    changed: list[Finding] = field(default_factory=list)
    steps: list[FindingStep] = field(default_factory=list)


def take_findings(act: Taking) -> dict[str, Any]:
    """Bring the findings in line with the run, in pieces; returns how many were new, the same, changed, gone.

    A confirmed or dismissed one found with the same evidence stays so; with other evidence it is open again.
    """
    before = _before()
    seen: set[str] = set()
    counted: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    lanes: Counter[str] = Counter()
    for rows in keyed_rows(act.folder, "findings", seen):
        kinds.update(row["kind"] for row in rows)
        lanes.update(row["lane"] for row in rows)
        sorted_ = _sort(act, rows, before)
        _write(act, sorted_)
        counted.update(new=len(sorted_.new), same=len(sorted_.same), changed=len(sorted_.changed))
    counted["gone"] = _close(act, before, seen)
    return {"kinds": dict(kinds), "lanes": dict(lanes), "findings": dict(counted)}


def _before() -> dict[str, _Before]:
    """Every finding as it stands, locked until the run is taken in: whoever decides meanwhile decides after it."""
    held = Finding.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    return {key: _Before(pk, *rest) for pk, key, *rest in held.values_list(*KEPT).iterator(chunk_size=5000)}


def _sort(act: Taking, rows: list[dict[str, Any]], before: Mapping[str, _Before]) -> _Sorted:
    persons = persons_by_number(line.get("id_number") for row in rows for line in row["rows"] or ())
    found = _Sorted()
    for row in rows:
        finding = _finding(act, row, persons)
        renew_fingerprints([finding])
        old = before.get(row["key"])
        if old is None:
            found.new.append(finding)
            continue
        finding.pk = old.pk
        is_same = (old.evidence, old.lane, old.severity) == (
            finding.evidence_fingerprint,
            finding.lane,
            finding.severity,
        )
        if is_same and old.state != FindingState.CLOSED:
            found.same.append(old.pk)
        else:
            found.steps += _stand_again(act.run, finding, old)
            found.changed.append(finding)
    return found


def _finding(act: Taking, row: Mapping[str, Any], persons: Mapping[str, Known]) -> Finding:
    lines, facts = list(row["rows"] or ()), dict(row["facts"] or {})
    own_code = next((line.get("unit_code") for line in lines if line.get("source") == "establishment"), None)
    evidence = {
        "facts": facts,
        "rows": lines,
        "explanation": row.get("explanation") or "",
        "rule": row.get("rule") or row.get("rule_digest") or "",
        "digest": digest_of(facts, lines),
    }
    return Finding(
        key=row["key"],
        kind=row["kind"],
        person_key=row.get("person_key") or "",
        person_name=mask_numbers(row.get("name") or "")[:80],
        person_id=person_among(lines, persons),
        organization_id=act.unit(row.get("unit"), own_code),
        unit=mask_numbers(row.get("unit") or "")[:200],
        owner=department_code(row.get("owner")),
        sources=row.get("sources") or "",
        severity=row["severity"],
        lane=row["lane"],
        evidence=evidence,
        first_run=act.run,
        last_run=act.run,
        first_period=act.run.period,
        last_period=act.run.period,
        found_on=act.today,
    )


def _stand_again(run: Run, finding: Finding, old: _Before) -> list[FindingStep]:
    """Where a finding stands that was found again and says something else, with the lines of its history.

    What two persons have settled, they have settled of the evidence they saw (R25): it is open again and in
    nobody's hands.
    """
    if why := REOPENING.get(old.state):
        finding.state = FindingState.OPEN
        return [_step(run, finding, Action.REOPENED, f"{run.period} 核对：{why}")]
    steps = [_step(run, finding, Action.CHANGED, f"{run.period} 核对：各部门所报有变化")]
    finding.state, finding.proposed_by_id = FindingState(old.state), old.proposed_by_id
    finding.assignee_id, finding.due_on = old.assignee_id, old.due_on
    if old.state == FindingState.PROPOSED:
        finding.proposed_by = None
        finding.state = FindingState.ASSIGNED if old.assignee_id else FindingState.OPEN
        steps.append(_step(run, finding, Action.LAPSED, "处理意见所据证据已变化，请重新提出"))
    return steps


def _write(act: Taking, found: _Sorted) -> None:
    run = act.run
    Finding.objects.bulk_create(found.new, batch_size=BATCH)
    Finding.objects.filter(pk__in=found.same).update(last_run=run, last_period=run.period)
    Finding.objects.bulk_update(found.changed, REWRITTEN, batch_size=100)
    born = [_step(run, finding, Action.FOUND, f"{run.period} 核对发现") for finding in found.new]
    FindingStep.objects.bulk_create([*born, *found.steps], batch_size=BATCH)


def _close(act: Taking, before: Mapping[str, _Before], seen: set[str]) -> int:
    """Findings a run no longer makes are gone, where it looked at every department the last finder looked at."""
    looked = {pk: set(told.get("departments", ())) for pk, told in _runs_of(before)}
    gone = [
        old.pk
        for key, old in before.items()
        if key not in seen and old.state in UNSETTLED and looked.get(old.last_run_id, set()) <= act.departments
    ]
    for start in range(0, len(gone), 5000):
        piece = gone[start : start + 5000]
        Finding.objects.filter(pk__in=piece).update(state=FindingState.CLOSED, closed_on=act.today)
        text = f"{act.run.period} 核对不再出现"
        steps = [FindingStep(finding_id=pk, action=Action.GONE.value, text=text, run=act.run) for pk in piece]
        FindingStep.objects.bulk_create(steps, batch_size=BATCH)
    return len(gone)


def _runs_of(before: Mapping[str, _Before]) -> list[tuple[int, Mapping[str, Any]]]:
    wanted = {old.last_run_id for old in before.values()}
    return list(Run.objects.filter(pk__in=wanted).values_list("pk", "inputs"))


def _step(run: Run, finding: Finding, action: Action, text: str) -> FindingStep:
    return FindingStep(finding=finding, action=action.value, text=text, run=run)

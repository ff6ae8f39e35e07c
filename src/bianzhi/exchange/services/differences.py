"""Difference lists: what a run found, given back to each department in its own columns, as signed files."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.web.exports import Heading, Table, write_csv, write_xlsx
from bianzhi.exchange import files
from bianzhi.exchange.models import UNSETTLED, Dispatch, Finding, FindingState, Run, RunState, Source
from bianzhi.exchange.rules.differences import Department, Difference, columns_of, lines_of
from bianzhi.exchange.rules.dispatching import DIFFERENCES, TOLD
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.services.dispatches import News, give_back
from bianzhi.kernel.digests import canonical_json
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.reconciliation.contracts.columns import COLUMN_LABELS
from bianzhi.reconciliation.contracts.inverse import own_codes, own_headings
from bianzhi.reconciliation.findings.rules import KINDS

RUN: Final = "exchange.run"


@unit_of_work
def give_back_differences(*, actor: Actor, run_id: int) -> list[Dispatch]:
    """Give each department the differences of a run that are its to act on or stand on its rows.

    An accusation is told only once a second person has confirmed it; what is to be looked into goes to the department
    that owns it. The same content again is the same dispatch. Raises Denied, and Refused (K25) for an unfinished run.
    """
    require(actor, RUN)
    run = Run.objects.filter(pk=run_id, state=RunState.DONE).first()
    if run is None:
        raise Refused([Objection("K25", "这次核对不存在或尚未完成", next_step="请在核对完成后生成差异清单")])
    given = []
    for source in Source.objects.filter(is_active=True, department__in=TOLD).order_by("pk"):
        made = _list_for(run, source)
        if made.lines:
            given.append(give_back(actor=actor, source_id=source.pk, news=_news(run, source, made)))
    return given


@dataclass(frozen=True, slots=True)
class _List:
    columns: list[str]
    lines: list[list[str]]
    findings: int

    @property
    def digest(self) -> str:
        """The same content has the same one, whenever its files were written."""
        return hashlib.sha256(canonical_json([self.columns, self.lines]).encode()).hexdigest()


def _list_for(run: Run, source: Source) -> _List:
    department = _department(run, source)
    differences = [_difference(finding) for finding in concerning(run, source.department).iterator(chunk_size=500)]
    return _List(columns_of(department), lines_of(department, differences), len(differences))


def concerning(run: Run, department: str) -> QuerySet[Finding]:
    """The findings of a run that a department may be told of."""
    on_its_rows = Q(owner=department) | Q(sources__contains=f",{department},")
    to_look_into = Q(lane="review", owner=department, state__in=UNSETTLED)
    told = (Q(state=FindingState.CONFIRMED) & on_its_rows) | to_look_into
    return Finding.objects.filter(told, last_run=run).order_by("kind", "pk")


def _department(run: Run, source: Source) -> Department:
    schema = _schema(source)
    headings = own_headings(schema) if schema else dict(COLUMN_LABELS)
    codes = {column: own_codes(schema, column) for column in headings} if schema else {}
    first = Source.objects.filter(is_active=True, department=source.department).order_by("pk").first()
    return Department(
        code=source.department,
        headings=headings,
        codes=codes,
        deliveries=frozenset(run.deliveries.filter(source=source).values_list("sha256", flat=True)),
        answers_for_absent=first is not None and first.pk == source.pk,
    )


def _schema(source: Source) -> dict[str, Any]:
    contract = in_force(source)
    return dict(contract.schema) if contract is not None else {}


def _difference(finding: Finding) -> Difference:
    kind = KINDS.get(finding.kind)
    return Difference(
        number=f"CY{finding.pk:06d}",
        label=kind.label if kind else finding.kind,
        explanation=str(finding.evidence.get("explanation") or ""),
        next_step=kind.next_step if kind else "",
        owner=finding.owner,
        rows=finding.evidence.get("rows") or (),
    )


def _news(run: Run, source: Source, made: _List) -> News:
    key = f"{DIFFERENCES}:{run.pk}:{made.digest[:16]}"
    known = Dispatch.objects.filter(source=source, key=key).first()
    if known is not None:
        return News(known.kind, key, known.payload, known.files, run.pk)
    kept = {name: files.keep(data) for name, data in _written(run, source, made).items()}
    payload = {
        "period": run.period,
        "run": run.pk,
        "findings": made.findings,
        "rows": len(made.lines),
        "columns": made.columns,
        "files": {name: {"sha256": one.sha256, "sm3": one.sm3, "size": one.size} for name, one in kept.items()},
    }
    return News(DIFFERENCES, key, payload, {name: one.sha256 for name, one in kept.items()}, run.pk)


def _written(run: Run, source: Source, made: _List) -> dict[str, bytes]:
    notes = [("名称", f"{source.name} {run.period} 差异清单"), ("核对", str(run)), ("差异", f"{made.findings} 项")]
    table = Table("差异清单", [Heading(name) for name in made.columns], made.lines, notes)
    sheet, text = io.BytesIO(), io.BytesIO()
    write_xlsx(table, sheet)
    write_csv(table, text)
    return {"xlsx": sheet.getvalue(), "csv": text.getvalue(), "json": _as_json(run, made.columns, made.lines)}


def _as_json(run: Run, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> bytes:
    whole = {"period": run.period, "columns": list(columns), "rows": [list(line) for line in lines]}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()

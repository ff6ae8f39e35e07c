"""T02 机构编制台账: the overview of all units, one unit's statement, its sheet for paper, and the workbook."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web import exports
from bianzhi.common.web.access import MissingPermission, PageRequest, page
from bianzhi.common.web.context import Shell
from bianzhi.common.web.releasing import Wanted
from bianzhi.kernel import clock
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.statement import Row, Statement, statements
from bianzhi.ledger.web.known import known_context, with_known
from bianzhi.organizations.scopes import visible_organization_ids

TITLE = "机构编制台账"
EXPORT_PERMISSION = "reports.export"


@dataclass(frozen=True, slots=True)
class Cells:
    """增、减、结存 of one measure in one line of the table; blanks where it did not move."""

    increase: int | None
    decrease: int | None
    balance: int | None


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of the statement laid out under its columns."""

    row: Row
    cells: tuple[Cells, ...]


@page("ledger.view")
@require_safe
@with_known
def statement_overview(request: PageRequest, *, known: date | None) -> HttpResponseBase:
    """The closing balances of every unit within the user's scope; `?export=xlsx` gives all their statements."""
    found = statements(visible_organization_ids(request.user, request.as_of), request.as_of, known_on=known)
    found = [statement for statement in found if statement.rows]
    if request.GET.get("export"):
        return _workbook(request, found, known)
    text = " ".join(request.GET.get("q", "").split())
    shown = [one for one in found if text in one.unit.name or text in one.unit.code]
    held = measures.in_order({measure for one in shown for measure in one.measures})
    lines = [(one, [one.closing.get(measure, 0) for measure in held]) for one in shown]
    context = {
        "text": text,
        "heads": [measures.short(measure) for measure in held],
        "lines": lines,
        "sums": [sum(amounts[column] for _, amounts in lines) for column in range(len(held))],
        "may_export": request.user.can(EXPORT_PERMISSION),
        **known_context(request, known),
    }
    return render(request, "ledger/statement_overview.html", context)


@page("ledger.view")
@require_safe
@with_known
def statement(request: PageRequest, organization_id: int, *, known: date | None) -> HttpResponseBase:
    """The statement of one unit with running balances."""
    found = _of_unit(request, organization_id, known)
    if request.GET.get("export"):
        return _workbook(request, [found], known)
    context = {**_table(found), "may_export": request.user.can(EXPORT_PERMISSION), **known_context(request, known)}
    return render(request, "ledger/statement.html", context)


@page("ledger.view")
@require_safe
@with_known
def statement_sheet(request: PageRequest, organization_id: int, *, known: date | None) -> HttpResponse:
    """The statement of one unit for paper, A3 across."""
    found = _of_unit(request, organization_id, known)
    return render(request, "ledger/statement_sheet.html", {**_table(found), **known_context(request, known)})


def _of_unit(request: PageRequest, organization_id: int, known: date | None) -> Statement:
    visible = visible_organization_ids(request.user, request.as_of)
    found = statements([organization_id], request.as_of, known_on=known)
    if not found or (visible is not None and organization_id not in visible):
        raise Http404("没有这个单位，或者它不在您的管理范围内。")
    return found[0]


def _table(found: Statement) -> dict[str, Any]:
    columns = [*found.measures, *found.posts]
    rows = [TableRow(row, tuple(_cells(row, measure) for measure in columns)) for row in found.rows]
    return {
        "statement": found,
        "quota_heads": [(measure, measures.label(measure)) for measure in found.measures],
        "post_heads": [(measure, measures.label(measure)) for measure in found.posts],
        "rows": rows,
        "closing": [found.closing.get(measure, 0) for measure in columns],
    }


def _cells(row: Row, measure: str) -> Cells:
    change = row.changes.get(measure)
    if change is None:
        return Cells(None, None, row.balances.get(measure))
    return Cells(change.increase or None, change.decrease or None, change.balance)


def _workbook(request: PageRequest, found: Sequence[Statement], known: date | None) -> HttpResponseBase:
    """All rows of the statements under one head, with every measure's 增、减、结存; audit is told."""
    if not request.user.can(EXPORT_PERMISSION):
        raise MissingPermission(EXPORT_PERMISSION)
    columns = measures.in_order({measure for one in found for measure in (*one.measures, *one.posts)})
    facts = ("单位编码", "单位名称", "生效日期", "台账号", "种类", "批准文号", "审批机关", "事由摘要")
    sides = tuple(f"{measures.short(measure)}{side}" for measure in columns for side in ("增", "减", "结存"))
    labels = (*facts, *sides, "内设机构数", "备注")
    widths = {"单位名称": 30, "事由摘要": 44, "批准文号": 22, "审批机关": 22, "台账号": 16, "备注": 28}
    headings = [exports.Heading(label, widths.get(label, 0)) for label in labels]
    name = found[0].unit.name if len(found) == 1 else "全部单位"
    table = exports.Table(TITLE, headings, _sheet_rows(found, columns), _notes(request, name, known))
    wanted = Wanted(
        "ledger.statement",
        TITLE,
        "xlsx",
        f"{TITLE}_{name}_{request.as_of:%Y%m%d}",
        labels,
        (f"单位：{name}",),
        rows=sum(len(one.rows) for one in found),
        of_persons=False,
    )
    return exports.send_table(request, table, wanted)


def _sheet_rows(found: Sequence[Statement], columns: Sequence[str]) -> Iterator[list[exports.Cell]]:
    for one in found:
        for row in one.rows:
            source = row.source
            line: list[exports.Cell] = [one.unit.code, one.unit.name, source.effective_on, source.number, source.kind]
            line += [source.doc_no, source.issuer, source.summary]
            for measure in columns:
                cells = _cells(row, measure)
                line += [cells.increase, cells.decrease, cells.balance]
            yield [*line, row.bodies, source.note]


def _notes(request: PageRequest, name: str, known: date | None) -> list[tuple[str, str]]:
    notes = [
        ("名称", TITLE),
        ("单位", name),
        ("截止日期", request.as_of.isoformat()),
        ("登记截至", known.isoformat() if known else "导出时"),
        ("制表人", str(request.user.display_name)),
        ("导出时间", clock.now().strftime("%Y-%m-%d %H:%M")),
    ]
    return [*notes, ("提示", "数据为虚构示例，不作依据")] if Shell(request).is_synthetic else notes

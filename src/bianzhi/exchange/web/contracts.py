"""数据契约: seen, edited field by field or as JSON, compared with the one in force, tried on a file, published."""

import json
from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.tabular.errors import UnreadableFile
from bianzhi.common.tabular.limits import MEBIBYTE
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.common.working_files import workspace
from bianzhi.exchange.models import Contract, Source
from bianzhi.exchange.rules.deliveries import clean_name
from bianzhi.exchange.selectors.contracts import draft_of, in_force
from bianzhi.exchange.services.contracts import draft_contract, problems_of, publish_contract
from bianzhi.exchange.web.contract_editing import COLUMNS, FORMATS, PERIODS, edited_fields, schema_of
from bianzhi.exchange.web.contract_words import contract_rows
from bianzhi.exchange.web.delivery_forms import SampleForm
from bianzhi.intake import gate
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.contracts.differences import differences
from bianzhi.reconciliation.contracts.shape import part_of, texts_of
from bianzhi.reconciliation.reading.limited import read_file
from bianzhi.reconciliation.reading.limits import ReadingLimits
from bianzhi.reconciliation.reading.report import ReadingReport

SAMPLE: Final = ReadingLimits(file_bytes=20 * MEBIBYTE, cpu_seconds=30, wall_seconds=60, rows=300_000)
LONGEST_JSON: Final = 1_000_000


@page("exchange.sources")
@require_safe
def contract(request: PageRequest, pk: int) -> HttpResponse:
    """One version, and what it changed."""
    found = get_visible_or_404(Contract, request.user, pk)
    before = Contract.objects.filter(source=found.source, version__lt=found.version).order_by("-version").first()
    context = {
        "contract": found,
        "source": found.source,
        "rows": contract_rows(found.schema),
        "text": _text(found.schema),
        "changes": differences(before.schema, found.schema) if before else [],
        "before": before,
        "compared": f"与第 {before.version} 版相比" if before else "",
    }
    return render(request, "exchange/contract.html", context)


@page("exchange.configure")
@require_http_methods(["GET", "POST"])
def contract_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Work on the next version: by the controls of its fields, or as JSON."""
    source = get_visible_or_404(Source, request.user, pk)
    if request.method != "POST":
        return _editor(request, source, _draft_schema(source))
    if request.POST.get("by") == "json":
        return _from_json(request, source)
    schema = schema_of(request.POST.dict(), _draft_schema(source))
    draft_contract(actor=request.user, source_id=source.pk, schema=schema)
    return _saved(request, source, schema)


def _from_json(request: PageRequest, source: Source) -> HttpResponse:
    text = request.POST.get("json", "")
    try:
        schema = _parsed(text)
    except ValueError as error:
        return _editor(request, source, _draft_schema(source), text=text, broken=str(error))
    draft_contract(actor=request.user, source_id=source.pk, schema=schema)
    return _saved(request, source, schema)


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_JSON:
        raise ValueError(f"JSON 有 {len(text)} 个字符，超过上限 {LONGEST_JSON} 个")
    try:
        schema = json.loads(text, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"不是正确的 JSON：第 {error.lineno} 行第 {error.colno} 列附近有误") from error
    except RecursionError as error:
        raise ValueError("JSON 嵌套过深") from error
    if not isinstance(schema, dict):
        raise ValueError("JSON 的最外层应为对象 { }")
    if not _is_keepable(schema):
        raise ValueError("JSON 中含有不能保存的字符（\\u0000 或半个字符 \\ud800 至 \\udfff）")
    return schema


def _is_keepable(schema: Mapping[str, Any]) -> bool:
    """No database keeps the character 0 or half a character in JSON."""
    text = json.dumps(schema, ensure_ascii=False)
    return "\\u0000" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _no_number(word: str) -> float:
    raise ValueError(f"JSON 中不能有 {word}，数值应为普通数字")


def _saved(request: PageRequest, source: Source, schema: Mapping[str, Any]) -> HttpResponse:
    problems = problems_of(schema)
    page_of_it = reverse("exchange:contract_edit", args=[source.pk])
    if problems:
        notice = f"草稿已保存，还有 {len(problems)} 处问题。"
        return redirect_with_notice(request, page_of_it, notice, level="warning")
    return redirect_with_notice(request, page_of_it, "草稿已保存，可以试读样例或发布。")


def _editor(
    request: PageRequest, source: Source, schema: Mapping[str, Any], *, text: str = "", broken: str = ""
) -> HttpResponse:
    current = in_force(source)
    context = {
        "source": source,
        "draft": draft_of(source),
        "current": current,
        "fields": edited_fields(schema),
        "hub": part_of(schema, "hub"),
        "key": "、".join(texts_of(schema, "primaryKey")),
        "missing": "、".join(word for word in texts_of(schema, "missingValues") if word),
        "columns": COLUMNS,
        "formats": FORMATS,
        "periods": PERIODS,
        "text": text or _text(schema),
        "broken": broken,
        "problems": problems_of(schema),
        "changes": differences(current.schema, schema) if current else [],
    }
    return render(request, "exchange/contract_edit.html", context, status=422 if broken else 200)


@page("exchange.configure")
@require_http_methods(["GET", "POST"])
def contract_publish(request: PageRequest, pk: int) -> HttpResponse:
    """See what would change, and put it in force."""
    source = get_visible_or_404(Source, request.user, pk)
    draft, current = draft_of(source), in_force(source)
    objections: tuple[Any, ...] = ()
    if request.method == "POST":
        try:
            made = publish_contract(actor=request.user, source_id=source.pk, note=typed(request, "note", label="说明"))
        except Refused as refusal:
            objections = refusal.objections
        else:
            notice = f"第 {made.version} 版已生效，以后读取的报送都按新版。"
            return redirect_with_notice(request, reverse("exchange:source", args=[source.pk]), notice)
    context = {
        "source": source,
        "draft": draft,
        "current": current,
        "changes": differences(current.schema if current else {}, draft.schema) if draft else [],
        "problems": problems_of(draft.schema) if draft else (),
        "objections": objections,
    }
    return render(request, "exchange/contract_publish.html", context, status=422 if objections else 200)


@page("exchange.configure")
@require_http_methods(["GET", "POST"])
def contract_test(request: PageRequest, pk: int) -> HttpResponse:
    """Try the draft (or the contract in force) on a file; nothing is kept."""
    source = get_visible_or_404(Source, request.user, pk)
    form = SampleForm(request.POST or None, request.FILES or None)
    report: ReadingReport | None = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            data, name = file.read(SAMPLE.file_bytes + 1), clean_name(file.name)
            gate.look_at(data, name, gate.Wanted.TABLES, actor=request.user)
            report = _tried(source, data, name)
        except (UnreadableFile, Refused) as refusal:
            form.add_error("file", str(refusal))
    problems = problems_of(_draft_schema(source))
    context = {"source": source, "draft": draft_of(source), "form": form, "report": report, "problems": problems}
    invalid = request.method == "POST" and report is None
    return render(request, "exchange/contract_test.html", context, status=422 if invalid else 200)


def _tried(source: Source, data: bytes, name: str) -> ReadingReport:
    with workspace("contract-") as folder:
        path = folder / "sample"
        path.write_bytes(data)
        return read_file(
            path,
            contract=_draft_schema(source),
            department=source.department,
            delivery="",
            out=folder / "roster.parquet",
            name=name,
            limits=SAMPLE,
        )


def _draft_schema(source: Source) -> dict[str, Any]:
    found = draft_of(source) or in_force(source)
    return dict(found.schema) if found else {}


def _text(schema: Mapping[str, Any]) -> str:
    return json.dumps(schema, ensure_ascii=False, indent=2)

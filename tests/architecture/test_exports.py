"""Every file a page sends goes through the gate of exports, or stands here with the reason why it does not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import bianzhi

SOURCE = Path(bianzhi.__path__[0])
WRITING = {"write_xlsx", "write_csv", *("openpyxl.Workbook", "openpyxl.load_workbook", "xlsxwriter.Workbook")}
WRITING |= {"csv.writer", "csv.DictWriter"}
SENDING = {"FileResponse", "StreamingHttpResponse", "attachment"}
BY_CONTRACT = "按契约提供给部门系统，逐次记录：机器交接不设审批"
ONE_DOCUMENT = "单件附件或公文，不是名册；按可见范围提供，逐次记录或为办件材料"

THE_WAY = {
    "common/web/exports.py": "writes tables with their watermark, and hands them to the gate",
    "common/web/releasing.py": "the gate: asked before anything is written, on record before it is sent",
    "reports/output/xlsx.py": "writes reports with the mark and the limit of their release",
    "reports/web/reports.py": "asks the gate",
    "disclosure/web/requests.py": "sends the file of an approved request, counted and on record",
}
OTHERS = {
    "archives/services/packages/catalogues.py": "the catalogue inside a transfer package, whose contents are fixed",
    "archives/web/packages.py": "移交包：法定移交，经办人有档案管理权限，逐次记录",
    "archives/web/pdf_files.py": "one item; its copy is watermarked, each opening on record; the original is evidence",
    "archives/web/pictures.py": "one page as a picture, watermarked",
    "common/tabular/annotating.py": "the uploader's own workbook with comments",
    "common/tabular/templates.py": "an empty template",
    "common/web/kept_files.py": ONE_DOCUMENT,
    "demo/exchange_runs.py": "invented deliveries of the demo",
    "exchange/api/operations.py": BY_CONTRACT,
    "exchange/services/differences.py": BY_CONTRACT,
    "exchange/web/deliveries.py": BY_CONTRACT,
    "exchange/web/dispatches.py": BY_CONTRACT,
    "imports/web/batches.py": "an empty template",
    "imports/web/findings.py": "the uploader's own file",
    "matters/web/papers_pdf.py": "a paper that must be the same file every time to be verified",
    "config/health.py": "two letters of health",
    "config/metrics.py": "counts for the monitoring; no row",
    "office/web/feeds.py": "the own calendar",
    "workflow/web/versions.py": "a flow diagram; nobody's data",
}


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    function = node.func
    if isinstance(function, ast.Attribute):
        owner = getattr(function.value, "id", "")
        return f"{owner}.{function.attr}" if owner in {"csv", "openpyxl", "xlsxwriter"} else function.attr
    return getattr(function, "id", "")


def signs(source: str) -> Iterator[str]:
    """What in a module makes or sends a file."""
    for node in ast.walk(ast.parse(source)):
        name = called(node)
        if name in SENDING or name in WRITING:
            yield name
        if (
            isinstance(node, ast.Call)
            and name == "HttpResponse"
            and any(word.arg == "content_type" for word in node.keywords)
        ):
            yield "HttpResponse(content_type=…)"
        if isinstance(node, ast.Constant) and node.value == "Content-Disposition":
            yield "Content-Disposition"


def senders() -> dict[str, list[str]]:
    found = {}
    for file in sorted(SOURCE.rglob("*.py")):
        path = file.relative_to(SOURCE).as_posix()
        if path.startswith(("reconciliation/", "recognition/")):
            continue
        if seen := sorted(set(signs(file.read_text("utf-8")))):
            found[path] = seen
    return found


def test_every_module_that_makes_or_sends_a_file_is_known():
    new = {path: seen for path, seen in senders().items() if path not in THE_WAY and path not in OTHERS}
    assert new == {}, "send tables by common.web.exports.send_table, or say here why a file is no export"


def test_no_reason_outlives_what_it_was_given_for():
    assert (THE_WAY.keys() | OTHERS.keys()) - senders().keys() == {"reports/web/reports.py"}


def test_a_new_way_out_would_be_found():
    assert list(signs("from django.http import FileResponse\ndef view(r): return FileResponse(open('x'))"))
    assert list(signs("response['Content-Disposition'] = 'attachment'"))
    assert list(signs("import csv\ncsv.writer(f).writerows(people)"))
    assert list(signs("book = openpyxl.Workbook()"))
    assert not list(signs("return render(request, 'page.html')"))


def test_tables_leave_by_the_gate_only():
    """Nothing but the gate calls a writer for what a person takes away."""
    for path, seen in senders().items():
        if {"write_xlsx", "write_csv"} & set(seen):
            assert path in THE_WAY or OTHERS[path] == BY_CONTRACT or "package" in OTHERS[path], path

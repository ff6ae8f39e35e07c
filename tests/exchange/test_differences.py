"""Difference lists: in the department's own columns, nothing that is not its business, signed, once."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.exchange import files, signing
from bianzhi.exchange.models import Delivery, Dispatch, Finding, Run, Source
from bianzhi.exchange.rules.differences import ADDED, Department, Difference, columns_of, lines_of
from bianzhi.exchange.services.contracts import draft_contract, publish_contract
from bianzhi.exchange.services.differences import give_back_differences
from bianzhi.exchange.services.packages import check_package, open_dispatch, package_of
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.contracts.defaults import default_schema
from tests.cast import TODAY, Limited
from tests.exchange.interface import BUILDER, Caller, make_key, make_source

pytestmark = pytest.mark.django_db

PAID = {"source": "finance", "delivery": "f" * 64, "row": 7, "name": "张三", "id_number": "330699X", "unit": "财政局"}
LISTED = {
    "source": "establishment",
    "delivery": "e" * 64,
    "row": 2,
    "name": "张叁",
    "unit": "测试区财政局",
    "pay": None,
}
EMPLOYED = {"source": "hr", "delivery": "a" * 64, "row": 3, "name": "张三", "status": "退休", "unit": "区财政"}


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture
def run(db: None) -> Run:
    return Run.objects.create(period="2026-02", state="done")


@pytest.fixture
def finance(run: Run) -> Source:
    source = make_source(code="finance", department="finance", name="财政工资系统")
    delivery = Delivery.objects.create(
        source=source, period="2026-02", sha256="f" * 64, sm3="0" * 64, file_name="工资.xlsx", size=1
    )
    run.deliveries.add(delivery)
    return source


@pytest.fixture
def find(run: Run) -> Callable[..., Finding]:
    """A finding of the run: find("ghost", PAID, owner="finance")."""

    def make(kind: str, *rows: dict[str, Any], owner: str = "finance", **facts: Any) -> Finding:
        number = Finding.objects.count()
        told = {
            "lane": "accuse", "state": "confirmed", "severity": "red", "person_name": "张三", "unit": "测试区财政局",
            "evidence": {"rows": list(rows), "explanation": f"说明{number}"}, "first_run": run, "last_run": run,
            "first_period": "2026-02", "last_period": "2026-02", "found_on": TODAY,
            "sources": f",{','.join(sorted({row['source'] for row in rows}))},",
        }  # fmt: skip
        return Finding.objects.create(key=f"k{number}", kind=kind, owner=owner, **{**told, **facts})

    return make


Find = Callable[..., Finding]


def give(run: Run) -> list[Dispatch]:
    return give_back_differences(actor=BUILDER, run_id=run.pk)


def table(dispatch: Dispatch) -> tuple[list[str], list[dict[str, str]]]:
    whole = json.loads(files.read(dispatch.files["json"]))
    return whole["columns"], [dict(zip(whole["columns"], row, strict=True)) for row in whole["rows"]]


# --- what is on them ---------------------------------------------------------------------------------------------


def test_a_department_reads_its_own_row_under_its_own_headings(run: Run, finance: Source, find: Find):
    draft_contract(actor=BUILDER, source_id=finance.pk, schema=_schema())
    publish_contract(actor=BUILDER, source_id=finance.pk)
    finding = find("unit_mismatch", PAID, LISTED)
    columns, rows = table(give(run)[0])
    assert columns == ["人员姓名", "证件号码", "发薪单位", *ADDED]
    assert rows == [
        {
            "人员姓名": "张三",
            "证件号码": "330699X",
            "发薪单位": "财政局",
            "差异编号": f"CY{finding.pk:06d}",
            "差异类别": rows[0]["差异类别"],
            "差异说明": "说明0",
            "处理建议": rows[0]["处理建议"],
            "责任部门": "财政局",
            "本行来自": "贵方数据",
            "文件行号": "7",
            "编办登记姓名": "张叁",
            "编办登记单位": "测试区财政局",
        }
    ]


def _schema() -> dict[str, Any]:
    """The usual contract of the department, cut down to three columns under headings of its own."""
    fields = {field["hub"]["column"]: field for field in default_schema("finance")["fields"]}
    wanted = {"name": "人员姓名", "id_number": "证件号码", "unit": "发薪单位"}
    return {"fields": [{**fields[column], "title": title} for column, title in wanted.items()]}


def test_an_accusation_is_told_only_when_a_second_person_confirmed_it(run: Run, finance: Source, find: Find):
    for state in ("open", "assigned", "proposed", "dismissed", "closed"):
        find("ghost", PAID, state=state)
    assert give(run) == []
    find("ghost", PAID)
    assert [dispatch.payload["rows"] for dispatch in give(run)] == [1]


def test_what_is_to_be_looked_into_goes_to_its_owner_alone(run: Run, finance: Source, find: Find):
    hr = make_source(code="hr", department="hr")
    find("same_person", PAID, EMPLOYED, lane="review", state="open", owner="finance")
    assert [dispatch.source for dispatch in give(run)] == [finance]
    assert not Dispatch.objects.filter(source=hr).exists()


def test_nobody_reads_the_rows_of_another_department(run: Run, finance: Source, find: Find):
    find("retired_paid", PAID, EMPLOYED)
    cells = [cell for row in table(give(run)[0])[1] for cell in row.values()]
    assert "张三" in cells
    assert "区财政" not in cells
    assert "退休" not in cells


def test_whom_a_department_lacks_is_shown_as_the_register_has_it(run: Run, finance: Source, find: Find):
    find("unpaid", LISTED, EMPLOYED, owner="finance")
    _, rows = table(give(run)[0])
    assert (rows[0]["姓名"], rows[0]["本行来自"], rows[0]["文件行号"]) == ("张叁", "编办（贵方没有此行）", "")


def test_of_two_sources_of_a_department_each_gets_the_rows_it_delivered(run: Run, finance: Source, find: Find):
    second = make_source(code="finance2", department="finance")
    find("ghost", PAID)
    find("unpaid", LISTED)
    assert [(each.source, each.payload["rows"]) for each in give(run)] == [(finance, 2)]
    assert not Dispatch.objects.filter(source=second).exists()


def test_an_earlier_run_has_its_own_findings(run: Run, finance: Source, find: Find):
    find("ghost", PAID)
    later = Run.objects.create(period="2026-03", state="done")
    assert give(later) == []


def test_words_go_back_as_the_departments_own_codes():
    department = Department("finance", {"sex": "性别", "name": "差异编号"}, {"sex": {"男": "1"}}, frozenset({"d"}))
    row = {"source": "finance", "delivery": "d", "row": 1, "sex": "男", "name": "张三"}
    (line,) = lines_of(department, [Difference("CY1", "类", "说明", "", "finance", [row])])
    assert line[:3] == ["1", "张三", "CY1"]
    assert columns_of(department)[:3] == ["性别", "差异编号", "核对：差异编号"]


# --- once, signed, checkable -------------------------------------------------------------------------------------


def test_the_same_content_is_one_list_and_new_content_another(run: Run, finance: Source, find: Find):
    find("ghost", PAID)
    assert give(run) == give(run)
    find("ghost", {**PAID, "row": 8})
    give(run)
    assert Dispatch.objects.count() == 2
    assert AuditEntry.objects.filter(action="exchange.dispatched").count() == 2


def test_the_three_files_hold_the_same(run: Run, finance: Source, find: Find):
    find("ghost", {**PAID, "name": "=1+1"})
    dispatch = give(run)[0]
    columns, rows = table(dispatch)
    text = list(csv.DictReader(io.StringIO(files.read(dispatch.files["csv"]).decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(files.read(dispatch.files["xlsx"])))["数据"]
    cells = list(sheet.iter_rows(values_only=True))
    assert list(cells[0]) == columns
    assert [str(cell or "") for cell in cells[1]] == list(rows[0].values())
    assert list(text[0].values()) == [value.replace("=1+1", "'=1+1") for value in rows[0].values()]


def test_a_package_is_checked_and_a_changed_byte_is_found(run: Run, finance: Source, find: Find, tmp_path: Path):
    find("ghost", PAID)
    package = tmp_path / "差异清单.zip"
    package.write_bytes(package_of(give(run)[0]))
    assert [(one.what, one.holds) for one in check_package(package)] == [
        ("签名", True),
        ("差异清单.csv", True),
        ("差异清单.json", True),
        ("差异清单.xlsx", True),
    ]
    assert all(one.holds for one in check_package(package, signing.public_pem()))
    assert _held(_with(package, "差异清单.csv", b"x")) == [True, False, True, True]
    assert _held(_with(package, "manifest.json", b"{}")) == [False]
    with pytest.raises(ValueError, match="不是编制通的差异清单包"):
        check_package(_with(package, "", b""))


def _held(path: Path) -> list[bool]:
    return [one.holds for one in check_package(path)]


def _with(package: Path, name: str, content: bytes) -> Path:
    changed = package.with_name("changed.zip")
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(changed, "w") as new:
        for each in old.namelist() if name else []:
            new.writestr(each, content if each == name else old.read(each))
    return changed


def verify(*words: str) -> tuple[int, str]:
    """What the command says, and its exit code."""
    said = io.StringIO()
    try:
        call_command("exchange", "verify", *words, stdout=said, stderr=said)
    except SystemExit as end:
        return int(end.code or 0), said.getvalue()
    return 0, said.getvalue()


def test_the_command_line_checks_a_package(run: Run, finance: Source, find: Find, tmp_path: Path):
    find("ghost", PAID)
    package, key = tmp_path / "清单.zip", tmp_path / "key.pem"
    package.write_bytes(package_of(give(run)[0]))
    key.write_text(signing.public_pem())
    for words in ([str(package)], [str(package), "--key", str(key)]):
        code, said = verify(*words)
        assert (code, said.count("✓")) == (0, 4)
    code, said = verify(str(_with(package, "差异清单.csv", b"x")))
    assert (code, "✗ 差异清单.csv" in said) == (1, True)
    assert verify(str(key))[0] == 2
    assert verify(str(tmp_path / "none.zip"))[0] == 2
    assert verify(str(package), "--key", str(package))[0] == 2


def test_without_a_key_of_its_own_a_machine_asks_for_one_and_makes_none(settings: Any, tmp_path: Path):
    settings.HOME = tmp_path
    code, said = verify("some.zip")
    assert (code, "--key" in said) == (2, True)
    assert not (tmp_path / "keys").exists()


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl on this machine")
def test_openssl_checks_a_package_as_the_words_in_it_say(run: Run, finance: Source, find: Find, tmp_path: Path):
    find("ghost", PAID)
    with zipfile.ZipFile(io.BytesIO(package_of(give(run)[0]))) as package:
        package.extractall(tmp_path)
    words = (tmp_path / "验证方法.txt").read_text("utf-8")
    (command,) = [line.strip() for line in words.splitlines() if line.strip().startswith("openssl")]
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Signature Verified Successfully" in done.stdout, done.stderr


def test_only_who_runs_comparisons_makes_lists_of_finished_ones(run: Run, finance: Source):
    with pytest.raises(Denied):
        give_back_differences(actor=Limited(frozenset({"exchange.view"})), run_id=run.pk)
    Run.objects.update(state="running")
    with pytest.raises(Refused) as refused:
        give(run)
    assert refused.value.codes == ["K25"]


def test_opening_a_file_is_recorded_and_not_for_everybody(run: Run, finance: Source, find: Find):
    find("ghost", PAID)
    dispatch = give(run)[0]
    with pytest.raises(Denied):
        open_dispatch(actor=Limited(frozenset({"exchange.view"})), dispatch_id=dispatch.pk, name="csv")
    open_dispatch(actor=BUILDER, dispatch_id=dispatch.pk, name="csv")
    assert '"csv"' in AuditEntry.objects.get(action="exchange.dispatch_opened").facts


def test_a_system_fetches_lists_and_files(run: Run, finance: Source, find: Find):
    find("ghost", PAID)
    dispatch = give(run)[0]
    system = Caller(make_key(finance)[1])
    (told,) = system.get("difference-lists").json()["items"]
    assert told["payload"]["rows"] == 1
    assert system.get(f"difference-lists/{dispatch.pk}").json()["files"] == dispatch.files
    for name, digest in dispatch.files.items():
        answer = system.get(f"difference-lists/{dispatch.pk}/files/{name}")
        assert b"".join(answer.streaming_content) == files.read(digest)
    assert system.get(f"difference-lists/{dispatch.pk}/files/package").content[:2] == b"PK"
    assert system.get(f"difference-lists/{dispatch.pk}/files/docx").status_code == 422
    other = Caller(make_key(make_source(code="f2", department="finance"))[1])
    assert other.get(f"difference-lists/{dispatch.pk}/files/csv").status_code == 404

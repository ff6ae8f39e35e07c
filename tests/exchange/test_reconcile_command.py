"""`./bianzhi reconcile` and `./bianzhi exchange evaluate`: files in, tables and figures out, without a database."""

import csv
import json
import zipfile
from io import StringIO
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command

from bianzhi.exchange.management.commands.exchange import Command as ExchangeCommand
from bianzhi.exchange.management.commands.reconcile import Command as ReconcileCommand
from bianzhi.reconciliation.generate import Form, GenerateOptions, write_rosters
from bianzhi.reconciliation.tables import PUBLISHED, neutral
from tests.reconciliation.people import number

WRONG_USE, REFUSED = 2, 1


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    write_rosters(folder, GenerateOptions(people=300, seed=11, noise=3.0, form=Form.FILES, month="2026-10"))
    return folder


def reconcile(*arguments: object) -> str:
    out = StringIO()
    call_command("reconcile", *(str(one) for one in arguments), stdout=out, stderr=StringIO())
    return out.getvalue()


def refusal(*arguments: object) -> tuple[int, str]:
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("reconcile", *(str(one) for one in arguments), stdout=StringIO(), stderr=errors)
    return int(str(stopped.value.code)), errors.getvalue()


def roster(folder: Path, name: str, *rows: str) -> None:
    (folder / name).write_text("\n".join(["姓名,身份证号,单位名称", *rows]) + "\n", encoding="utf-8")


def test_no_database_is_needed():
    assert ReconcileCommand.needs_database is False
    assert ExchangeCommand.needs_database is False


def test_a_folder_of_four_rosters_gives_counts_and_tables(generated, tmp_path):
    told = json.loads(reconcile(generated / "2026-10", "--out", tmp_path, "--json"))
    assert told["ok"] is True
    assert told["period"] == "2026-10"
    assert sum(told["counts"]["records"].values()) == sum(told["counts"]["rules"].values())
    assert {"kinds", "groups", "lanes", "rules", "events"} <= set(told["counts"])
    for table, columns in PUBLISHED.items():
        with (tmp_path / f"{table}.csv").open(encoding="utf-8-sig", newline="") as stream:
            lines = list(csv.reader(stream))
        assert tuple(lines[0]) == tuple(columns)
        assert (tmp_path / f"{table}.parquet").is_file()
    with (tmp_path / "findings.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert sum(1 for _ in csv.reader(stream)) - 1 == sum(told["counts"]["kinds"].values())


def test_the_next_month_after_it_tells_what_happened(generated, tmp_path):
    reconcile(generated / "2026-10", "--out", tmp_path / "10")
    text = reconcile(generated / "2026-11", "--out", tmp_path / "11", "--previous", tmp_path / "10")
    assert text.startswith("2026-11 核对完成")
    assert "入编" in text.partition("\n变动\n")[2]


def test_the_command_says_in_words_what_it_counted(tmp_path):
    roster(tmp_path, "编办.csv", f"王一,{number(1)},教育局", f"王二,{number(2)},教育局")
    roster(tmp_path, "财政局.csv", f"王一,{number(1)},教育局")
    text = reconcile(tmp_path, "--out", tmp_path / "out")
    assert "编办  2" in text
    assert "在编未发工资  1" in text


def test_a_folder_that_is_not_there_is_wrong_use(tmp_path):
    assert refusal(tmp_path / "nowhere") == (WRONG_USE, f"目录 {tmp_path / 'nowhere'} 不存在，请核对路径。\n")


def test_an_empty_folder_is_wrong_use(tmp_path):
    code, text = refusal(tmp_path, "--out", tmp_path / "out")
    assert code == WRONG_USE
    assert "没有名册文件" in text


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    roster(tmp_path, "编办.csv", f"王一,{number(1)},教育局")
    (tmp_path / "财政局.xlsx").write_bytes(b"not a workbook")
    code, text = refusal(tmp_path, "--out", tmp_path / "out")
    assert code == WRONG_USE
    assert "财政局.xlsx" in text


def test_without_the_establishment_office_the_run_is_refused(tmp_path):
    roster(tmp_path, "财政局.csv", f"王一,{number(1)},教育局")
    code, text = refusal(tmp_path, "--out", tmp_path / "out")
    assert code == REFUSED
    assert "缺少编办的实名制名册" in text


def test_a_refusal_is_json_too_where_json_is_asked_for(tmp_path):
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("reconcile", str(tmp_path / "nowhere"), "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"ok": False, "error": f"目录 {tmp_path / 'nowhere'} 不存在，请核对路径。"}


@pytest.mark.parametrize(
    ("option", "message"), [("--previous", "不是核对结果的目录"), ("--quotas", "读不了核定编制数文件")]
)
def test_options_that_name_nothing_usable_are_wrong_use(option, message, tmp_path):
    roster(tmp_path, "编办.csv", f"王一,{number(1)},教育局")
    code, text = refusal(tmp_path, "--out", tmp_path / "out", option, tmp_path / "nothing")
    assert code == WRONG_USE
    assert message in text


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--memory", "viel", "内存上限“viel”写法有误"),
        ("--period", "2026-13", "月份“2026-13”写法有误"),
        ("--out", "file.txt", "不能在"),
    ],
)
def test_options_written_wrongly_are_wrong_use(option, value, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file.txt").write_text("x")
    rosters = tmp_path / "rosters"
    rosters.mkdir()
    for name in ("编办.csv", "财政局.csv"):
        roster(rosters, name, f"王一,{number(1)},教育局")
    code, text = refusal(rosters, option, value)
    assert code == WRONG_USE
    assert message in text


@pytest.mark.parametrize(
    ("value", "written"), [("=1+1", "'=1+1"), ("@x", "'@x"), ("王一", "王一"), (5, 5), (None, None)]
)
def test_no_text_is_run_as_a_formula(value, written):
    assert neutral(value) == written


def test_a_run_is_scored_against_the_truth(generated, tmp_path):
    out = StringIO()
    call_command("exchange", "evaluate", str(generated), "--out", str(tmp_path), "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert set(told) == {"2026-10", "2026-11"}
    out = StringIO()
    call_command("exchange", "evaluate", str(generated), "--out", str(tmp_path), stdout=out)
    assert "差异类别" in out.getvalue()


def test_a_folder_without_truth_cannot_be_scored(tmp_path):
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("exchange", "evaluate", str(tmp_path), stderr=errors)
    assert stopped.value.code == WRONG_USE
    assert "没有带真值的月份" in errors.getvalue()


@pytest.mark.parametrize(
    ("kept", "options", "code", "message"),
    [
        ({}, (), REFUSED, "缺少编办的实名制名册"),
        ({"establishment": b"junk", "hr": b"junk"}, (), WRONG_USE, "不能读取名册"),
        ({}, ("--memory", "viel"), WRONG_USE, "内存上限“viel”写法有误"),
    ],
)
def test_what_cannot_be_scored_is_said_in_words(kept, options, code, message, tmp_path):
    month = tmp_path / "2026-10"
    for name in ("truth", "canonical"):
        (month / name).mkdir(parents=True)
    for name, data in kept.items():
        (month / "canonical" / f"{name}.parquet").write_bytes(data)
    errors = StringIO()
    with pytest.raises(SystemExit) as stopped:
        call_command("exchange", "evaluate", str(tmp_path), *options, stderr=errors)
    assert stopped.value.code == code
    assert message in errors.getvalue()


@pytest.mark.parametrize("manifest", ["[]", '{"files": ["a"]}', "nothing"])
def test_a_package_with_another_manifest_is_none(manifest, tmp_path):
    package, key, errors = tmp_path / "list.zip", tmp_path / "key.pem", StringIO()
    with zipfile.ZipFile(package, "w") as made:
        made.writestr("manifest.json", manifest)
        made.writestr("manifest.sig", b"x" * 64)
    form = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    key.write_bytes(Ed25519PrivateKey.generate().public_key().public_bytes(*form))
    with pytest.raises(SystemExit) as stopped:
        call_command("exchange", "verify", str(package), "--key", str(key), stderr=errors)
    assert stopped.value.code == WRONG_USE
    assert "不能验证" in errors.getvalue()

"""A folder of rosters: which department each file is of, by its name and by its headings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.reconciliation.reading.folders import department_named, read_folder
from tests.reconciliation.reading.files import number, text, xlsx


@pytest.mark.parametrize(
    ("name", "department"),
    [
        ("编办实名制2026-10", "establishment"),
        ("区委组织部", "organization"),
        ("人社局参保", "hr"),
        ("hr_2026-10", "hr"),
        ("财政统发工资", "finance"),
        ("finance-2026-10", "finance"),
        ("chrome", ""),
        ("名册", ""),
    ],
)
def test_a_name_tells_the_department(name: str, department: str):
    assert department_named(name) == department


def test_headings_tell_it_where_the_name_does_not(tmp_path: Path):
    row = ("虞测", number(1), "测试区财政局")
    text(tmp_path / "a.csv", [("姓名", "身份证号", "参保单位名称", "参保状态"), (*row, "在职")])
    text(
        tmp_path / "b.csv", [("职工姓名", "身份证件号", "预算单位名称", "应发合计"), (*row, "8000")], encoding="gb18030"
    )
    xlsx(tmp_path / "c.xlsx", [("姓名", "身份证号", "编制所在单位", "编制类别"), (*row, "行政编制")])
    text(tmp_path / "d.csv", [("姓名", "身份证号码", "任职机构", "现任职务"), (*row, "科长")])
    (tmp_path / "~$c.xlsx").write_bytes(b"lock")
    (tmp_path / "说明.txt.bak").write_bytes(b"note")
    out = tmp_path / "out"
    found = read_folder(tmp_path, out)
    assert {department: paths[0].name[0] for department, paths in found.items()} == {
        "hr": "a",
        "finance": "b",
        "establishment": "c",
        "organization": "d",
    }
    report = json.loads(found["hr"][0].with_suffix(".report.json").read_text(encoding="utf-8"))
    assert (report["file"], report["department"], report["rows"]) == ("a.csv", "hr", 1)


def test_several_files_of_one_department_stay_apart(tmp_path: Path):
    for part in (1, 2):
        rows = [("姓名", "身份证号", "单位名称"), ("虞测", number(part), "测试区财政局")]
        text(tmp_path / f"财政{part}.csv", rows)
    assert [path.name[:3] for path in read_folder(tmp_path, tmp_path / "out")["finance"]] == ["财政1", "财政2"]


def test_a_file_nothing_tells_the_department_of_is_named(tmp_path: Path):
    text(tmp_path / "x.csv", [("姓名", "身份证号", "单位"), ("虞测", number(1), "测试区财政局")])
    with pytest.raises(UnreadableFile, match=r"x.csv：.*看不出是哪个部门") as refused:
        read_folder(tmp_path, tmp_path / "out")
    assert refused.value.fault is Fault.UNRECOGNISED
    assert list((tmp_path / "out").iterdir()) == []


def test_an_unreadable_file_is_named(tmp_path: Path):
    (tmp_path / "财政.csv").write_bytes(b"")
    with pytest.raises(UnreadableFile, match=r"财政\.csv：文件是空的"):
        read_folder(tmp_path, tmp_path / "out")


def test_an_empty_folder_is_told(tmp_path: Path):
    with pytest.raises(UnreadableFile, match="没有名册文件"):
        read_folder(tmp_path, tmp_path / "out")

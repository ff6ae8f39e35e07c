"""`./bianzhi import`: one JSON object, exit codes, and nothing written by a dry run."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from bianzhi.audit.models import AuditEntry
from bianzhi.imports.models import ImportBatch
from bianzhi.organizations.models import Organization
from bianzhi.personnel.models import Occupancy, StaffingPlan
from tests.imports.conftest import clerk, id_number
from tests.imports.test_organizations import table
from tests.imports.test_roster import PEOPLE, roster
from tests.imports.test_staffing_plan import plan

pytestmark = pytest.mark.django_db


def run(tmp_path, data: bytes, *arguments: str, name: str = "表.xlsx") -> tuple[int, str]:
    file = tmp_path / name
    file.write_bytes(data)
    out = StringIO()
    try:
        call_command("import", str(file), *arguments, stdout=out, stderr=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_a_dry_run_prints_one_object_and_writes_nothing(tmp_path):
    code, out = run(tmp_path, plan(), "--kind", "staffing-plan", "--dry-run", "--json")
    found = json.loads(out)
    assert code == 0
    expected = {"kind": "staffing-plan", "rows": 5, "accepted": 5, "rejected": 0, "errors": 0, "warnings": 0}
    assert found | expected == found
    assert found["headcount"] == 8
    assert [sheet["name"] for sheet in found["sheets"]] == ["职位"]
    assert not Organization.objects.exists()
    assert not ImportBatch.objects.exists()
    assert not AuditEntry.objects.exists()


def test_the_real_run_writes_and_says_what(tmp_path):
    code, out = run(tmp_path, plan(), "--kind", "staffing-plan", "--json", "--year", "2027", "--title", "甲县计划")
    result = json.loads(out)
    assert (code, result["committed"], result["result"]["人数"]) == (0, True, 8)
    assert StaffingPlan.objects.get().year == 2027
    code, out = run(tmp_path, plan(), "--kind", "staffing-plan", "--year", "2027", "--title", "甲县计划")
    assert code == 0
    assert "没有变化" in out


def test_errors_exit_1_and_accepted_and_rejected_add_up(tmp_path, cast):
    wrong = [*PEOPLE, ["测试区没有局", "赵六", id_number(99), *[""] * 9]]
    code, out = run(tmp_path, roster(people=wrong), "--kind", "roster", "--json")
    found = json.loads(out)
    assert code == 1
    assert found["accepted"] + found["rejected"] == found["rows"] == 5
    assert found["errors"] == 1
    assert found["problems"][0]["message"].startswith("系统中没有")
    assert not Occupancy.objects.exists()
    code, out = run(tmp_path, roster(people=wrong), "--kind", "roster", "--skip-rejected")
    assert code == 0
    assert Occupancy.objects.count() == 4


def test_it_acts_on_behalf_of_a_named_user_with_his_permissions(tmp_path, cast):
    clerk("liaison_hr", "wangwu")
    code, out = run(tmp_path, roster(), "--as", "wangwu")
    assert code == 1
    assert "没有“导入表格”权限" in out
    user = clerk()
    assert run(tmp_path, roster(), "--as", "liwen", "--document", "云编登〔2026〕9号")[0] == 0
    batch = ImportBatch.objects.get()
    assert batch.created_by == user
    assert batch.document is not None
    assert batch.document.doc_no == "云编登〔2026〕9号"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--as", "nobody"], "没有用户"),
        (["--date", "不是日期"], "--date"),
    ],
)
def test_wrong_use_exits_2(tmp_path, arguments, told):
    code, out = run(tmp_path, table(), *arguments)
    assert code == 2
    assert told in out


def test_a_file_that_is_not_there_or_no_table_exits_2_with_json_too(tmp_path):
    code, out = run(tmp_path, b"%PDF-1.7 x", "--json")
    assert code == 2
    assert json.loads(out)["ok"] is False
    said = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("import", str(tmp_path / "没有.xlsx"), stdout=said, stderr=said)
    assert end.value.code == 2

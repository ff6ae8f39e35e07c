"""The pages of the import, without JavaScript: upload, columns, check, commit, result; and who may see them."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from bianzhi.common import jobs
from bianzhi.imports.models import BatchState, ImportBatch
from bianzhi.kernel.digests import sm3_hex
from bianzhi.personnel.models import Occupancy, Person
from tests.imports.conftest import as_csv, clerk, id_number, xlsx
from tests.imports.test_organizations import table
from tests.imports.test_roster import PEOPLE, roster

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client: Client, cast) -> Client:
    client.force_login(clerk())
    return client


def upload(client: Client, data: bytes, name: str = "名册.xlsx", **fields: str):
    return client.post("/imports/new/", {"file": SimpleUploadedFile(name, data), **fields})


def html(answer: Any) -> str:
    return str(answer.content.decode())


def checked(client: Client, data: bytes, name: str = "名册.xlsx") -> ImportBatch:
    upload(client, data, name)
    batch = ImportBatch.objects.latest("pk")
    assert client.post(f"/imports/{batch.pk}/columns/", {"action": "check"}).status_code == 302
    batch.refresh_from_db()
    return batch


def test_from_upload_to_result_by_plain_posts(office):
    answer = upload(office, roster())
    batch = ImportBatch.objects.get()
    assert (answer.status_code, answer["Location"], batch.kind) == (302, f"/imports/{batch.pk}/columns/", "roster")
    columns = html(office.get(answer["Location"]))
    assert "工作表「在编人员」" in columns
    assert "列名相符" in columns
    assert "编制类别" in columns
    assert office.post(f"/imports/{batch.pk}/columns/", {"action": "check"})["Location"] == f"/imports/{batch.pk}/"
    check = html(office.get(f"/imports/{batch.pk}/"))
    assert "还没有内设机构「党政办」" in check
    assert "导入 4 行" in check
    office.post(f"/imports/{batch.pk}/commit/", {"action": "commit"})
    assert "导入中" in html(office.get(f"/imports/{batch.pk}/"))
    jobs.run_waiting()
    result = html(office.get(f"/imports/{batch.pk}/"))
    assert "已导入" in result
    assert "导入登记〔" in result
    assert Occupancy.objects.count() == 4
    assert "名册.xlsx" in html(office.get("/imports/"))
    assert "张三" in html(office.get(f"/imports/{batch.pk}/changes/?q=张三"))


def test_errors_stand_at_their_cells_and_the_annotated_workbook_can_be_taken_home(office):
    wrong = [*PEOPLE, ["测试区没有局", "赵六", id_number(99), *[""] * 9]]
    batch = checked(office, roster(people=wrong))
    page = html(office.get(f"/imports/{batch.pk}/"))
    assert "有错误的行不能导入" in page
    assert "在编人员 A7" in page
    assert "跳过有错误的行" in page
    listed = html(office.get(f"/imports/{batch.pk}/findings/?severity=error"))
    assert "测试区没有局" in listed
    assert "党政办" not in listed
    answer = office.get(f"/imports/{batch.pk}/annotated/")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["问题清单", "在编人员"]
    assert "没有「测试区没有局」" in book["在编人员"]["A7"].comment.text
    refused = office.post(f"/imports/{batch.pk}/commit/", {"action": "commit"})
    assert refused.status_code == 422
    assert "整批不导入" in html(refused)
    assert not Person.objects.exists()
    office.post(f"/imports/{batch.pk}/commit/", {"action": "commit", "skip_rejected": "on"})
    jobs.run_waiting()
    assert Occupancy.objects.count() == 4


def test_an_id_number_is_masked_on_the_page(office):
    batch = checked(office, roster(people=[*PEOPLE, ["测试区审计局", "赵六", PEOPLE[0][2], *[""] * 9]]))
    page = html(office.get(f"/imports/{batch.pk}/"))
    assert "身份证号与第 3 行" in page
    assert PEOPLE[0][2] not in page
    assert PEOPLE[0][2] not in html(office.get(f"/imports/{batch.pk}/findings/"))


def test_columns_can_be_put_right_by_hand(office):
    rows = [["填报", "", "", ""], ["编制所属", "人", "号码", "类"], ["测试区财政局", "张三", PEOPLE[0][2], "行政编制"]]
    upload(office, as_csv(rows), "奇怪.csv", kind="roster")
    batch = ImportBatch.objects.get()
    address = f"/imports/{batch.pk}/columns/"
    page = html(office.get(address))
    assert "还缺" in page
    assert office.post(address, {"action": "check", "h-0": "2", "hh-0": "1"})["Location"] == address
    chosen = {"f-0-0": "organization", "f-0-1": "name", "f-0-2": "id_number", "f-0-3": "quota_type"}
    answer = office.post(address, {"action": "check", "h-0": "2", "hh-0": "1", **chosen})
    assert answer["Location"] == f"/imports/{batch.pk}/"
    batch.refresh_from_db()
    assert (batch.stage, batch.counts["accepted"]) == (BatchState.CHECKED, 1)
    twice = office.post(address, {"action": "check", "f-0-0": "name", "f-0-1": "name"})
    assert twice.status_code == 422
    assert "每个字段只能对应一列" in html(twice)


def test_a_sheet_can_be_left_out_and_the_kind_changed(office):
    upload(office, roster(), kind="organizations")
    batch = ImportBatch.objects.get()
    assert office.post(f"/imports/{batch.pk}/kind/", {"kind": "roster"}).status_code == 302
    office.post(f"/imports/{batch.pk}/columns/", {"action": "check", "skip-0": "1"})
    batch.refresh_from_db()
    assert (batch.kind, batch.counts["rows"]) == ("roster", 0)
    assert "没有读到数据行" in html(office.get(f"/imports/{batch.pk}/"))


def test_sheets_with_the_same_headings_are_put_right_once(office):
    head = ["单位", "姓名", "身份证号", "编制类别", "户口簿上的写法"]
    first = [head, ["测试区财政局", "张三", PEOPLE[0][2], "行政编制", "甲"]]
    second = [head, ["测试区审计局", "李四", PEOPLE[1][2], "行政编制", "乙"]]
    upload(office, xlsx(("财政", first), ("审计", second)), kind="roster")
    batch = ImportBatch.objects.get()
    page = html(office.get(f"/imports/{batch.pk}/columns/"))
    assert "表头与工作表「财政」相同" in page
    assert "f-0-4" in page
    assert "f-1-4" not in page
    office.post(f"/imports/{batch.pk}/columns/", {"action": "check", "f-0-1": "", "f-0-4": "name"})
    batch.refresh_from_db()
    assert batch.counts["accepted"] == 2
    subjects = set(batch.changes.values_list("subject", flat=True))
    assert subjects == {"甲 测试区财政局", "乙 测试区审计局"}


def test_a_batch_can_be_given_up(office):
    batch = checked(office, table())
    answer = office.post(f"/imports/{batch.pk}/discard/", follow=True)
    assert "已放弃导入" in html(answer)
    assert "已放弃" in html(office.get(f"/imports/{batch.pk}/"))
    assert "不能再修改" in html(office.post(f"/imports/{batch.pk}/discard/", follow=True))
    assert office.get(f"/imports/{batch.pk}/columns/").status_code == 302


def test_options_are_read_and_the_check_made_again(office):
    batch = checked(office, table(), "机构.xlsx")
    bad = office.post(f"/imports/{batch.pk}/commit/", {"action": "recheck", "opening_on": "不是日期"})
    assert bad.status_code == 422
    chosen = {"opening_on": "2025.12.31", "doc_no": "云编登[2025]1号"}
    office.post(f"/imports/{batch.pk}/commit/", {"action": "recheck", **chosen})
    batch.refresh_from_db()
    assert (batch.options["opening_on"], batch.options["doc_no"]) == ("2025-12-31", "云编登〔2025〕1号")
    office.post(f"/imports/{batch.pk}/commit/", {"action": "commit", **chosen})
    jobs.run_waiting()
    batch.refresh_from_db()
    assert batch.document is not None
    assert (batch.document.doc_no, str(batch.document.issued_on)) == ("云编登〔2025〕1号", "2025-12-31")


@pytest.mark.parametrize("kind", ["organizations", "roster", "ledger-history", "staffing-plan"])
def test_templates_can_be_downloaded(office, kind):
    answer = office.get(f"/imports/template/{kind}/")
    assert openpyxl.load_workbook(io.BytesIO(answer.content)).sheetnames[0] == "填写"


def test_an_unknown_template_is_not_there(office):
    assert office.get("/imports/template/secrets/").status_code == 404


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("xl/workbook.xml", b"\0" * 60_000_000)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("名册.xlsx", b"%PDF-1.7 x", "PDF"),
        ("名册.xlsx", b"", "空"),
        ("名册.exe", b"MZ\x90\x00\x03\x00\x00\x00\x04", ""),
        ("名册.xlsx", bomb(), ""),
        ("机密名册.xlsx", roster(), "非涉密"),
    ],
)
def test_what_must_not_come_in_is_refused_politely(office, name, data, told):
    answer = upload(office, data, name)
    assert answer.status_code == 422
    assert told in html(answer)
    assert "Traceback" not in html(answer)
    assert not ImportBatch.objects.exists()


def test_a_name_with_a_path_or_markup_is_only_a_name(office):
    upload(office, roster(), "../../etc/<script>alert(1)</script>.xlsx")
    batch = ImportBatch.objects.get()
    page = html(office.get(f"/imports/{batch.pk}/columns/"))
    assert "<script>alert" not in page
    assert "/" not in batch.file_name.replace("</script>", "")


def test_who_may_not_import_may_not_see_or_start_anything(client, cast):
    client.force_login(clerk("liaison_finance", "wangwu"))
    for address in ("/imports/", "/imports/new/", "/imports/template/roster/"):
        assert client.get(address).status_code == 403
    assert upload(client, roster()).status_code == 403
    assert not ImportBatch.objects.exists()


def test_who_may_only_look_sees_the_batch_and_cannot_change_it(client, cast):
    client.force_login(clerk())
    batch = checked(client, roster())
    client.force_login(clerk("office_supervision", "sunli"))
    page = html(client.get(f"/imports/{batch.pk}/"))
    assert "确认导入" not in page
    for part in ("columns", "annotated", "original"):
        assert client.get(f"/imports/{batch.pk}/{part}/").status_code == 403
    for part in ("commit", "discard", "kind"):
        assert client.post(f"/imports/{batch.pk}/{part}/").status_code == 403


def test_the_original_file_comes_back_as_it_was_for_saving_only(office):
    batch = checked(office, roster())
    answer = office.get(f"/imports/{batch.pk}/original/")
    assert sm3_hex(answer.content) == batch.digest
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_sealed_words_of_findings_and_changes_are_searched_all_the_same(office):
    batch = checked(office, roster())
    findings, changes = (f"/imports/{batch.pk}/{name}/" for name in ("findings", "changes"))
    assert "还没有内设机构「党政办」" in html(office.get(findings, {"q": "党政办 内设机构"}))
    assert "还没有内设机构「党政办」" not in html(office.get(findings, {"q": "党政办 没有这个词"}))
    assert "李四" in html(office.get(changes, {"q": "李四"}))
    assert "张三" not in html(office.get(changes, {"q": "李四"}))

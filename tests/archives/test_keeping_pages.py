"""The pages of keeping: an archivist's day of volumes, appraisal, loans, inspection and packages; nobody else acts."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.archives.models import Appraisal, Fonds, Inspection, Item, ItemState, Loan, Volume
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.packages.exporting import request_export
from bianzhi.archives.services.packages.importing import request_import
from bianzhi.archives.services.volumes import open_volume
from bianzhi.audit.models import AuditEntry
from bianzhi.common.jobs import resume, run_waiting
from bianzhi.common.models import Job, JobState
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from tests.accounts.people import account
from tests.archives.holdings import ARCHIVIST, exported

pytestmark = pytest.mark.django_db


def login(username, role, **where) -> Client:
    client = Client()
    client.force_login(account(username, role, **where))
    return client


@pytest.fixture
def archivist(holdings):
    return login("archivist", "archivist")


@pytest.fixture
def director(holdings):
    return login("director", "office_director")


def url(name, *args):
    return reverse(f"archives:{name}", args=args)


def posted(client, page, /, *args, **data):
    return client.post(url(page, *args), data, follow=True)


def test_a_fonds_and_a_category_are_set_up(archivist):
    said = {"number": "330699-2", "name": "第二全宗", "pattern": "{fonds}-{category}·{year}-{item:04}"}
    assert "已建立全宗" in posted(archivist, "fonds_new", **said).text
    fonds = Fonds.objects.get(number="330699-2")
    bad = posted(archivist, "fonds_edit", fonds.pk, name="第二全宗", pattern="{nothing}")
    assert bad.status_code == 422
    assert "不是可用的组成部分" in bad.text
    assert "已保存门类" in posted(archivist, "category_new", code="ZP", name="照片", retention="D30").text
    page = archivist.get(url("fonds")).text
    assert "第二全宗" in page
    assert "照片" in page


def test_a_volume_is_opened_bound_and_printed(archivist, holdings):
    place = {"fonds": holdings.fonds.pk, "category": holdings.category.pk, "year": "2020", "retention": "Y"}
    assert "330699-WS·2020-Y-0001" in posted(archivist, "volume_new", title="批复卷", **place).text
    item, volume = holdings.filed(), Volume.objects.get()
    assert item.code in archivist.get(url("volume", volume.pk)).text
    assert "已归入 1 件" in posted(archivist, "volume_bind", volume.pk, selected=item.pk).text
    posted(archivist, "volume_edit", volume.pk, title="批复卷", remark="缺第 3 页")
    sheet = archivist.get(url("volume_print", volume.pk)).text
    assert item.title in sheet
    assert "缺第 3 页" in sheet
    assert "1 件" in sheet


def test_what_is_due_is_appraised_by_two_and_carried_out(archivist, director, holdings, monkeypatch):
    monkeypatch.setenv("BIANZHI_TODAY", "2031-01-01")
    due, permanent = holdings.filed(retention="D10"), holdings.filed()
    page = archivist.get(url("due")).text
    assert due.code in page
    assert permanent.code not in page
    assert "拟制鉴定" in posted(archivist, "appraisal_new", selected=due.pk).text
    said = {"selected": due.pk, "title": "到期鉴定", "outcome": "destroy", "reason": "已无保存价值"}
    assert "已拟制" in posted(archivist, "appraisal_new", **said).text
    appraisal = Appraisal.objects.get()
    posted(archivist, "appraisal_submit", appraisal.pk)
    assert posted(archivist, "appraisal_decide", appraisal.pk, verdict="yes", text="同意销毁").status_code == 403
    assert "已批准" in posted(director, "appraisal_decide", appraisal.pk, verdict="yes", text="同意销毁").text
    assert director.post(url("appraisal_carry_out", appraisal.pk)).status_code == 403
    assert "已执行" in posted(archivist, "appraisal_carry_out", appraisal.pk).text
    assert Item.objects.get(pk=due.pk).state == ItemState.DISPOSED
    assert due.code in director.get(url("appraisal_print", appraisal.pk)).text


def test_a_loan_is_given_at_the_desk_shown_to_its_reader_and_taken_back(archivist, holdings, cast):
    item, today = holdings.filed(), clock.today()
    reader = login("reader", "unit_clerk", organization_id=cast.school.pk)
    stranger = login("stranger", "unit_clerk", organization_id=cast.township.pk)
    said = {"codes": item.code, "reader": "reader", "purpose": "编史修志", "valid_from": today, "valid_to": today}
    assert "已借给" in posted(archivist, "loan_new", **said).text
    loan = Loan.objects.get()
    assert item.title in reader.get(url("loan", loan.pk)).text
    assert reader.get(url("item", item.pk)).status_code == 200
    assert stranger.get(url("loan", loan.pk)).status_code == 404
    assert stranger.get(url("item", item.pk)).status_code == 404
    assert "编史修志" not in stranger.get(url("loans")).text
    assert reader.post(url("loan_end", loan.pk)).status_code == 403
    assert "已收回" in posted(archivist, "loan_end", loan.pk, reason="已经阅毕").text
    assert reader.get(url("item", item.pk)).status_code == 404


def test_a_loan_of_an_unknown_code_or_too_long_is_told(archivist, holdings):
    today = clock.today()
    said = {"reader_name": "来访人", "purpose": "核对", "valid_from": today, "valid_to": today + timedelta(days=60)}
    assert "没有这些档号：X-1" in posted(archivist, "loan_new", codes="X-1", **said).text
    assert "应为 1 至 30 天" in posted(archivist, "loan_new", codes=holdings.filed().code, **said).text
    assert not Loan.objects.exists()


def test_scans_are_looked_through_and_the_report_printed(archivist, holdings):
    item = holdings.filed(pages=2)
    item.pages.filter(number=2).update(dpi=100)
    assert "发现 1 个问题" in posted(archivist, "inspection_new", title="年检", percent="100", seed="1").text
    inspection = Inspection.objects.get()
    assert "100 dpi" in archivist.get(url("inspection", inspection.pk)).text
    report = archivist.get(url("inspection_print", inspection.pk)).text
    assert "DA/T 31-2017" in report
    assert "50.0%" in report
    sheet = archivist.get(url("inspection", inspection.pk) + "?export=xlsx")
    assert sheet.headers["Content-Type"].endswith("spreadsheetml.sheet")
    assert b"".join(sheet.streaming_content).startswith(b"PK")


def test_the_four_properties_are_checked_again_and_printed(archivist, holdings):
    item = holdings.filed()
    assert "归档环节" in archivist.get(url("four_checks", item.pk)).text
    page = posted(archivist, "four_check", item.pk).text
    assert "长期保存环节" in page
    assert "SHA-256 一致" in page


def test_the_catalogue_is_printed_for_what_is_seen(archivist, holdings, cast):
    item, other = holdings.filed(), holdings.filed(year=2021)
    clerk = login("clerk", "unit_clerk", organization_id=cast.school.pk)
    page = archivist.get(url("catalogue_print"), {"year": "2020"}).text
    assert item.code in page
    assert other.code not in page
    assert item.code not in clerk.get(url("catalogue_print")).text
    open_volume(
        actor=ARCHIVIST, fonds_id=holdings.fonds.pk, category_id=holdings.category.pk, year=2020, retention="Y",
        title="批复卷",
    )  # fmt: skip
    assert "批复卷" in archivist.get(url("catalogue_print"), {"kind": "volume"}).text
    secretary = login("secretary", "commission_secretary")
    assert secretary.get(url("catalogue_print"), {"export": "xlsx"}).status_code == 403


def test_a_catalogue_taken_as_a_sheet_is_on_record(director, holdings):
    holdings.filed()
    answer = director.get(url("catalogue_print"), {"export": "xlsx"})
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(action="audit.exported").exists()


def test_a_package_is_exported_in_the_background_and_downloaded(archivist, holdings):
    item = holdings.filed()
    answer = posted(archivist, "package_export", title="年度移交", fonds=holdings.fonds.pk)
    assert "正在后台导出 1 件" in answer.text
    run_waiting()
    job = Job.objects.get(kind="archives.export")
    assert job.state == JobState.DONE, job.error
    page = archivist.get(job.result["url"])
    assert item.code in page.text
    pk = int(job.result["url"].rstrip("/").rpartition("/")[2])
    answer = archivist.post(url("package_download", pk))
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(action="archives.package_downloaded").exists()


def test_an_export_of_nothing_is_refused_at_once(archivist, holdings):
    assert "没有可导出" in posted(archivist, "package_export", title="空", fonds=holdings.fonds.pk).text
    with pytest.raises(Refused):
        request_export(actor=ARCHIVIST, title="空", item_ids=[])


def test_a_package_that_is_none_fails_in_words(holdings, tmp_path):
    keeper = account("keeper", "archivist")
    path = tmp_path / "x.zip"
    path.write_bytes(b"not a zip")
    job = request_import(actor=keeper, title="接收", path=path)
    run_waiting()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "不是 zip 文件" in job.error
    assert not PACKAGES.exists(job.params["sha256"]), "what was refused is not kept"
    resume(job)
    run_waiting()
    job.refresh_from_db()
    assert "请重新上传" in job.error


def test_a_package_is_uploaded_and_refused_for_codes_held_already(archivist, holdings):
    item = holdings.filed()
    package = exported(item)
    with PACKAGES.open(package.sha256) as stream:
        archivist.post(url("package_import"), {"title": "接收", "file": stream})
    run_waiting()
    job = Job.objects.get(kind="archives.import")
    assert "档号本馆已有" in job.error


@pytest.mark.parametrize("name", ["keeping", "fonds", "volumes", "due", "appraisals", "inspections", "packages"])
def test_keeping_is_the_offices(cast, holdings, name):
    assert login("clerk", "unit_clerk", organization_id=cast.bureau.pk).get(url(name)).status_code == 403
    assert login("deputy", "office_deputy").get(url(name)).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["fonds_new", "category_new", "volume_new", "loan_new", "inspection_new", "package_export", "package_import"],
)
def test_only_the_archivist_acts(director, archivist, name):
    assert director.get(url(name)).status_code == 403
    assert archivist.get(url(name)).status_code == 200

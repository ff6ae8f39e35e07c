"""Small exports go at once, stamped and on record; larger ones, and whole ID numbers, only with another's approval."""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, transaction
from django.test import Client
from django.utils import timezone

from bianzhi.accounts.models import Authenticator, User
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services.grants import revoke_role
from bianzhi.accounts.services.parameters import set_parameter
from bianzhi.accounts.services.users import deactivate
from bianzhi.audit import chain
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.common.field_classes import FieldClass
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.common.models import JobState
from bianzhi.common.web.releasing import Mark, Wanted
from bianzhi.disclosure import storage
from bianzhi.disclosure.jobs import making
from bianzhi.disclosure.jobs.making import end_expired
from bianzhi.disclosure.models import ExportRequest, Release, RequestState
from bianzhi.disclosure.parameters import DAILY_ROWS, FILE_DAYS, OFFICE_ROWS, RECORD_ROWS, UNIT_ROWS
from bianzhi.disclosure.rules.limits import Asked, Limits, most_of, reasons
from bianzhi.disclosure.rules.purposes import stated
from bianzhi.disclosure.services import requests
from bianzhi.disclosure.services.releases import note_release
from bianzhi.disclosure.web.held_back import signed
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import Message
from tests.accounts.people import CONSOLE, account, signed_in
from tests.cast import Cast, assemble

pytestmark = pytest.mark.django_db
PEOPLE = "/personnel/people/?export={}&cols=name&cols=id_number&cols=phone"
WHOLE = PEOPLE.format("xlsx") + "&clear=identity"
ASK = "/disclosure/requests/new/"
PURPOSE = requests.Purpose("inspection", "区委巡察组调阅")
WANTED = Wanted("personnel.people", "人员信息", "xlsx", "人员信息", ("姓名",), (), rows=3)


@pytest.fixture
def cast() -> Cast:
    made = assemble()
    made.fill(made.bureau, "A1", 3)
    return made


@pytest.fixture
def clerk() -> User:
    return account("clerk", "office_clerk")


@pytest.fixture
def director() -> User:
    return account("director", "office_director")


def content(answer: Any) -> bytes:
    assert answer.status_code == 200, answer.status_code
    return b"".join(answer.streaming_content)


def status(client: Client, path: str) -> int:
    """What a page answers; a file is read to its end."""
    answer = client.get(path)
    if answer.status_code == 200:
        content(answer)
    return answer.status_code


def limit(parameter, number: int) -> None:
    set_parameter(actor=CONSOLE, key=parameter.key, text=str(number), basis="测试")


def codes_of(act) -> list[str]:
    with pytest.raises(Refused) as refused, transaction.atomic():
        act()
    return refused.value.codes


def asked(clerk: User, path: str = WHOLE, **more: Any) -> ExportRequest:
    data = {"path": signed(path), "purpose": "inspection", "note": "区委巡察组调阅", "uses": 1, **more}
    answer = signed_in(clerk).post(ASK, data)
    assert answer.status_code == 302, answer.content.decode()
    return ExportRequest.objects.latest("pk")


def approved(clerk: User, director: User, path: str = WHOLE, **more: Any) -> ExportRequest:
    request = asked(clerk, path, **more)
    requests.approve(actor=director, request_id=request.pk, note="同意")
    jobs.run_waiting()
    request.refresh_from_db()
    return request


def fetched(client: Client, request: ExportRequest) -> Any:
    return client.post(f"/disclosure/requests/{request.pk}/file/")


# --- small exports -----------------------------------------------------------------------------------------------


def test_a_small_workbook_goes_at_once_with_its_watermark_in_four_places(cast, clerk):
    book = openpyxl.load_workbook(io.BytesIO(content(signed_in(clerk).get(PEOPLE.format("xlsx")))))
    release = Release.objects.get()
    words = f"人员clerk（clerk）{clock.now():%Y-%m-%d}"
    assert words in book["数据"].oddHeader.right.text
    assert ("水印", book["_bianzhi"]["A1"].value) in [(row[0].value, row[1].value) for row in book["说明"].iter_rows()]
    assert book["_bianzhi"].sheet_state == "veryHidden"
    assert book.properties.keywords == release.number
    assert words in (book.properties.creator or "")
    assert book.custom_doc_props["export"].value == release.number


def test_a_small_csv_ends_with_its_watermark(cast, clerk):
    lines = content(signed_in(clerk).get(PEOPLE.format("csv"))).decode("utf-8-sig").splitlines()
    assert lines[-1].startswith("# 人员clerk（clerk）")
    assert Release.objects.get().number in lines[-1]


def test_a_report_is_stamped_where_it_is_printed_and_below_the_table(cast, clerk):
    book = openpyxl.load_workbook(io.BytesIO(content(signed_in(clerk).get("/reports/t01/?export=xlsx"))))
    sheet = book.worksheets[0]
    number = Release.objects.get().number
    assert number in sheet.oddHeader.right.text
    assert any(number in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_every_export_is_one_row_and_one_audit_entry(cast, clerk):
    content(signed_in(clerk).get(PEOPLE.format("csv")))
    release = Release.objects.get()
    facts = json.loads(AuditEntry.objects.get(action="audit.exported").facts)
    assert (release.user, release.rows, release.of_persons, release.request) == (clerk, 3, True, None)
    assert (facts["number"], facts["rows"], facts["in_clear"]) == (release.number, 3, [])
    assert list(chain.verify_rows()) == []


def test_a_file_that_leaves_is_noted_once_under_its_number(clerk):
    mark = Mark("DC20261127-00000001", "人员clerk（clerk）导出，编号 DC20261127-00000001")
    release = note_release(actor=clerk, wanted=WANTED, mark=mark, rows=2)
    assert (release.user, release.number, release.rows, release.list_key) == (clerk, mark.number, 2, WANTED.key)
    facts = json.loads(AuditEntry.objects.get(action="audit.exported").facts)
    assert (facts["number"], facts["request"], facts["rows"]) == (mark.number, None, 2)
    with pytest.raises(IntegrityError), transaction.atomic():
        note_release(actor=clerk, wanted=WANTED, mark=mark, rows=2)
    assert (Release.objects.count(), AuditEntry.objects.filter(action="audit.exported").count()) == (1, 1)


def test_masked_columns_are_masked_in_an_everyday_export(cast, clerk):
    text = content(signed_in(clerk).get(PEOPLE.format("csv"))).decode()
    assert not re.search(r"330699\d{11}[\dX]", text)


def test_an_id_number_searched_for_does_not_stand_in_the_record(cast, clerk):
    person = cast.fill(cast.school, "B5", 1)[0].person
    content(signed_in(clerk).get(f"{PEOPLE.format('csv')}&q={person.id_number}"))
    assert person.id_number not in AuditEntry.objects.get(action="audit.exported").facts


# --- limits ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "needs"),
    [
        (Asked(500, True, (), 0), False),
        (Asked(501, True, (), 0), True),
        (Asked(1, True, ("身份证号",), 0), True),
        (Asked(100, True, (), 1900), False),
        (Asked(101, True, (), 1900), True),
        (Asked(500, False, (), 9999), False),
    ],
)
def test_size_clear_data_and_the_day_decide(request_, needs):
    assert bool(list(reasons(request_, Limits(500, 2000)))) is needs


def test_an_approved_export_may_grow_a_little():
    assert [most_of(rows) for rows in (0, 10, 1000)] == [5, 15, 1050]


def test_more_than_the_limit_leads_to_the_page_that_asks(cast, clerk):
    limit(OFFICE_ROWS, 2)
    answer = signed_in(clerk).get(PEOPLE.format("csv"))
    assert answer["Location"].startswith("/disclosure/requests/new/?path=")
    assert "超过不经审批的上限 2 条" in signed_in(clerk).get(answer["Location"]).content.decode()
    assert not Release.objects.exists()


def test_a_unit_has_a_limit_of_its_own(cast, clerk):
    limit(UNIT_ROWS, 2)
    unit = signed_in(account("unit", "unit_clerk", organization_id=cast.bureau.pk))
    assert status(unit, PEOPLE.format("csv")) == 302
    assert status(signed_in(clerk), PEOPLE.format("csv")) == 200


def test_what_is_not_about_persons_has_a_limit_of_its_own(cast, clerk):
    limit(OFFICE_ROWS, 0)
    assert status(signed_in(clerk), "/ledger/statement/?export=xlsx") == 200
    limit(RECORD_ROWS, 0)
    assert signed_in(clerk).get("/ledger/statement/?export=xlsx").status_code == 302


def test_the_day_has_a_limit_over_all_exports_together(cast, clerk):
    limit(DAILY_ROWS, 5)
    browser = signed_in(clerk)
    assert status(browser, PEOPLE.format("csv")) == 200
    assert browser.get(PEOPLE.format("csv")).status_code == 302
    assert status(signed_in(account("other", "office_clerk")), PEOPLE.format("csv")) == 200


def test_the_day_has_its_limit_for_who_takes_much_at_the_same_time(cast, clerk, monkeypatch):
    """Each export was opened before the others were noted: the limit holds when they leave."""
    limit(DAILY_ROWS, 5)
    monkeypatch.setattr("bianzhi.disclosure.web.gates.taken_today", lambda user: 0)
    browser = signed_in(clerk)
    assert status(browser, PEOPLE.format("csv")) == 200
    assert browser.get(PEOPLE.format("csv"))["Location"].startswith(ASK)
    assert status(browser, "/ledger/statement/?export=xlsx") == 200, "not about persons"
    assert Release.objects.filter(of_persons=True).count() == 1
    assert list(chain.verify_rows()) == []


def test_what_was_approved_leaves_whatever_the_day_has_seen(cast, clerk, director):
    limit(DAILY_ROWS, 3)
    assert status(signed_in(clerk), PEOPLE.format("csv")) == 200
    assert approved(clerk, director).state == RequestState.READY


def test_the_limit_holds_for_the_rows_really_written_not_for_those_counted(cast, clerk, monkeypatch):
    monkeypatch.setattr("bianzhi.common.web.lists.page.ListPage.total", 1)
    limit(OFFICE_ROWS, 2)
    assert signed_in(clerk).get(PEOPLE.format("csv")).status_code == 302
    assert not Release.objects.exists()


# --- asking, deciding, fetching ----------------------------------------------------------------------------------


def test_a_whole_number_leaves_only_by_the_approved_file_stamped_with_the_request(cast, clerk, director):
    assert signed_in(clerk).get(WHOLE).status_code == 302
    request = approved(clerk, director)
    assert (request.state, request.written) == (RequestState.READY, 3)
    book = openpyxl.load_workbook(io.BytesIO(content(fetched(signed_in(clerk), request))))
    numbers = [row[1].value for row in book["数据"].iter_rows(min_row=2)]
    assert len(numbers) == 3
    assert all(re.fullmatch(r"330699\d{11}[\dX]", number) for number in numbers)
    assert book.properties.keywords == request.number
    assert "clerk" in book["数据"].oddHeader.right.text


def test_the_file_is_fetched_as_often_as_approved_and_by_nobody_else(cast, clerk, director):
    request = approved(clerk, director, uses=2)
    browser = signed_in(clerk)
    assert fetched(signed_in(account("other", "office_clerk")), request).status_code == 404
    assert "Content-Disposition" not in fetched(signed_in(director), request)
    for _ in range(2):
        content(fetched(browser, request))
    assert fetched(browser, request).status_code == 302
    request.refresh_from_db()
    assert (request.state, request.fetched) == (RequestState.USED, 2)
    assert AuditEntry.objects.filter(action="disclosure.fetched_exported").count() == 2


def test_nobody_approves_the_own_request(cast, director):
    request = asked(director)
    assert codes_of(lambda: requests.approve(actor=director, request_id=request.pk)) == ["D4"]
    assert codes_of(lambda: requests.reject(actor=director, request_id=request.pk, reason="不需要")) == ["D4"]


@pytest.mark.parametrize("role", ["office_clerk", "office_supervision", "security_admin", "audit_admin"])
def test_only_the_heads_of_the_office_approve(cast, clerk, role):
    request = asked(clerk)
    with pytest.raises(Denied):
        requests.approve(actor=account("other", role), request_id=request.pk)


def test_a_rejection_needs_a_reason_and_makes_no_file(cast, clerk, director):
    request = asked(clerk)
    assert codes_of(lambda: requests.reject(actor=director, request_id=request.pk, reason="不")) == ["D7"]
    requests.reject(actor=director, request_id=request.pk, reason="用途不明确")
    jobs.run_waiting()
    assert fetched(signed_in(clerk), request).status_code == 302
    assert codes_of(lambda: requests.approve(actor=director, request_id=request.pk)) == ["D5"]


def test_the_own_request_is_withdrawn_before_it_is_decided(cast, clerk, director):
    request = asked(clerk)
    assert codes_of(lambda: requests.withdraw(actor=director, request_id=request.pk)) == ["D8"]
    requests.withdraw(actor=clerk, request_id=request.pk)
    assert codes_of(lambda: requests.approve(actor=director, request_id=request.pk)) == ["D5"]


def test_a_request_nobody_decided_expires_and_a_file_nobody_fetched_is_removed(cast, clerk, director, monkeypatch):
    waiting, ready = asked(clerk), approved(clerk, director)
    assert storage.FILES.path_of(ready.digest).exists()
    later = timezone.now() + timedelta(days=FILE_DAYS.number + 1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert codes_of(lambda: requests.fetch(actor=clerk, request_id=ready.pk)) == ["D6"]
    assert codes_of(lambda: requests.approve(actor=director, request_id=waiting.pk)) == ["D6"]
    assert end_expired(clock.today()) == {"expired": 2}  # the daily job: requests.expire_due
    assert not storage.FILES.path_of(ready.digest).exists()
    assert set(ExportRequest.objects.values_list("state", flat=True)) == {"expired"}


def test_a_file_that_was_fetched_is_removed_by_the_daily_work_and_one_that_waits_stays(cast, clerk, director):
    used, ready = approved(clerk, director), approved(clerk, director)
    content(fetched(signed_in(clerk), used))
    both = {used.digest, ready.digest}
    assert both <= set(storage.FILES.digests())
    assert end_expired(clock.today()) == {"expired": 0}
    assert both & set(storage.FILES.digests()) == {ready.digest}


def test_a_file_whose_making_was_stopped_expires_and_its_page_leads_to_the_job(cast, clerk, director, monkeypatch):
    request = asked(clerk)
    requests.approve(actor=director, request_id=request.pk)
    request.refresh_from_db()
    assert request.job is not None
    jobs.cancel(request.job)
    jobs.run_waiting()
    page = f"/disclosure/requests/{request.pk}/"
    assert f'<a href="/jobs/{request.job_id}/">已取消</a>' in signed_in(clerk).get(page).content.decode()
    others = signed_in(director).get(page).content.decode()
    assert "已取消" in others
    assert f"/jobs/{request.job_id}/" not in others, "the page of a job belongs to who asked for it"
    later = timezone.now() + timedelta(days=FILE_DAYS.number + 1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert end_expired(clock.today()) == {"expired": 1}
    request.refresh_from_db()
    assert request.state == RequestState.EXPIRED


def test_a_program_that_breaks_off_ends_the_request_and_says_so(cast, clerk, director, monkeypatch):
    request = asked(clerk)
    requests.approve(actor=director, request_id=request.pk)
    monkeypatch.setattr(making, "replay", broken)
    jobs.run_waiting()
    request.refresh_from_db()
    assert (request.state, request.problem) == (RequestState.FAILED, making.BROKEN)
    assert request.job is not None
    assert request.job.state == JobState.FAILED


def test_a_database_that_refused_leaves_the_request_to_the_next_run(cast, clerk, director, monkeypatch):
    request = asked(clerk)
    requests.approve(actor=director, request_id=request.pk)
    with monkeypatch.context() as busy:
        busy.setattr(making, "replay", refused)
        jobs.worker.run_one()
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    jobs.run_waiting()
    request.refresh_from_db()
    assert request.state == RequestState.READY


def broken(*args: Any, **named: Any) -> None:
    raise ZeroDivisionError


def refused(*args: Any, **named: Any) -> None:
    raise OperationalError("database is locked")


def test_no_file_is_made_when_more_people_came_than_were_approved(cast, clerk, director):
    request = asked(clerk)
    cast.fill(cast.bureau, "A1", 7)
    requests.approve(actor=director, request_id=request.pk)
    jobs.run_waiting()
    request.refresh_from_db()
    assert (request.state, request.digest) == (RequestState.FAILED, "")
    assert "超过批准的 8 条" in request.problem
    assert request.job is not None
    assert request.job.state == JobState.FAILED


def kept(clerk: User, request: ExportRequest, rows: int = 3) -> ExportRequest:
    """The file of a request, as the job hands it in."""
    mark = Mark(request.number, f"人员clerk（clerk）导出，编号 {request.number}")
    return requests.keep_file(
        actor=clerk, request_id=request.pk, wanted=WANTED, mark=mark, rows=rows, content=b"the file"
    )


def test_the_file_of_an_approved_request_is_kept_once_and_on_record(cast, clerk, director):
    request = asked(clerk)
    assert codes_of(lambda: kept(clerk, request)) == ["D5"], "nobody approved it yet"
    requests.approve(actor=director, request_id=request.pk)
    made = kept(clerk, request)
    assert storage.FILES.read(made.digest) == b"the file"
    assert (made.state, made.written) == (RequestState.READY, 3)
    assert Release.objects.get().request == request
    assert json.loads(AuditEntry.objects.get(action="disclosure.made").facts)["written"] == 3
    assert codes_of(lambda: kept(clerk, request)) == ["D5"], "it was made already"
    assert Release.objects.count() == 1


def test_a_file_with_more_rows_than_approved_is_not_kept(cast, clerk, director):
    request = asked(clerk)
    requests.approve(actor=director, request_id=request.pk)
    assert codes_of(lambda: kept(clerk, request, request.most + 1)) == ["D9"]
    request.refresh_from_db()
    assert (request.state, request.digest) == (RequestState.APPROVED, "")
    assert not Release.objects.exists()


def test_a_request_whose_file_cannot_be_made_ends_with_the_reason(cast, clerk, director):
    request = asked(clerk)
    assert codes_of(lambda: requests.give_up(actor=clerk, request_id=request.pk, problem="无权")) == ["D5"]
    requests.approve(actor=director, request_id=request.pk)
    requests.give_up(actor=clerk, request_id=request.pk, problem="申请人已无权导出")
    request.refresh_from_db()
    assert (request.state, request.problem) == (RequestState.FAILED, "申请人已无权导出")
    assert json.loads(AuditEntry.objects.get(action="disclosure.failed").facts)["problem"] == "申请人已无权导出"
    assert codes_of(lambda: kept(clerk, request)) == ["D5"]
    assert fetched(signed_in(clerk), request).status_code == 302


@pytest.mark.parametrize("lost", ["role", "account"])
def test_who_lost_the_right_meanwhile_gets_no_file(cast, clerk, director, lost):
    request = asked(clerk)
    requests.approve(actor=director, request_id=request.pk)
    if lost == "role":
        revoke_role(actor=CONSOLE, grant_id=clerk.role_grants.get().pk)
    else:
        deactivate(actor=CONSOLE, user_id=clerk.pk)
    jobs.run_waiting()
    request.refresh_from_db()
    assert request.state == RequestState.FAILED
    assert "无权" in request.problem


def test_a_unit_gets_by_approval_its_own_people_only(cast, director):
    cast.fill(cast.school, "B5", 2)
    limit(UNIT_ROWS, 1)
    unit = account("unit", "unit_clerk", organization_id=cast.bureau.pk)
    request = approved(unit, director, path=PEOPLE.format("csv"))
    assert request.written == 3


def test_a_unit_does_not_get_whole_numbers_even_by_asking(cast):
    unit = signed_in(account("unit", "unit_clerk", organization_id=cast.bureau.pk))
    assert unit.get(WHOLE).status_code == 403
    assert unit.get(ASK, {"path": signed(WHOLE)}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/personnel/people/",
        "https://example.com/?export=csv",
        "//example.com/?export=csv",
        "/no/?export=1",
        "/没有/?export=1",
        "//[/?export=csv",
        PEOPLE.format("csv") + "&q=\0",
    ],
)
def test_only_an_export_of_this_site_is_asked_for(clerk, path):
    assert signed_in(clerk).get(ASK, {"path": signed(path)}).status_code == 404


@pytest.mark.parametrize("path", ["/accounts/code/enrol/?export=1", "/accounts/profile/?export=1", WHOLE, WHOLE + ":x"])
def test_an_address_the_gate_never_held_back_is_not_opened(cast, clerk, path):
    """A page is opened there without its session: one that begins something must not be among them."""
    assert signed_in(clerk).get(ASK, {"path": path}).status_code == 404
    assert not Authenticator.objects.exists()


def test_an_export_is_asked_for_with_any_character_in_its_question(cast, clerk):
    assert signed_in(clerk).get(ASK, {"path": signed(WHOLE + "&from=张\u202e")}).status_code == 200


def test_what_needs_no_approval_is_not_asked_for(cast, clerk):
    path = PEOPLE.format("csv")
    assert signed_in(clerk).get(ASK, {"path": signed(path)})["Location"] == path


def test_a_request_needs_a_purpose_of_the_list_and_its_matter(cast, clerk):
    assert codes_of(lambda: stated("fun", "区委巡察组调阅")) == ["D1"]
    assert codes_of(lambda: stated("inspection", " ")) == ["D2"]
    assert stated("inspection", "区委 巡察组调阅") == "督查、巡察、审计、纪检需要：区委 巡察组调阅"
    answer = signed_in(clerk).post(ASK, {"path": signed(WHOLE), "purpose": "", "note": "", "uses": 1})
    assert answer.status_code == 422
    many = requests.Purpose("inspection", "区委巡察组调阅", 6)
    assert codes_of(lambda: requests.ask(actor=clerk, path=WHOLE, wanted=WANTED, why=[], purpose=many)) == ["D3"]


def test_who_approves_is_told_and_who_asked_hears_the_end(cast, clerk, director):
    request = asked(clerk)
    deliver_waiting()
    told = Message.objects.filter(link=f"/disclosure/requests/{request.pk}/")
    assert set(told.values_list("recipient_id", flat=True)) == {director.pk}
    assert "导出审批" in signed_in(director).get("/").content.decode(), "the workbench asks for it"
    requests.reject(actor=director, request_id=request.pk, reason="用途不明确")
    deliver_waiting()
    assert "用途不明确" in told.get(recipient=clerk).text


@pytest.mark.parametrize(("text", "words"), [("不" * 201, "最多 200 个字"), ("同意\0", "不能保存的字符")])
def test_what_cannot_be_kept_of_an_opinion_is_said_and_decides_nothing(cast, clerk, director, text, words):
    request = asked(clerk)
    for act, name in (("approve", "note"), ("reject", "reason")):
        answer = signed_in(director).post(f"/disclosure/requests/{request.pk}/{act}/", {name: text}, follow=True)
        assert words in answer.content.decode()
    request.refresh_from_db()
    assert request.state == RequestState.PENDING


def test_the_pages_show_each_what_they_may_do(cast, clerk, director):
    request = asked(clerk)
    own = signed_in(clerk).get(f"/disclosure/requests/{request.pk}/").content.decode()
    other = signed_in(director).get(f"/disclosure/requests/{request.pk}/").content.decode()
    stranger = signed_in(account("stranger", "office_clerk"))
    assert "confirm-withdraw" in own
    assert "confirm-approve" not in own
    assert "confirm-approve" in other
    assert stranger.get(f"/disclosure/requests/{request.pk}/").status_code == 404
    assert request.number not in stranger.get("/disclosure/requests/").content.decode()
    answer = signed_in(director).post(f"/disclosure/requests/{request.pk}/approve/", {"note": "同意"}, follow=True)
    assert "正在生成文件" in answer.content.decode()


# --- what the database promises ----------------------------------------------------------------------------------


def test_the_database_refuses_who_approves_the_own_request(cast, clerk):
    request = asked(clerk)
    with pytest.raises(DatabaseError, match="另一人审批"), transaction.atomic():
        ExportRequest.objects.filter(pk=request.pk).update(
            state="approved", decided_by=clerk, decided_at=timezone.now()
        )


def test_the_database_counts_downloads_and_rows(cast, clerk):
    rows = ExportRequest.objects.filter(pk=asked(clerk).pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(fetched=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(written=10_000)
    rows.update(fetched=1)
    with pytest.raises(DatabaseError, match="只能增加"), transaction.atomic():
        rows.update(fetched=0)


def test_what_left_and_what_was_asked_is_neither_rewritten_nor_removed(cast, clerk):
    content(signed_in(clerk).get(PEOPLE.format("csv")))
    request = asked(clerk)
    for act in (
        lambda: Release.objects.update(rows=0),
        lambda: Release.objects.all().delete(),
        lambda: ExportRequest.objects.all().delete(),
        lambda: ExportRequest.objects.update(purpose="别的"),
        lambda: ExportRequest.objects.update(most=10_000),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    requests.withdraw(actor=clerk, request_id=request.pk)
    with pytest.raises(DatabaseError, match="已经办结"), transaction.atomic():
        ExportRequest.objects.update(state="pending")


def test_the_classes_of_a_request_are_those_it_was_asked_for(cast, clerk):
    request = asked(clerk, WHOLE + "&clear=contact")
    assert request.in_clear() == {FieldClass.IDENTITY, FieldClass.CONTACT}
    assert request.clear_words() == "联系方式、身份证号"

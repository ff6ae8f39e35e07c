"""The pages of deliveries: uploaded, looked at, decided, downloaded; and who may not."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.exchange.models import Delivery, DeliveryState, Source
from bianzhi.exchange.selectors.freshness import freshness, months_back
from bianzhi.exchange.services.contracts import draft_contract, publish_contract
from tests.exchange.rosters import as_csv, bring, number, source_of
from tests.exchange.rosters import people as people_of
from tests.matters.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", "2026-03-02")


@pytest.fixture
def source(people: People) -> Source:
    return source_of(people.director)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _upload(user: User, source: Source, data: bytes, **told: object):
    form = {"source": source.pk, "period": "2026-02", "part": 1, "parts": 1, "signer": "预算科", **told}
    form["file"] = SimpleUploadedFile("名册.csv", data)
    return _client(user).post(reverse("exchange:delivery_new"), form)


def test_a_liaison_uploads_and_sees_what_was_found(people: People, source: Source):
    rows = [*people_of(10), ("虞缺", "", "男", "1987.06", "测试区财政局")]
    answer = _upload(people.liaison_finance, source, as_csv(rows))
    delivery = Delivery.objects.get()
    assert answer.status_code == 302
    assert answer.url == reverse("exchange:delivery", args=[delivery.pk])
    jobs.run_waiting()
    page = _client(people.liaison_finance).get(answer.url).content.decode()
    for words in ("已接收", "11 行", "必填项为空", "第 12 行", "预算科", delivery.sha256, delivery.sm3, "职工姓名"):
        assert words in page
    assert number(0) not in page


def test_a_file_that_was_replaced_and_comes_again_says_that_another_counts(people: People, source: Source):
    for rows in (8, 9):
        bring(people.liaison_finance, source, as_csv(people_of(rows)), "2026-02")
    client = _client(people.liaison_finance)
    form = {"source": source.pk, "period": "2026-02", "part": 1, "parts": 1, "signer": "预算科"}
    form["file"] = SimpleUploadedFile("名册.csv", as_csv(people_of(8)))
    told = client.post(reverse("exchange:delivery_new"), form, follow=True).content.decode()
    assert "现在的状态：已被替换" in told
    assert "核对以后来报送的文件为准" in told


def test_the_same_file_again_is_told(people: People, source: Source):
    bring(people.liaison_finance, source, as_csv(people_of(5)))
    answer = _upload(people.liaison_finance, source, as_csv(people_of(5)))
    page = _client(people.liaison_finance).get(answer.url)
    assert Delivery.objects.count() == 1
    assert page.status_code == 200


def test_a_liaison_is_not_offered_another_departments_source_and_cannot_send_to_it(people: People, source: Source):
    page = _client(people.liaison_hr).get(reverse("exchange:delivery_new")).content.decode()
    assert source.name not in page
    assert "没有可以报送的数据来源" in page
    assert _upload(people.liaison_hr, source, as_csv(people_of(5))).status_code == 422
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"parts": 2, "part": 3}, "填写有误"),
        ({"period": "2027-01"}, "选择"),
        ({"part": "x"}, "x"),
    ],
)
def test_what_was_filled_in_wrongly_is_said_on_the_form(people: People, source: Source, told, words):
    answer = _upload(people.liaison_finance, source, as_csv(people_of(5)), **told)
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_an_empty_file_is_refused_on_the_form(people: People, source: Source):
    answer = _upload(people.liaison_finance, source, b"")
    assert answer.status_code == 422
    assert "文件是空的" in answer.content.decode()


def test_a_held_delivery_is_decided_by_the_office_only(people: People, source: Source):
    bring(people.liaison_finance, source, as_csv(people_of(40)), "2026-01")
    held = bring(people.liaison_finance, source, as_csv(people_of(20)), "2026-02")
    place, decide = (reverse(f"exchange:{name}", args=[held.pk]) for name in ("delivery", "delivery_decide"))
    told = {"verdict": "accept", "reason": "整建制划转"}
    assert "delivery_decide" not in _client(people.liaison_finance).get(place).content.decode()
    assert _client(people.liaison_finance).post(decide, told).status_code == 403
    office = _client(people.office_clerk)
    assert "少 20 人，50%" in office.get(place).content.decode()
    assert office.post(decide, {"verdict": "accept", "reason": ""}).status_code == 422
    assert office.post(decide, told).status_code == 302
    held.refresh_from_db()
    assert held.state == DeliveryState.ACCEPTED
    assert held.decided_by_id == people.office_clerk.pk
    assert "整建制划转" in office.get(place).content.decode()


def test_the_original_is_downloaded_by_those_who_may_and_each_time_recorded(people: People, source: Source):
    data = as_csv(people_of(5))
    delivery = bring(people.liaison_finance, source, data)
    place = reverse("exchange:delivery_file", args=[delivery.pk])
    answer = _client(people.liaison_finance).post(place)
    assert b"".join(answer.streaming_content) == data  # type: ignore[attr-defined]
    assert "attachment" in answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/octet-stream"
    assert AuditEntry.objects.filter(action="exchange.delivery_opened").count() == 1
    assert _client(people.secretary).post(place).status_code == 403
    assert _client(people.liaison_hr).post(place).status_code == 404


def test_outsiders_find_no_deliveries(people: People, source: Source):
    delivery = bring(people.liaison_finance, source, as_csv(people_of(5)))
    place = reverse("exchange:delivery", args=[delivery.pk])
    assert _client(people.clerk).get(place).status_code == 403
    assert _client(people.liaison_hr).get(place).status_code == 404
    assert "名册.csv" not in _client(people.liaison_hr).get(reverse("exchange:deliveries")).content.decode()
    assert "名册.csv" in _client(people.office_clerk).get(reverse("exchange:deliveries")).content.decode()
    assert _client(people.system_admin).get(place).status_code == 403


def test_an_unreadable_delivery_can_be_read_again(people: People, source: Source):
    refused = bring(people.liaison_finance, source, b"a,b\n1,2\n")
    place = reverse("exchange:delivery", args=[refused.pk])
    client = _client(people.liaison_finance)
    assert "重新读取" in client.get(place).content.decode()
    assert client.post(reverse("exchange:delivery_again", args=[refused.pk])).status_code == 302
    refused.refresh_from_db()
    assert refused.state == DeliveryState.RECEIVED
    assert "读取进度" in client.get(place).content.decode()
    again = client.post(reverse("exchange:delivery_again", args=[refused.pk]), follow=True)
    assert "没有重新读取：该报送现在的状态是“已收到”" in again.content.decode()
    assert client.post(reverse("exchange:delivery_stop", args=[refused.pk])).status_code == 302


def test_a_reading_that_nobody_does_any_more_says_so_and_can_be_begun_anew(people: People, source: Source):
    delivery = bring(people.liaison_finance, source, as_csv(people_of(5)))
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.READING)
    client, place = _client(people.liaison_finance), reverse("exchange:delivery", args=[delivery.pk])
    page = client.get(place).content.decode()
    assert "重新读取" in page
    assert "停止读取" not in page
    again = client.post(reverse("exchange:delivery_again", args=[delivery.pk]), follow=True)
    assert "正在后台重新读取" in again.content.decode()


def test_the_calendar_shows_who_has_delivered_and_who_is_late(people: People, source: Source):
    bring(people.liaison_finance, source, as_csv(people_of(5)), "2026-02")
    Source.objects.update(created_at="2025-12-01T00:00:00+08:00")
    page = _client(people.office_clerk).get(reverse("exchange:calendar")).content.decode()
    assert "已接收" in page
    assert "逾期未报" in page
    words = {
        month.period: month.state
        for month in freshness(people.office_clerk, date(2026, 3, 2), months_back(date(2026, 3, 2)))[0][1]
    }
    assert words == {
        "2026-03": "待报送",
        "2026-02": "已接收",
        "2026-01": "逾期未报",
        "2025-12": "逾期未报",
        "2025-11": "逾期未报",
        "2025-10": "未要求",
    }
    assert "finance" not in [each.department for each, _ in freshness(people.liaison_hr, date(2026, 3, 2), ["2026-02"])]


def test_a_source_that_delivers_each_quarter_is_asked_for_its_last_months_only(people: People, source: Source):
    Source.objects.update(created_at="2025-01-01T00:00:00+08:00")
    schema = draft_contract(actor=people.director, source_id=source.pk).schema
    schema["hub"] |= {"period": "quarter", "stale_days": 30}
    draft_contract(actor=people.director, source_id=source.pk, schema=schema)
    publish_contract(actor=people.director, source_id=source.pk)
    today = date(2026, 3, 2)
    months = freshness(people.office_clerk, today, ["2026-03", "2026-02", "2025-12"])[0][1]
    assert [month.state for month in months] == ["待报送", "未要求", "逾期未报"]
    assert months[2].note == "逾期 56 天，数据已陈旧"


def test_the_list_takes_the_same_number_of_queries_for_many(
    people: People, source: Source, django_assert_max_num_queries
):
    for month in ("2025-11", "2025-12", "2026-01", "2026-02"):
        bring(people.liaison_finance, source, as_csv(people_of(5)), month)
    client = _client(people.office_clerk)
    client.get(reverse("exchange:deliveries"))
    with django_assert_max_num_queries(30):
        assert client.get(reverse("exchange:deliveries")).status_code == 200

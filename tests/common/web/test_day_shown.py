"""`?date=`: read in the usual writings, kept in links, never replaced by another day."""

from datetime import date

import pytest
from django.test import RequestFactory

from bianzhi.common.web import as_of


@pytest.fixture(autouse=True)
def fixed_today(monkeypatch):
    monkeypatch.setenv("BIANZHI_TODAY", "2026-11-23")


def request_for(query):
    request = RequestFactory().get(f"/units/?{query}")
    as_of.set_day(request)
    return request


@pytest.mark.parametrize(
    "text", ["2024-12-31", "20241231", "2024.12.31", "2024年12月31日", "２０２４/12/31", " 2024-12-31 "]
)
def test_a_day_is_read_in_the_usual_writings(text):
    assert as_of.parse_day(text) == date(2024, 12, 31)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("明天", "不是可以识别的日期"),
        ("2024-02-30", "不是可以识别的日期"),
        ("2024-12", "没有写到日"),
        ("1948-01-01", "早于 1949-10-01"),
    ],
)
def test_what_is_no_day_is_refused_with_the_reason(text, told):
    with pytest.raises(as_of.BadDay, match=told):
        as_of.parse_day(text)


def test_without_a_date_the_page_shows_today():
    request = request_for("")

    assert (request.as_of, request.today, request.as_of_is_past) == (date(2026, 11, 23), date(2026, 11, 23), False)
    assert as_of.with_day(request, "/x/") == "/x/"


def test_a_past_day_is_kept_in_links_and_can_be_left():
    request = request_for("date=20241231&tab=a")

    assert request.as_of_is_past
    assert as_of.with_day(request, "/x/") == "/x/?date=2024-12-31"
    assert as_of.with_day(request, "/x/?q=1") == "/x/?q=1&date=2024-12-31"
    assert as_of.without_day(request) == "/units/?tab=a"


def test_a_day_ahead_is_kept_too_but_is_not_the_past():
    request = request_for("date=2027-01-01")

    assert not request.as_of_is_past
    assert as_of.day_query(request) == {"date": "2027-01-01"}


@pytest.mark.django_db
@pytest.mark.usefixtures("own_urls")
def test_the_page_says_which_day_it_shows_and_how_to_come_back(by_clerk):
    text = by_clerk.get("/list/?date=2024-12-31").content.decode()

    assert "正在查看 <strong>2024-12-31</strong>" in text
    assert 'href="/list/">返回当前' in text


@pytest.mark.django_db
@pytest.mark.usefixtures("own_urls")
def test_an_unreadable_date_shows_no_figures_at_all(by_clerk):
    answer = by_clerk.get("/list/?date=31.12.&list=a")

    assert answer.status_code == 400
    assert "没有显示数据" in answer.content.decode()
    assert 'href="/list/?list=a"' in answer.content.decode()

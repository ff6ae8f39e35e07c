"""人员信息: the list, the page of a person, the masked ID number, and who may see whom."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.masking import mask_id_number
from bianzhi.kernel.retirement import YearMonth
from bianzhi.personnel.models import Occupancy, Person
from bianzhi.personnel.selectors.people import visible_persons
from bianzhi.personnel.selectors.retirement_filter import retiring_between
from bianzhi.personnel.selectors.retirements import retirement_month
from tests.cast import FOUNDED, TODAY, seat
from tests.personnel.web.conftest import posted, rows_of, text_of

PEOPLE = "/personnel/people/"


def page_of(person: Person) -> str:
    return reverse("personnel:person", args=[person.pk])


def test_the_list_shows_who_is_on_quota_with_unit_and_state(cast, office):
    member = cast.member(cast.bureau, facts=cast.facts("王小川"))
    cast.leave(cast.member(cast.bureau, facts=cast.facts("赵离岗"), on=TODAY - timedelta(days=400)))
    page = text_of(office.get(PEOPLE))
    assert "王小川" in page
    assert "测试区财政局" in page
    assert "在编在岗" in page
    assert page_of(member.person) in page
    assert "赵离岗" in page, "off the quota from tomorrow only"
    assert "赵离岗" not in text_of(office.get(f"{PEOPLE}?date={TODAY + timedelta(days=1)}"))


def test_those_who_left_are_listed_apart_and_once(cast, office):
    gone = cast.member(cast.bureau, facts=cast.facts("赵离岗"), on=TODAY - timedelta(days=400))
    cast.leave(gone, on=TODAY - timedelta(days=3))
    page = text_of(office.get(f"{PEOPLE}?state=left"))
    assert page.count(page_of(gone.person)) == 1
    assert "已出编" in page


def test_a_unit_clerk_sees_only_its_own_unit(cast, of_bureau):
    own = cast.member(cast.bureau, facts=cast.facts("王小川"))
    other = cast.member(cast.audit_office, facts=cast.facts("李审计"))
    page = text_of(of_bureau.get(PEOPLE))
    assert "王小川" in page
    assert "李审计" not in page
    assert of_bureau.get(page_of(own.person)).status_code == 200
    assert of_bureau.get(page_of(other.person)).status_code == 404


def test_a_person_who_moved_away_is_seen_by_the_old_unit_only_in_the_past(cast, of_bureau):
    stay = cast.member(cast.bureau, facts=cast.facts("周调走"), on=TODAY - timedelta(days=300))
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    cast.transfer(stay, slot)
    url = page_of(stay.person)
    assert of_bureau.get(url).status_code == 404
    past = text_of(of_bureau.get(f"{url}?date={TODAY - timedelta(days=10)}"))
    assert "测试区财政局" in past
    assert "测试区审计局" not in past


def test_an_outsider_is_told_the_missing_permission(cast, outsider):
    answer = outsider.get(PEOPLE)
    assert answer.status_code == 403
    assert "查看人员名册" in text_of(answer)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=王小川", True),
        ("q=wxc", True),
        ("q=李", False),
        ("sex=1", True),
        ("sex=2", False),
        ("age=35", True),
        ("age=40", False),
        ("age=25", False),
        ("quota_type=A1", True),
        ("quota_type=C1", False),
        ("state=on_quota_on_duty", True),
        ("state=on_quota_off_duty", False),
        ("schooling=2", True),
        ("schooling=1", False),
        ("identity=civil_servant", True),
        ("entered_from=2026-03-01", True),
        ("entered_to=2026-03-01", False),
        ("retiring_from=2053.1&retiring_to=2053.12", True),
        ("retiring_to=2040.12", False),
        ("retiring_from=2053&retiring_to=2053", True),
        ("retiring_to=2052", False),
    ],
)
def test_each_filter_narrows_the_list(cast, office, query, found):
    facts = cast.facts("王小川", born=date(1990, 5, 6), identity="civil_servant", schooling_full_time="21")
    cast.member(cast.bureau, facts=facts)
    page = text_of(office.get(f"{PEOPLE}?{query}&date={TODAY}"))
    assert ("王小川" in rows_of(page)) is found, query


def test_the_unit_filter_takes_its_own_unit(cast, office):
    cast.member(cast.bureau, facts=cast.facts("王小川"))
    assert "王小川" in text_of(office.get(f"{PEOPLE}?unit={cast.bureau.pk}"))
    assert "王小川" not in rows_of(text_of(office.get(f"{PEOPLE}?unit={cast.school.pk}")))


def test_a_whole_id_number_finds_its_person_and_a_part_finds_nobody(cast, office):
    member = cast.member(cast.bureau, facts=cast.facts("王小川"))
    number = member.person.id_number
    assert "王小川" in text_of(office.get(f"{PEOPLE}?id={number}"))
    partial = text_of(office.get(f"{PEOPLE}?id={number[:10]}"))
    assert "须填写完整号码" in partial
    assert "王小川" not in partial


def test_the_list_asks_a_constant_number_of_queries(cast, office):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert office.get(PEOPLE).status_code == 200
        return len(captured)

    cast.member(cast.bureau)
    queries()
    few = queries()
    cast.fill(cast.audit_office, "A1", 4)
    cast.fill(cast.school, "B5", 4)
    assert queries() == few


def test_an_export_is_masked_and_on_record(cast, office, of_bureau):
    member = cast.member(cast.bureau, facts=cast.facts("王小川"))
    answer = office.get(f"{PEOPLE}?export=csv&cols=name&cols=id_number")
    sheet = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert mask_id_number(member.person.id_number) in sheet
    assert member.person.id_number not in sheet
    assert AuditEntry.objects.filter(action__contains="export").exists()


def test_the_page_shows_every_period_with_its_document(cast, office):
    stay = cast.member(cast.bureau, facts=cast.facts("王小川"))
    page = text_of(office.get(page_of(stay.person)))
    assert "测试区财政局" in page
    assert "行政编制" in page
    assert "预计退休" in page
    assert reverse("documents:detail", args=[cast.document.pk]) in page
    assert stay.person.id_number not in page
    assert mask_id_number(stay.person.id_number) in page
    assert "BD2026-" in page


def test_the_page_of_a_past_day_knows_nothing_later(cast, office):
    stay = seat(cast, cast.bureau, "A1", cast.facts("王小川"))
    cast.leave(stay, on=TODAY - timedelta(days=5))
    before = text_of(office.get(f"{page_of(stay.person)}?date={TODAY - timedelta(days=20)}"))
    after = text_of(office.get(page_of(stay.person)))
    assert "辞职" not in before
    assert "在编在岗" in before
    assert "辞职" in after
    assert "已出编" in after


def test_the_whole_number_is_shown_for_a_purpose_and_every_look_is_on_record(cast, office):
    person = cast.member(cast.bureau).person
    url = reverse("personnel:reveal", args=[person.pk])
    assert person.id_number not in text_of(office.get(url))
    assert person.id_number not in text_of(posted(office, url, {"purpose": ""}))
    assert person.id_number in text_of(posted(office, url, {"purpose": "identity", "note": "核对档案"}))
    entry = AuditEntry.objects.get(action="personnel.id_revealed")
    assert entry.subject_id == str(person.pk)
    assert "核对档案" in entry.facts


def test_a_unit_clerk_cannot_reveal(cast, of_bureau):
    person = cast.member(cast.bureau).person
    assert (
        posted(
            of_bureau, reverse("personnel:reveal", args=[person.pk]), {"purpose": "other", "note": "看看而已"}
        ).status_code
        == 403
    )
    assert "显示</a>" not in text_of(of_bureau.get(page_of(person)))


def test_the_fragment_of_the_number_stands_alone(cast, office):
    person = cast.member(cast.bureau).person
    answer = office.post(
        reverse("personnel:reveal", args=[person.pk]),
        {"purpose": "identity", "note": "核对档案"},
        headers={"HX-Request": "true"},
    )
    assert person.id_number in text_of(answer)
    assert "<html" not in text_of(answer)


def test_the_search_box_finds_people_within_scope(cast, office, of_bureau):
    cast.member(cast.audit_office, facts=cast.facts("李审计"))
    assert "李审计" in text_of(office.get("/search/?q=lsj"))
    assert "李审计" not in text_of(of_bureau.get("/search/?q=lsj"))
    assert "李审计" not in text_of(of_bureau.get("/lookup/person/?q=李审计"))


@pytest.mark.parametrize("sex", ["1", "2"])
def test_the_condition_on_retirement_months_agrees_with_the_month_of_each_person(cast, sex):
    for year in range(1964, 1984, 3):
        for identity in ("civil_servant", "worker"):
            facts = cast.facts(sex=sex, born=date(year, 7, 15), identity=identity)
            seat(cast, cast.school, "B5", facts)
    for year in (2024, 2029, 2034, 2039):
        first, last = YearMonth(year, 1), YearMonth(year + 4, 12)
        expected = {p.pk for p in Person.objects.all() if first <= (retirement_month(p) or YearMonth(1, 1)) <= last}
        found = set(Occupancy.objects.filter(retiring_between(first, last)).values_list("person_id", flat=True))
        assert found == expected


def test_nobody_is_visible_to_a_user_without_a_role(cast, outsider):
    seat(cast, cast.bureau, "A1")
    user = outsider.get("/search/?q=x").wsgi_request.user
    assert not visible_persons(user, TODAY).exists()
    assert not visible_persons(user, FOUNDED).exists()

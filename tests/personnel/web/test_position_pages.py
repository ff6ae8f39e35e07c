"""信息变更, 任免, 在岗情况, 借调, 编外, and what the unit's page shows of people."""

from datetime import date, timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from bianzhi.kernel.masking import mask_id_number
from bianzhi.personnel.handlers import figures_of
from bianzhi.personnel.models import Appointment, DutyPeriod, Engagement, Person, PersonChange, Secondment
from bianzhi.personnel.web.unit_tabs import quota_table
from tests.cast import TODAY, Cast, seat
from tests.personnel.web.conftest import posted, rows_of, text_of


def locked(person: Person, cast: Cast, **changed: str) -> dict[str, str | None]:
    return {
        "name": person.name,
        "id_number": person.id_number,
        "sex": person.sex,
        "born_on": person.born_on.isoformat(),
        "retirement_category": person.retirement_category,
        "effective_on": TODAY.isoformat(),
        "reason": "按户口簿更正",
        "document": str(cast.document.pk),
        "token": "c-1",
        **changed,
    }


def test_a_locked_field_changes_by_a_document_and_the_old_value_stays_readable(cast, office):
    person = cast.member(cast.bureau, facts=cast.facts("王小川")).person
    url = reverse("personnel:change", args=[person.pk])
    posted(office, url, locked(person, cast, name="王晓川"))
    change = PersonChange.objects.get()
    assert (change.field, change.old_value, change.new_value) == ("name", "王小川", "王晓川")
    page = text_of(office.get(reverse("personnel:person", args=[person.pk])))
    assert "王晓川" in page
    assert "<del>王小川</del>" in page
    assert "按户口簿更正" in page
    before = text_of(office.get(f"{reverse('personnel:person', args=[person.pk])}?date={TODAY - timedelta(days=1)}"))
    assert before.count("王晓川") == 0


def test_what_would_change_is_shown_before_it_is_done(cast, office):
    person = cast.member(cast.bureau, facts=cast.facts("王小川")).person
    data = locked(person, cast, name="王晓川", intent="check")
    page = text_of(posted(office, reverse("personnel:change", args=[person.pk]), data))
    assert "<del>王小川</del>" in page
    assert "<ins>王晓川</ins>" in page
    assert not PersonChange.objects.exists()


def test_a_birth_that_contradicts_the_number_is_refused(cast, office):
    person = cast.member(cast.bureau).person
    answer = posted(office, reverse("personnel:change", args=[person.pk]), locked(person, cast, born_on="1991-01-01"))
    assert answer.status_code == 422
    assert "R16" in text_of(answer)
    assert not PersonChange.objects.exists()


def test_the_units_own_fields_change_without_a_document(cast, office):
    person = cast.member(cast.bureau).person
    url = reverse("personnel:edit", args=[person.pk])
    assert "依据文件" not in text_of(office.get(url))
    posted(office, url, {"schooling_full_time": "21", "phone": "13800000000", "token": "s-1"})
    person.refresh_from_db()
    assert person.schooling_full_time == "21"
    assert "138****0000" in text_of(office.get(reverse("personnel:person", args=[person.pk])))


def appointment(cast: Cast, **more: str) -> dict[str, str]:
    return {
        "position": "局长",
        "post_level": "org_chief",
        "effective_on": TODAY.isoformat(),
        "is_principal": "on",
        "document": str(cast.document.pk),
        "token": "a-1",
        **more,
    }


def test_an_appointment_counts_against_the_posts_and_ends_by_a_document(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    url = reverse("personnel:appoint", args=[stay.person_id])
    assert "领导职数" in text_of(office.get(url))
    posted(office, url, appointment(cast))
    held = Appointment.objects.get()
    tab = text_of(office.get(f"{reverse('organizations:detail', args=[cast.bureau.pk])}?tab=posts"))
    assert "局长" in tab
    assert "正职" in tab
    end = {"effective_on": (TODAY + timedelta(days=1)).isoformat(), "document": str(cast.document.pk), "token": "a-2"}
    posted(office, reverse("personnel:end_appointment", args=[held.pk]), end)
    held.refresh_from_db()
    assert held.valid_to == TODAY + timedelta(days=1)


def test_one_post_too_many_is_refused_to_the_clerk_and_flagged_for_the_director(cast, office, director):
    first = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    second = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    posted(office, reverse("personnel:appoint", args=[first.person_id]), appointment(cast))
    url = reverse("personnel:appoint", args=[second.person_id])
    refused = posted(office, url, appointment(cast, token="a-2"))
    assert "R09" in text_of(refused)
    assert "放行理由" not in text_of(refused)
    over = appointment(
        cast,
        token="a-3",
        basis_document=str(cast.document.pk),
        override_codes="R09",
        override_reason="上级批准超配过渡",
    )
    posted(director, url, over)
    assert Appointment.objects.get(person=second.person).exceeds_posts
    assert "超职数" in text_of(office.get(reverse("personnel:person", args=[second.person_id])))


def test_a_duty_state_needs_its_reason(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    url = reverse("personnel:duty", args=[stay.person_id])
    data = {"state": "on_quota_off_duty", "effective_on": TODAY.isoformat(), "token": "d-1"}
    assert posted(office, url, data).status_code == 422
    posted(office, url, data | {"reason": "long_sick_leave"})
    assert DutyPeriod.objects.get().state == "on_quota_off_duty"
    assert "长期病假" in text_of(office.get(reverse("personnel:person", args=[stay.person_id])))


def test_a_secondment_is_lent_listed_overdue_and_returned(cast, office, of_bureau):
    stay = cast.member(cast.audit_office, on=TODAY - timedelta(days=200))
    url = reverse("personnel:second", args=[stay.person_id])
    data = {
        "mode": "B01",
        "to_organization": str(cast.bureau.pk),
        "effective_on": (TODAY - timedelta(days=50)).isoformat(),
        "document": str(cast.document.pk),
        "token": "b-1",
    }
    assert posted(office, url, data).status_code == 422, "an agreed end is mandatory"
    posted(office, url, data | {"planned_until": (TODAY - timedelta(days=5)).isoformat()})
    row = Secondment.objects.get()
    listed = text_of(of_bureau.get(f"{reverse('personnel:secondments')}?state=overdue"))
    assert stay.person.name in listed, "the borrower sees who is lent to it"
    assert "超期" in listed
    posted(office, reverse("personnel:return", args=[row.pk]), {"returned_on": TODAY.isoformat(), "token": "b-2"})
    row.refresh_from_db()
    assert row.valid_to == TODAY
    still_lent = rows_of(text_of(office.get(f"{reverse('personnel:secondments')}?state=open")))
    assert stay.person.name not in still_lent


def test_the_director_lets_an_organ_borrow_from_a_township(cast, office, director):
    stay = cast.member(cast.township, on=TODAY - timedelta(days=200))
    data = {
        "mode": "B01",
        "to_organization": str(cast.bureau.pk),
        "effective_on": TODAY.isoformat(),
        "planned_until": (TODAY + timedelta(days=90)).isoformat(),
        "document": str(cast.document.pk),
        "token": "b-1",
    }
    url = reverse("personnel:second", args=[stay.person_id])
    assert "R21" in text_of(posted(office, url, data))
    assert not Secondment.objects.exists()
    posted(director, url, data | {"override_codes": "R21", "override_reason": "专班抽调，为期三个月"})
    assert Secondment.objects.exists()


def engagement(cast: Cast, serial: int, **more: str) -> dict[str, str]:
    return {
        "name": "杨编外",
        "id_number": make_id_number(UNALLOCATED_REGION, date(1995, 6, 7), serial).value,
        "organization": str(cast.bureau.pk),
        "kind": "E2",
        "form": "contract",
        "effective_on": TODAY.isoformat(),
        "document": str(cast.document.pk),
        "token": f"g-{serial}",
        **more,
    }


def test_people_outside_the_quota_stop_at_the_control_number(cast, office):
    url = reverse("personnel:new_engagement")
    for serial in (11, 13):
        posted(office, url, engagement(cast, serial))
    assert Engagement.objects.count() == 2
    refused = posted(office, url, engagement(cast, 15))
    assert "R22" in text_of(refused)
    assert Engagement.objects.count() == 2
    assert not Person.objects.with_id_number(engagement(cast, 15)["id_number"]).exists(), "no trace of the refused one"
    row = Engagement.objects.first()
    assert row is not None
    end = {"effective_on": (TODAY + timedelta(days=1)).isoformat(), "reason": "合同到期", "token": "g-e"}
    posted(office, reverse("personnel:end_engagement", args=[row.pk]), end)
    assert Engagement.objects.open_ended().count() == 1
    assert "杨编外" in text_of(office.get(reverse("personnel:engagements")))


def test_the_unit_page_shows_quota_and_roster_and_never_nets_over_against_vacant(cast, office):
    for _ in range(3):
        seat(cast, cast.bureau, "C1", over_quota=True)
    cast.member(cast.bureau, facts=cast.facts("王小川"))
    table = quota_table(cast.bureau.pk, TODAY)
    assert (table.total.approved, table.total.occupied) == (12, 4)
    assert (table.vacant, table.over) == (9, 1), "12 - 4 would be 8"
    page = text_of(office.get(f"{reverse('organizations:detail', args=[cast.bureau.pk])}?tab=quota"))
    assert "编制核定与使用" in page
    assert "王小川" in page
    assert "虞编〔2020〕3号" in page
    assert "空编、超编分类合计，不相抵" in page


def test_the_roster_on_the_unit_page_filters_as_a_fragment(cast, office):
    cast.member(cast.bureau, facts=cast.facts("王小川"))
    cast.member(cast.bureau, facts=cast.facts("李大海"))
    url = f"{reverse('organizations:detail', args=[cast.bureau.pk])}?tab=quota&q=ldh"
    answer = office.get(url, headers={"HX-Request": "true", "HX-Target": "list-personnel-unit_roster-rows"})
    page = text_of(answer)
    assert "李大海" in page
    assert "王小川" not in page
    assert "<html" not in page


def test_the_unit_page_keeps_its_business_records(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=9))
    page = text_of(office.get(f"{reverse('organizations:detail', args=[cast.bureau.pk])}?tab=movements"))
    assert stay.person.name in page
    assert "入编" in page


def test_the_tree_shows_people_and_quota_of_each_unit(cast):
    cast.fill(cast.audit_office, "A1", 4)
    seat(cast, cast.audit_office, "A1", over_quota=True)
    found = figures_of([cast.audit_office.pk, cast.bureau.pk], TODAY)
    assert str(found[cast.audit_office.pk]) == "5/4"
    assert found[cast.audit_office.pk].is_over
    assert str(found[cast.bureau.pk]) == "0/12"
    assert not found[cast.bureau.pk].is_over


def test_lists_ask_a_constant_number_of_queries(cast, office):
    pages = [reverse(f"personnel:{name}") for name in ("approvals", "slots", "movements", "secondments", "engagements")]

    def queries() -> list[int]:
        counts = []
        for url in pages:
            with CaptureQueriesContext(connection) as captured:
                assert office.get(url).status_code == 200
            counts.append(len(captured))
        return counts

    cast.member(cast.bureau)
    queries()
    few = queries()
    cast.fill(cast.audit_office, "A1", 3)
    cast.fill(cast.school, "B5", 3)
    assert queries() == few


def test_id_numbers_stay_masked_on_every_notice_and_page(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=9))
    number = stay.person.id_number
    movement = stay.person.movements.get()
    for url in (
        reverse("personnel:person", args=[stay.person_id]),
        reverse("personnel:movement", args=[movement.pk]),
        reverse("personnel:notice", args=[movement.pk]),
        f"{reverse('personnel:people')}?cols=id_number",
    ):
        page = text_of(office.get(url))
        assert number not in page
    assert mask_id_number(number) in page

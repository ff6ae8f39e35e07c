"""入编、调动、出编、冲正 in the browser: success, refusal, notices on paper, and who may."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from bianzhi.personnel.models import Movement, Occupancy, Person, SlotState
from tests.cast import TODAY, Cast
from tests.direct import by_hand
from tests.personnel.web.conftest import posted, text_of

NUMBER = make_id_number(UNALLOCATED_REGION, date(1998, 4, 3), 15).value


def entry(cast: Cast, **more: str) -> dict[str, str]:
    return {
        "name": "陈新来",
        "id_number": NUMBER,
        "ethnicity": "01",
        "politics": "13",
        "started_work_on": "2020.7",
        "identity": "civil_servant",
        "effective_on": TODAY.isoformat(),
        "evidence": "录用通知",
        "document": str(cast.document.pk),
        "token": "e-1",
        **more,
    }


def exit_form(cast: Cast, **more: str) -> dict[str, object]:
    return {
        "event_on": TODAY.isoformat(),
        "evidence": ["辞职申请", "单位研究意见或批复"],
        "document": str(cast.document.pk),
        "token": "x-1",
        **more,
    }


def test_the_first_step_offers_the_usable_slots_of_the_unit(cast, office):
    slot = cast.approve(cast.bureau).slots[0]
    page = text_of(office.get(f"{reverse('personnel:enlist')}?unit={cast.bureau.pk}"))
    assert slot.number in page
    assert reverse("personnel:enlist_on_slot", args=[slot.pk]) in page
    without = text_of(office.get(f"{reverse('personnel:enlist')}?unit={cast.school.pk}"))
    assert "没有可用的核准名额" in without
    assert "R01" in without


def test_somebody_new_enters_on_a_slot_and_gets_a_notice(cast, office):
    slot = cast.approve(cast.bureau).slots[0]
    answer = posted(office, reverse("personnel:enlist_on_slot", args=[slot.pk]), entry(cast))
    person = Person.objects.with_id_number(NUMBER).get()
    movement = Movement.objects.get(person=person)
    assert answer["Location"] == reverse("personnel:movement", args=[movement.pk])
    assert Occupancy.objects.open_ended().get(person=person).organization_id == cast.bureau.pk
    slot.refresh_from_db()
    assert slot.state == SlotState.CONSUMED
    notice = text_of(office.get(reverse("personnel:notice", args=[movement.pk])))
    assert "入编通知单" in notice
    assert "陈新来" in notice
    assert "行政编制" in notice
    assert NUMBER not in notice


def test_an_entry_sent_twice_happens_once(cast, office):
    slots = cast.approve(cast.bureau, count=2).slots
    url = reverse("personnel:enlist_on_slot", args=[slots[0].pk])
    assert posted(office, url, entry(cast))["Location"] == posted(office, url, entry(cast))["Location"]
    assert Movement.objects.count() == 1


def test_a_refused_entry_keeps_what_was_typed_and_names_the_rule(cast, office):
    slot = cast.approve(cast.bureau).slots[0]
    url = reverse("personnel:enlist_on_slot", args=[slot.pk])
    early = posted(office, url, entry(cast, effective_on=(TODAY - timedelta(days=30)).isoformat(), remark="备注在此"))
    assert early.status_code == 422
    assert "R01" in text_of(early)
    assert "备注在此" in text_of(early)
    assert "陈新来" in text_of(early)
    assert not Movement.objects.exists()
    assert not Person.objects.with_id_number(NUMBER).exists()


def test_the_papers_of_the_mode_are_asked_for(cast, office):
    slot = cast.approve(cast.bureau).slots[0]
    data = entry(cast)
    del data["evidence"]
    page = text_of(posted(office, reverse("personnel:enlist_on_slot", args=[slot.pk]), data))
    assert "录用审批表或录用通知" in page


def test_somebody_new_needs_the_mandatory_facts_and_somebody_known_does_not(cast, office):
    slots = cast.approve(cast.bureau, count=2).slots
    bare = entry(cast, ethnicity="", politics="", started_work_on="", identity="")
    refused = posted(office, reverse("personnel:enlist_on_slot", args=[slots[0].pk]), bare)
    assert "新登记的人员必须填写" in text_of(refused)
    gone = cast.member(cast.audit_office, facts=cast.facts("陈新来"), on=TODAY - timedelta(days=200))
    cast.leave(gone, on=TODAY - timedelta(days=100))
    known = entry(cast, id_number=gone.person.id_number, ethnicity="", politics="", started_work_on="", identity="")
    posted(office, reverse("personnel:enlist_on_slot", args=[slots[0].pk]), known)
    assert Occupancy.objects.open_ended().get(person=gone.person).organization_id == cast.bureau.pk


def test_the_number_typed_tells_whom_it_belongs_to(cast, office):
    member = cast.member(cast.audit_office, facts=cast.facts("李审计"))
    url = reverse("personnel:known_person")
    page = text_of(posted(office, url, {"id_number": member.person.id_number, "name": "张别人"}))
    assert "李审计" in page
    assert "R04" in page
    assert "姓名不一致" in page
    assert "身份证号有误" in text_of(posted(office, url, {"id_number": "330699199001010001"}))


def test_a_reinstatement_needs_its_reason(cast, office):
    url = f"{reverse('personnel:reinstate')}?unit={cast.bureau.pk}"
    data = entry(cast, quota_type="A1", evidence="恢复（补录）批文")
    assert posted(office, url, data).status_code == 422
    posted(office, url, data | {"reason": "复议撤销处分"})
    assert Movement.objects.get().mode == "I15"


def test_a_transfer_moves_a_person_in_one_act(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    url = f"{reverse('personnel:transfer', args=[stay.person_id])}?kind=between&unit={cast.audit_office.pk}"
    assert slot.number in text_of(office.get(url))
    data = {
        "mode": "T03",
        "slot": str(slot.pk),
        "effective_on": TODAY.isoformat(),
        "document": str(cast.document.pk),
        "token": "t-1",
    }
    answer = posted(office, url, data)
    movement = Movement.objects.get(mode="T03")
    assert answer["Location"] == reverse("personnel:movement", args=[movement.pk])
    now = Occupancy.objects.open_ended().get(person=stay.person)
    assert now.organization_id == cast.audit_office.pk
    assert now.valid_from == TODAY
    assert "人员调动通知单" in text_of(office.get(reverse("personnel:notice", args=[movement.pk])))


@pytest.mark.parametrize(
    ("kind", "fields", "mode"),
    [
        ("body", {"internal_body_id": "FINANCE"}, "T01"),
        ("quota", {"quota_type": "D1", "term_until": "2029-03-01"}, "T04"),
        ("identity", {"identity": "institution_management"}, "T08"),
    ],
)
def test_a_change_inside_the_unit(cast, office, kind, fields, mode):
    organization = cast.bureau if kind == "body" else cast.school
    stay = cast.member(organization, "A1" if kind == "body" else "B5", on=TODAY - timedelta(days=200))
    url = f"{reverse('personnel:transfer', args=[stay.person_id])}?kind={kind}"
    filled = {name: str(cast.finance_section.pk) if value == "FINANCE" else value for name, value in fields.items()}
    data = {"effective_on": TODAY.isoformat(), "document": str(cast.document.pk), "token": "i-1", **filled}
    answer = posted(office, url, data)
    assert answer.status_code == 302, text_of(answer)
    assert Movement.objects.filter(person=stay.person, mode=mode).exists()


def test_an_exit_shows_its_clock_and_gives_a_receipt(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    url = f"{reverse('personnel:exit', args=[stay.person_id])}?mode=O07"
    page = text_of(office.get(url))
    assert "10 个工作日" in page
    assert "2026-03-16" in page
    assert "辞职申请" in page
    answer = posted(office, url, exit_form(cast))
    movement = Movement.objects.get(mode="O07")
    assert answer["Location"] == reverse("personnel:movement", args=[movement.pk])
    receipt = text_of(office.get(reverse("personnel:notice", args=[movement.pk])))
    assert "人员编制核销回执" in receipt
    assert "辞职" in receipt


def test_a_late_exit_is_said_to_be_late_and_filed_all_the_same(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    late = (TODAY - timedelta(days=60)).isoformat()
    clock = text_of(office.get(f"{reverse('personnel:exit_clock')}?mode=O07&event_on={late}"))
    assert "已超过办理期限" in clock
    url = f"{reverse('personnel:exit', args=[stay.person_id])}?mode=O07"
    answer = by_hand(office, url, exit_form(cast, event_on=late))
    assert "超期" in text_of(office.get(answer["Location"]))
    assert Movement.objects.get(mode="O07").is_overdue


def test_an_exit_without_all_its_papers_is_refused(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    url = f"{reverse('personnel:exit', args=[stay.person_id])}?mode=O07"
    page = text_of(by_hand(office, url, exit_form(cast, evidence="辞职申请")))
    assert "缺少材料：单位研究意见或批复" in page
    assert "R12" in page
    assert Occupancy.objects.open_ended().filter(person=stay.person).exists()


def test_a_movement_is_reversed_with_reason_and_document(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=20))
    movement = Movement.objects.get(person=stay.person)
    url = reverse("personnel:reverse", args=[movement.pk])
    refused = posted(office, url, {"reason": "", "document": str(cast.document.pk), "token": "r-0"})
    assert refused.status_code == 422
    data = {"reason": "登记错误，实际未报到", "document": str(cast.document.pk), "token": "r-1"}
    assert posted(office, url, data).status_code == 302
    assert not Occupancy.objects.open_ended().filter(person=stay.person).exists()
    page = text_of(office.get(reverse("personnel:movement", args=[movement.pk])))
    assert "该业务已冲正" in page
    assert "作废" in text_of(office.get(reverse("personnel:notice", args=[movement.pk])))


def test_a_wrong_entry_day_is_corrected_and_the_old_row_stays_readable(cast, office):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=20))
    url = reverse("personnel:correct", args=[stay.pk])
    right = (TODAY - timedelta(days=15)).isoformat()
    data = {
        "valid_from": right,
        "entry_mode": stay.entry_mode,
        "joined_unit_on": right,
        "entry_document": str(cast.document.pk),
        "correction_reason": "报到日期登记有误",
        "document": str(cast.document.pk),
        "token": "c-1",
    }
    answer = posted(office, url, data)
    assert answer.status_code == 302, text_of(answer)
    assert Occupancy.objects.open_ended().get(person=stay.person).valid_from.isoformat() == right
    assert "报到日期登记有误" in text_of(office.get(reverse("personnel:person", args=[stay.person_id])))


def test_the_list_of_movements_keeps_to_the_units_of_the_user(cast, office, of_bureau):
    own = Movement.objects.get(person=cast.member(cast.bureau).person)
    other = Movement.objects.get(person=cast.member(cast.audit_office).person)
    page = text_of(of_bureau.get(reverse("personnel:movements")))
    assert own.number in page
    assert other.number not in page
    assert of_bureau.get(reverse("personnel:movement", args=[other.pk])).status_code == 404
    assert of_bureau.get(reverse("personnel:notice", args=[other.pk])).status_code == 404
    found = text_of(office.get(f"{reverse('personnel:movements')}?unit={cast.bureau.pk}&family=entry&q={own.number}"))
    assert own.number in found
    assert other.number not in found


def test_a_unit_clerk_acts_on_nobody(cast, of_bureau):
    stay = cast.member(cast.bureau, on=TODAY - timedelta(days=200))
    slot = cast.approve(cast.bureau).slots[0]
    for url in (
        reverse("personnel:enlist_on_slot", args=[slot.pk]),
        reverse("personnel:transfer", args=[stay.person_id]),
        reverse("personnel:exit", args=[stay.person_id]) + "?mode=O07",
        reverse("personnel:change", args=[stay.person_id]),
        reverse("personnel:appoint", args=[stay.person_id]),
    ):
        assert of_bureau.get(url).status_code == 403
        assert posted(of_bureau, url, {}).status_code == 403


def test_a_page_that_acts_is_opened_as_of_today(cast, office):
    slot = cast.approve(cast.bureau).slots[0]
    url = reverse("personnel:enlist_on_slot", args=[slot.pk])
    assert office.get(f"{url}?date=2021-01-01")["Location"] == url
    chosen = f"{reverse('personnel:enlist')}?unit={cast.bureau.pk}"
    assert office.get(f"{chosen}&date=2021-01-01")["Location"] == chosen

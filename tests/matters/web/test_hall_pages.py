"""办事大厅 and the guide of a matter: what is offered to whom, what is locked and why, where one's cases stand."""

from datetime import date

from django.urls import reverse

from bianzhi.matters.models import Case
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.web.pictures import in_order
from tests.matters import staffing as given
from tests.matters.web.conftest import form_url, page_url, text_of

MATTERS = ("P02", "P05")
HALL = reverse("matters:hall")


def leaving(member, **other):
    return {
        "person": member.person_id,
        "exit_mode": "O07",
        "event_on": "2026-03-02",
        "document": given.paper(),
        **other,
    }


def test_the_hall_says_what_each_matter_is_for_and_takes(matters, at_desk):
    page = text_of(at_desk(matters.clerk).get(HALL))
    assert "出编" in page
    assert "3 个工作日" in page
    assert "由编办核准" in page
    assert "机构合并" not in page, "a matter that is not set up is not offered"


def test_who_may_not_apply_finds_no_hall(matters, at_desk):
    assert at_desk(matters.head).get(HALL).status_code == 403
    assert at_desk(matters.system_admin).get(HALL).status_code == 403


def test_an_overdue_exit_locks_new_applications_but_not_the_exit_itself(matters, at_desk):
    cast = matters.cast
    cast.member(cast.bureau, on=date(2025, 1, 6), facts=cast.facts("陈到龄", born=date(1965, 1, 5)))
    page = text_of(at_desk(matters.clerk).get(HALL))
    assert "陈到龄" in page
    assert "怎么办" in page
    assert page.count("暂停受理</span>") == 1, "编制使用核准 is locked, 出编 is what clears it"
    guide = text_of(at_desk(matters.clerk).get(reverse("matters:guide", args=["P02"])))
    assert "暂停受理" in guide
    assert "陈到龄" not in text_of(at_desk(matters.clerk).get(reverse("matters:guide", args=["P05"])))


def test_drafts_and_cases_stand_on_top_with_what_they_wait_for(matters, at_desk):
    member = matters.cast.member(matters.cast.bureau)
    draft = matters.draft("P05", {"destination": "别处"})
    case = matters.apply("P05", leaving(member))
    client = at_desk(matters.clerk)
    page = text_of(client.get(HALL))
    assert form_url(draft) in page
    assert page_url(case) in page
    assert "正在“单位负责人审核”" in page
    matters.agree(case, matters.head)
    given.sent_back(matters, case, matters.office_clerk, "apply")
    page = text_of(client.get(HALL))
    assert "修改重报" in page
    assert form_url(case) in page
    assert form_url(draft) not in text_of(at_desk(matters.outsider).get(HALL))


def test_a_finished_office_part_asks_for_the_rating(matters, at_desk):
    given.without_publication("P05")
    member = matters.cast.member(matters.cast.bureau)
    case = given.ratified(matters, given.accepted(matters, matters.apply("P05", leaving(member))))
    page = text_of(at_desk(matters.clerk).get(HALL))
    assert f"{page_url(case)}#feedback" in page


def test_the_hall_asks_no_more_for_more_cases(matters, at_desk, django_assert_max_num_queries):
    client = at_desk(matters.clerk)
    for number in range(3):
        member = matters.cast.member(matters.cast.bureau, facts=matters.cast.facts(f"王{'甲乙丙'[number]}"))
        matters.apply("P05", leaving(member))
    client.get(HALL)
    with django_assert_max_num_queries(60):
        client.get(HALL)


def test_the_guide_lists_papers_with_their_cases_and_the_way_of_a_case(matters, at_desk):
    page = text_of(at_desk(matters.clerk).get(reverse("matters:guide", args=["P05"])))
    assert "退休审批表复印件" in page
    assert "出编类型为法定退休" in page
    assert "单位负责人审核" in page
    assert "申请单位：<strong>测试区财政局</strong>" in page
    assert page.index("核查销号") < page.index("评价反馈")


def test_steps_of_a_flow_stand_in_the_order_they_are_done(matters):
    case = matters.apply("P05", leaving(matters.cast.member(matters.cast.bureau)))
    names = [node.name for node in in_order(process_of(case.instance.version))]
    assert names.index("督查") < names.index("整改") < names.index("核查销号") < names.index("评价反馈")
    assert len(names) == len(process_of(case.instance.version).nodes)


def test_a_matter_nobody_knows_is_not_found(matters, at_desk):
    client = at_desk(matters.clerk)
    assert client.get(reverse("matters:guide", args=["P99"])).status_code == 404
    assert client.get(reverse("matters:guide", args=["P01"])).status_code == 404


def test_beginning_twice_with_one_click_makes_one_draft(matters, at_desk):
    client = at_desk(matters.clerk)
    url = reverse("matters:guide", args=["P05"])
    data = {"unit": str(matters.cast.bureau.pk), "token": "t-1"}
    first, second = client.post(url, data), client.post(url, data)
    case = Case.objects.get()
    assert first["Location"] == second["Location"] == form_url(case)
    assert (case.organization, case.applicant) == (matters.cast.bureau, matters.clerk)


def test_a_click_sent_again_while_the_first_is_at_work_makes_no_second_draft(matters, at_desk):
    url, data = reverse("matters:guide", args=["P05"]), {"unit": str(matters.cast.bureau.pk), "token": "t-1"}
    meanwhile = at_desk(matters.clerk)  # a session that does not know yet what the first sending did
    at_desk(matters.clerk).post(url, data)
    assert "正在为您打开这份申请" in text_of(meanwhile.post(url, data, follow=True))
    assert Case.objects.count() == 1


def test_a_unit_out_of_reach_is_not_found(matters, at_desk):
    url = reverse("matters:guide", args=["P05"])
    answer = at_desk(matters.clerk).post(url, {"unit": str(matters.cast.audit_office.pk), "token": "t-1"})
    assert answer.status_code == 422
    assert "没有找到这个单位" in text_of(answer)
    assert not Case.objects.exists()


def test_the_office_names_the_unit_it_applies_for(matters, at_desk):
    client = at_desk(matters.office_clerk)
    url = reverse("matters:guide", args=["P05"])
    assert "替哪个单位申请？" in text_of(client.get(url))
    client.post(url, {"unit": "测试区审计局", "token": "t-2"})
    assert Case.objects.get().organization == matters.cast.audit_office

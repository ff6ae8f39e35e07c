"""办件列表: filters, search, export; the tab of the unit; the search box; the papers issued."""

import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from bianzhi.matters.models import Case
from bianzhi.workflow.models import FlowTask
from tests.cast import TODAY
from tests.matters import staffing as given
from tests.matters.web.conftest import page_url, text_of

MATTERS = ("P05",)
LIST = reverse("matters:cases")


def leaving(member, **other):
    return {
        "person": member.person_id,
        "exit_mode": "O07",
        "event_on": "2026-03-02",
        "document": given.paper(),
        **other,
    }


def apply(matters, name, **about):
    unit = about.pop("at", matters.cast.bureau)
    member = matters.cast.member(unit, facts=matters.cast.facts(name))
    return matters.apply("P05", leaving(member), at=unit, **about)


@pytest.fixture
def case(matters):
    return apply(matters, "王小川")


def rows_of(page):
    return page.split("<tbody>", 1)[1].split("</tbody>", 1)[0] if "<tbody>" in page else ""


def test_the_list_says_where_each_case_is_and_with_whom(matters, at_desk, case):
    matters.draft("P05", {})
    rows = rows_of(text_of(at_desk(matters.clerk).get(LIST)))
    for words in (case.number, "王小川出编（辞职）", "测试区财政局", "办理中", "单位负责人审核", "单位负责人"):
        assert words in rows
    assert rows.count("<tr") == 1, "drafts are not in the list"


def test_units_see_their_own_cases_and_the_office_all(matters, at_desk, case):
    other = apply(matters, "李审计", at=matters.cast.audit_office, by=matters.outsider)
    assert other.number not in text_of(at_desk(matters.clerk).get(LIST))
    page = text_of(at_desk(matters.secretary).get(LIST))
    assert other.number in page
    assert case.number in page
    assert at_desk(matters.system_admin).get(LIST).status_code == 403


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("?q=王小川", True), ("?q=000001", True), ("?q=张", False), ("?matter=P05", True), ("?state=running", True),
        ("?state=completed", False), ("?stage=审批", True), ("?stage=公示", False), ("?time=overdue", False),
        ("?mine=yes", True), ("?submitted_from=2099", False), ("?state=nonsense", False),
    ],
)  # fmt: skip
def test_filters_and_search_narrow_the_list(matters, at_desk, case, question, found):
    assert (case.number in rows_of(text_of(at_desk(matters.clerk).get(LIST + question)))) is found


def test_a_case_over_its_limit_is_found_as_such(matters, at_desk, case):
    FlowTask.objects.filter(instance=case.instance).update(due_on=TODAY.replace(day=1))
    page = text_of(at_desk(matters.clerk).get(f"{LIST}?time=overdue"))
    assert case.number in rows_of(page)
    assert "超期" in rows_of(page)


def test_the_number_of_queries_does_not_follow_the_number_of_cases(
    matters, at_desk, case, django_assert_max_num_queries
):
    client = at_desk(matters.clerk)
    client.get(LIST)
    for name in ("李乙", "张丙", "赵丁"):
        apply(matters, name)
    with django_assert_max_num_queries(40):
        assert rows_of(text_of(client.get(LIST))).count("<tr") == 4


def test_the_list_goes_into_a_sheet(matters, at_desk, case):
    answer = at_desk(matters.clerk).get(f"{LIST}?export=xlsx")
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    cells = [str(cell.value) for row in sheet.iter_rows() for cell in row]
    assert case.number in cells
    assert "王小川出编（辞职）" in cells
    assert at_desk(matters.head).get(f"{LIST}?export=xlsx").status_code == 403


def test_cases_stand_on_the_page_of_their_unit(matters, at_desk, case):
    url = f"{reverse('organizations:detail', args=[matters.cast.bureau.pk])}?tab=cases"
    page = text_of(at_desk(matters.clerk).get(url))
    assert case.number in page
    assert "申请单位</th>" not in rows_of(page)


def test_the_search_box_finds_cases_by_number_title_and_person(matters, at_desk, case):
    search = reverse("search:results")
    for text in (case.number, "王小川", "出编"):
        assert page_url(case) in text_of(at_desk(matters.clerk).get(search, {"q": text})), text
    assert page_url(case) not in text_of(at_desk(matters.outsider).get(search, {"q": "王小川"}))


def test_papers_are_listed_and_printed_for_who_may_see_the_case(matters, at_desk, case):
    given.without_publication("P05")
    given.ratified(matters, given.accepted(matters, case))
    paper = given.the_paper(Case.objects.get(pk=case.pk))
    client = at_desk(matters.clerk)
    assert paper.number in text_of(client.get(reverse("matters:papers")))
    assert paper.number not in text_of(at_desk(matters.outsider).get(reverse("matters:papers")))
    sheet = text_of(client.get(reverse("matters:paper", args=[paper.pk])))
    for words in ("人员编制核销回执", paper.number, "王小川", "测试区财政局：", "验证码", paper.code[:4]):
        assert words in sheet
    assert at_desk(matters.outsider).get(reverse("matters:paper", args=[paper.pk])).status_code == 404

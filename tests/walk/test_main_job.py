"""The main job, start to end, as a clerk of the establishment office does it in a browser.

Log in, bring in units with quotas and a roster from messy workbooks, see the figures, issue a slot, put somebody on
it, transfer and remove the person, and read roster and ledger as of the day before and after each act.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bianzhi.common import integrity, jobs
from bianzhi.common.models import Job
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.models import Person
from tests.accounts.people import PASSWORD, account
from tests.direct import REASON
from tests.walk.inspection import Visitor
from tests.walk.workbooks import DAMAGED, ORGANIZATIONS, number, roster, save

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]

NEW_NUMBER = number(date(1998, 4, 3), 21)


@pytest.fixture
def clerk(live_server, context) -> Visitor:
    account("jingban", "office_clerk")
    return Visitor(context, live_server.url)


@pytest.fixture
def today(monkeypatch):
    """`today("2026-03-02")` turns the page of the calendar."""

    def turn(day: str) -> None:
        monkeypatch.setenv("BIANZHI_TODAY", day)

    turn("2026-03-02")
    return turn


def test_a_district_from_its_workbooks_to_a_person_who_came_moved_and_left(clerk: Visitor, today, tmp_path: Path):
    log_in(clerk)
    bring_in_units(clerk, tmp_path)
    bring_in_people(clerk, tmp_path)
    finance, audit = unit("云江区财政局"), unit("云江区审计局")
    assert on_unit_page(clerk, finance) == figures(6, 3, 3, 0, 3)

    issue_slot(clerk, "云江区财政局", mode="公务员考试录用", doc_no="云编〔2026〕11号")
    assert on_unit_page(clerk, finance) == figures(6, 3, 3, 1, 2)
    enlist(clerk)
    assert on_unit_page(clerk, finance) == figures(6, 4, 2, 0, 2)

    today("2026-03-09")
    issue_slot(clerk, "云江区审计局", mode="转任", doc_no="云编〔2026〕12号")
    transfer(clerk)
    today("2026-03-16")
    leave(clerk)

    rosters_and_figures_of_every_day(clerk, finance, audit)
    ledger_of_every_day(clerk, finance)
    on_paper(clerk, finance)
    assert [str(finding) for finding in integrity.findings()] == []


# --- the steps ---------------------------------------------------------------------------------------------------


def log_in(clerk: Visitor) -> None:
    page = clerk.open("/")
    clerk.inspect("login")
    page.get_by_role("textbox", name="账号").fill("jingban")
    page.get_by_role("textbox", name="密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(clerk.site + "/")
    clerk.inspect("workbench-empty", "工作台")


def upload(clerk: Visitor, file: Path, kind: str) -> None:
    """From the list of imports to the page of the check."""
    page = clerk.open("/imports/")
    clerk.inspect(f"imports-before-{file.stem}")
    page.get_by_role("link", name="上传").first.click()
    clerk.inspect("imports-new")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="上传并识别").click()
    page.wait_for_url("**/columns/")
    assert page.locator("select#kind option:checked").inner_text() == kind
    clerk.inspect(f"imports-columns-{file.stem}", "核对列")
    page.get_by_role("button", name="保存并检查数据").click()
    expect(page.get_by_text("确认导入")).to_be_visible()


def commit(clerk: Visitor, button: str) -> None:
    """Ask for the import, and let the worker do it while the page is watching."""
    page = clerk.page
    page.get_by_role("button", name=button).click()
    expect(page.locator(".job")).to_be_visible()
    clerk.inspect("imports-progress")
    assert jobs.run_waiting() == 1
    assert Job.objects.latest("pk").error == ""
    page.get_by_role("link", name="查看结果").click()
    expect(page.get_by_text("整批已写入登记")).to_be_visible()


def bring_in_units(clerk: Visitor, folder: Path) -> None:
    file = save(folder / "机构.xlsx", ORGANIZATIONS, ["A1:L1", "A2:L2", "H3:J3", "K3:L3"])
    upload(clerk, file, "机构及核定编制")
    clerk.inspect("imports-check-units", "写 12", "10")
    clerk.page.get_by_label("底册日期").fill("2026年1月1日")
    clerk.page.get_by_label("新登记底册的文号").fill("云编[2026]1号")
    commit(clerk, "导入 3 行")
    clerk.inspect("imports-result-units", "云编〔2026〕1号")


def bring_in_people(clerk: Visitor, folder: Path) -> None:
    file = save(folder / "花名册.xlsx", roster(), ["A1:I1", "A2:I2", "C3:E3", "F3:G3"])
    upload(clerk, file, "人员花名册")
    shown = clerk.inspect("imports-check-people", "E8", "330699***********0", "无法还原", "有错误的行不能导入")
    assert DAMAGED not in shown
    page = clerk.page
    page.get_by_role("button", name="导入 5 行").click()
    clerk.inspect("imports-refused", "跳过有错误的行")
    assert not Person.objects.exists()
    page.get_by_label("跳过有错误的行").check()
    commit(clerk, "导入 5 行")
    clerk.inspect("imports-result-people")
    assert Person.objects.count() == 5


def cite_new(page: Page, doc_no: str, title: str, day: str) -> None:
    """Enter the document an act rests on."""
    page.get_by_text("没有登记过？登记新文件").click()
    page.locator("[name=direct_reason]").fill(REASON)
    page.locator("[name=new_doc_no]").fill(doc_no)
    page.locator("[name=new_issued_on]").fill(day)
    page.locator("[name=new_title]").fill(title)
    page.locator("[name=new_issuer]").fill("中共云江区委机构编制委员会办公室")


def issue_slot(clerk: Visitor, unit_name: str, *, mode: str, doc_no: str) -> None:
    page = clerk.open("/personnel/approvals/new/")
    clerk.inspect("issue-unit")
    clerk.choose("单位", unit_name)
    page.get_by_role("button", name="下一步").click()
    clerk.inspect(f"issue-{doc_no}", unit_name)
    select(page, "slots-0-quota_type", "行政编制")
    select(page, "slots-0-entry_mode", mode)
    page.locator("[name=slots-0-count]").fill("１")
    cite_new(page, doc_no, f"关于{unit_name}用编的批复", "2026.3.1")
    page.get_by_role("button", name="先核查").click()
    expect(page.locator("#act-form").get_by_text("核查通过")).to_be_visible()
    clerk.inspect("issue-checked")
    page.get_by_role("button", name="核发核准单").click()
    expect(page.get_by_text("已核发")).to_be_visible()
    clerk.inspect("approval", unit_name, doc_no)


def select(page: Page, name: str, label: str) -> None:
    """Choose an option whose label begins with these words, also where the list has become a searching field."""
    control = page.locator(f"[name={name}]")
    value = control.evaluate(
        "(select, label) => [...select.options].find((option) => option.text.includes(label)).value", label
    )
    if control.evaluate("select => Boolean(select.tomselect)"):
        page.locator(f"#{control.get_attribute('id')}-ts-control").click()
        page.locator(f".ts-dropdown:visible .option[data-value='{value}']").click()
    else:
        control.select_option(value)


def enlist(clerk: Visitor) -> None:
    page = clerk.open("/personnel/enlist/")
    clerk.choose("单位", "云江区财政局")
    page.get_by_role("button", name="下一步").click()
    clerk.inspect("enlist-slots", "公务员考试录用")
    page.get_by_role("link", name="用此名额入编").click()
    clerk.inspect("enlist-form")
    page.locator("[name=name]").fill("陈新来")
    page.locator("[name=id_number]").fill(NEW_NUMBER)
    page.locator("[name=effective_on]").fill("20260302")
    page.locator("[name=evidence]").first.check()
    choose_document(clerk, "云编〔2026〕11号")
    page.get_by_role("button", name="办理入编").click()
    expect(page.get_by_text("新登记的人员必须填写").first).to_be_visible()
    clerk.inspect("enlist-incomplete")
    select(page, "ethnicity", "汉族")
    select(page, "politics", "群众")
    select(page, "identity", "公务员")
    page.locator("[name=started_work_on]").fill("2020年7月")
    page.get_by_role("button", name="办理入编").click()
    expect(page.get_by_text("已为陈新来办理入编")).to_be_visible()
    clerk.inspect("movement-entry", "陈新来", "云江区财政局")


def choose_document(clerk: Visitor, doc_no: str) -> None:
    clerk.choose("已登记的文件", doc_no)
    clerk.page.locator("[name=direct_reason]").fill(REASON)


def newcomer() -> Person:
    return Person.objects.with_id_number(NEW_NUMBER).get()


def transfer(clerk: Visitor) -> None:
    page = clerk.open("/personnel/moves/")
    clerk.choose("人员", "陈新来")
    page.get_by_role("button", name="查找").click()
    clerk.inspect("moves", "云江区财政局")
    page.get_by_role("link", name="调动", exact=True).last.click()
    clerk.inspect("transfer-unit")
    clerk.choose("单位", "云江区审计局")
    page.get_by_role("button", name="下一步").click()
    clerk.inspect("transfer-form")
    select(page, "mode", "区内跨系统调动")
    page.locator("[name=slot]").select_option(index=1)
    page.locator("[name=effective_on]").fill("2026.3.9")
    choose_document(clerk, "云编〔2026〕12号")
    page.get_by_role("button", name="办理调动").click()
    clerk.page.wait_for_url("**/movements/*/")
    clerk.inspect("movement-transfer", "云江区财政局", "云江区审计局")


def leave(clerk: Visitor) -> None:
    page = clerk.open(f"/personnel/people/{newcomer().pk}/exit/")
    clerk.inspect("exit-mode")
    page.get_by_role("link", name="辞职").first.click()
    page.locator("[name=event_on]").fill("2026-03-13")
    page.locator("[name=event_on]").blur()
    expect(page.locator("#exit-clock")).to_contain_text("2026-03-27")
    for paper in page.locator("[name=evidence]").all():
        paper.check()
    cite_new(page, "云财〔2026〕3号", "关于同意陈新来辞职的批复", "2026-03-13")
    clerk.inspect("exit-form")
    page.get_by_role("button", name="办理出编").click()
    expect(page.get_by_text("已为陈新来办理出编")).to_be_visible()
    clerk.inspect("movement-exit", "辞职")


# --- what was to be seen -----------------------------------------------------------------------------------------


def unit(name: str) -> int:
    return OrganizationVersion.objects.open_ended().get(name=name).organization_id


def figures(approved: int, occupied: int, vacant: int, reserved: int, available: int) -> dict[str, str]:
    """A line of the quota table as the page writes it: nothing is a dash where there may be nothing."""
    return {
        "核定": str(approved),
        "实有": str(occupied),
        "空编": str(vacant or "—"),
        "超编": "—",
        "预占": str(reserved or "—"),
        "可用": str(available or "—"),
    }


def on_unit_page(clerk: Visitor, organization_id: int, day: str = "") -> dict[str, str]:
    """The A1 figures the unit page shows on a day."""
    clerk.see(f"/organizations/{organization_id}/?tab=quota" + (f"&date={day}" if day else ""))
    table = clerk.page.get_by_role("table", name="编制核定与使用")
    heads = [head.inner_text() for head in table.locator("th[scope=col]").all()]
    line = table.locator("tbody tr", has_text="行政编制").first
    if line.count() == 0:
        return {}
    cells = dict(zip(heads, (cell.inner_text().strip() for cell in line.locator("td").all()), strict=True))
    return {name: cells[name] for name in ("核定", "实有", "空编", "超编", "预占", "可用")}


def is_on_roster(clerk: Visitor, organization_id: int, day: str) -> bool:
    """Whether the newcomer stands on the roster of a unit page."""
    text = clerk.open(f"/organizations/{organization_id}/?tab=quota&date={day}").inner_text("#main")
    assert "李秀英" in text or "孙丽娜" in text, "the others stay where they are"
    return "陈新来" in text


def rosters_and_figures_of_every_day(clerk: Visitor, finance: int, audit: int) -> None:
    for day, at_finance, at_audit in (
        ("2026-03-01", False, False),
        ("2026-03-02", True, False),
        ("2026-03-08", True, False),
        ("2026-03-09", False, True),
        ("2026-03-13", False, True),
        ("2026-03-14", False, False),
    ):
        assert is_on_roster(clerk, finance, day) == at_finance, day
        assert is_on_roster(clerk, audit, day) == at_audit, day
    assert on_unit_page(clerk, finance, "2026-03-01") == figures(6, 3, 3, 0, 3)
    assert on_unit_page(clerk, finance, "2026-03-02") == figures(6, 4, 2, 0, 2)
    assert on_unit_page(clerk, audit, "2026-03-08") == figures(4, 2, 2, 0, 2)
    assert on_unit_page(clerk, audit, "2026-03-09") == figures(4, 3, 1, 0, 1)
    assert on_unit_page(clerk, audit) == figures(4, 2, 2, 0, 2)
    clerk.see("/personnel/people/?date=2026-03-10&q=陈新来", "云江区审计局")
    clerk.see(f"/personnel/people/{newcomer().pk}/", "云江区财政局", "云江区审计局", "2026-03-14")
    clerk.see("/", "10", "5")


def ledger_of_every_day(clerk: Visitor, finance: int) -> None:
    before = clerk.see(f"/ledger/figure/{finance}/A1/?date=2025-12-31")
    after = clerk.see(f"/ledger/figure/{finance}/A1/?date=2026-01-01", "云编〔2026〕1号")
    assert "云编〔2026〕1号" not in before
    assert "6" in after
    clerk.see("/ledger/?date=2026-01-01", "期初")
    clerk.see(f"/ledger/statement/{finance}/?date=2026-03-16", "云编〔2026〕1号")


def on_paper(clerk: Visitor, finance: int) -> None:
    movements = newcomer().movements.order_by("pk")
    entry, move, exit_ = movements
    assert entry.slot is not None
    for path, words in (
        (f"/personnel/movements/{entry.pk}/notice/", ("入编通知单", "陈新来", "云江区财政局")),
        (f"/personnel/movements/{move.pk}/notice/", ("调动通知单", "云江区审计局")),
        (f"/personnel/movements/{exit_.pk}/notice/", ("核销回执", "辞职")),
        (f"/personnel/approvals/{entry.slot.approval_id}/print/", ("云江区财政局", "云编〔2026〕11号")),
        (f"/ledger/statement/{finance}/sheet/", ("云江区财政局", "云编〔2026〕1号")),
        (f"/organizations/{finance}/?tab=quota", ("云江区财政局", "李秀英")),
        ("/reports/t01/print/?date=2026-03-10", ("李秀英", "陈新来", "云江区审计局")),
    ):
        clerk.see(path)
        paper = clerk.on_paper()
        assert not [word for word in words if word not in paper], path

"""Four departments' data → compared → decided by two persons → the exit filed → lists back → next month closed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import FilePayload, expect

from bianzhi.common import integrity, jobs
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.exchange.models import Delivery, Dispatch, Finding, Run, RunState, Source, Transport
from bianzhi.exchange.rules import sources as addresses
from bianzhi.kernel.identifiers.id_number import check_character
from bianzhi.matters.models import Case
from tests.exchange.rosters import source_of
from tests.matters.people import People
from tests.walk.inspection import Visitor
from tests.walk.lives import rosters
from tests.walk.lives.cases import At, Turn, agree, document, fill_in, go, rate, submit, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser, pytest.mark.timeout(900)]
MATTERS = ("P05",)
TABLE = "payroll_of_finance"
SECRET = "BIANZHI_SOURCE_PAYROLL"
GHOST = (rosters.GHOST[0], rosters.GHOST[1] + check_character(rosters.GHOST[1]))


@pytest.fixture
def payroll_table(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """A table of a real PostgreSQL server, and how it is reached; only where the tests have one."""
    if connection.vendor != "postgresql":
        pytest.skip("needs a PostgreSQL server: set DATABASE_URL")
    told = connection.settings_dict
    monkeypatch.setenv(SECRET, told["PASSWORD"] or "")
    monkeypatch.setattr(
        addresses, "OPTIONS", addresses.OPTIONS | {"host"}
    )  # the server of the tests may be on a socket
    host = told["HOST"] or "localhost"
    address = (
        f"localhost/{told['NAME']}?host={host}"
        if host.startswith("/")
        else f"{host}:{told['PORT'] or 5432}/{told['NAME']}"
    )
    yield {
        "url": f"postgresql://{told['USER']}@{address}",
        "password_env": SECRET,
        "query": f"SELECT * FROM {TABLE}",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")


def test_differences_are_found_settled_and_gone_the_next_month(at: At, matters: People, turn: Turn, tmp_path: Path):
    life(at, matters, turn, tmp_path, {})


def test_the_same_with_the_payroll_read_from_the_departments_own_database(
    at: At, matters: People, turn: Turn, tmp_path: Path, payroll_table: dict[str, str]
):
    life(at, matters, turn, tmp_path, payroll_table)


def life(at: At, matters: People, turn: Turn, folder: Path, database: dict[str, str]) -> None:
    """Two months of the hub; `database` is how the payroll is reached, {} where it is uploaded."""
    sources = people_and_sources(matters, database)
    deliver(at, sources, date(2026, 2, 28), GHOST)
    compare(at)
    two_persons_decide(at)
    exit_filed(at)
    given_back(at, sources, folder)
    turn("2026-04-02")
    deliver(at, sources, date(2026, 3, 31), None)
    compare(at)
    closed(at)
    assert [str(finding) for finding in integrity.findings()] == []


def people_and_sources(matters: People, database: dict[str, str]) -> dict[str, Source]:
    """Three units with their people, one of them past retirement; a source of each department."""
    cast, since = matters.cast, date(2024, 5, 6)
    cast.member(cast.bureau, on=since, facts=cast.facts(rosters.RETIRED, born=date(1965, 10, 15)))
    for unit, quota, count in ((cast.bureau, "A1", 5), (cast.audit_office, "A1", 4), (cast.school, "B5", 9)):
        cast.fill(unit, quota, count, on=since)
    transports = {"finance": {"transport": Transport.DATABASE, "settings": database} if database else {}}
    return {
        code: source_of(matters.director, code, **transports.get(code, {}))
        for code in ("establishment", "organization", "hr", "finance")
    }


# --- delivering --------------------------------------------------------------------------------------------------


def deliver(at: At, sources: dict[str, Source], day: date, ghost: tuple[str, str] | None) -> None:
    """Each department in its own way: Parquet, CSV in GB18030, a workbook, a payroll as a file or a table."""
    register = [*rosters.everybody(day)]
    known = {row["name"] for row in register}
    insured = register if rosters.RETIRED in known else [*register, *_of_february()]
    period = f"{day:%Y-%m}"
    uploaded(
        at("office_clerk"),
        sources["establishment"],
        period,
        "实名制.parquet",
        rosters.of_establishment(day, sources["establishment"]),
    )
    uploaded(
        at("liaison_organization"), sources["organization"], period, "干部名册.csv", rosters.of_organization(register)
    )
    uploaded(at("liaison_hr"), sources["hr"], period, "参保人员.xlsx", rosters.of_hr(insured))
    paid = rosters.payroll(register, ghost)
    if sources["finance"].transport == Transport.DATABASE:
        pulled(at, sources["finance"], paid)
    else:
        uploaded(at("liaison_finance"), sources["finance"], period, "工资册.csv", rosters.of_finance(paid))
    assert Delivery.objects.filter(period=period, state="accepted").count() == len(sources)


def _of_february() -> list[dict[str, str]]:
    return [row for row in rosters.everybody(date(2026, 2, 28)) if row["name"] == rosters.RETIRED]


def uploaded(visitor: Visitor, source: Source, period: str, name: str, data: bytes) -> None:
    """报送 in the browser; the worker reads it."""
    page = go(visitor, reverse("exchange:delivery_new"))
    page.select_option("#id_source", str(source.pk))
    page.select_option("#id_period", period)
    file = FilePayload(name=name, mimeType="application/octet-stream", buffer=data)
    page.locator("#id_file").set_input_files([file])
    page.get_by_role("button", name="报送", exact=True).click()
    expect(page.locator(".notices")).to_contain_text("已收到")
    jobs.run_waiting()
    page.reload()
    expect(page.locator(".page-head")).to_contain_text("已接收")


def pulled(at: At, source: Source, rows: rosters.Table) -> None:
    """The office fetches the payroll from the table."""
    with connection.cursor() as cursor:
        rosters.into_table(cursor, TABLE, rows)
    page = go(at("office_clerk"), reverse("exchange:source", args=[source.pk]))
    page.get_by_role("button", name="抽取").click()
    jobs.run_waiting()
    jobs.run_waiting()


# --- comparing and deciding --------------------------------------------------------------------------------------


def compare(at: At) -> None:
    """开始核对, watched to its end."""
    clerk = at("office_clerk")
    page = go(clerk, reverse("exchange:overview"))
    page.get_by_role("link", name="开始核对").click()
    page.get_by_role("button", name="开始核对").click()
    expect(page.locator(".job")).to_be_visible()
    while jobs.run_waiting():
        pass
    run = Run.objects.latest("pk")
    assert run.state == RunState.DONE, run.error
    page = go(clerk, reverse("exchange:run", args=[run.pk]))
    clerk.inspect(f"exchange-run-{run.period}", "已完成", "各阶段", "SHA-256")


def finding(kind: str) -> Finding:
    return Finding.objects.get(kind=kind)


def two_persons_decide(at: At) -> None:
    """The office proposes both at once; nobody confirms an own proposal; a second clerk does."""
    assert set(Finding.objects.values_list("kind", flat=True)) == {"retired_listed", "ghost_payroll"}
    clerk, second = at("office_clerk"), at("other_clerk")
    page = go(clerk, reverse("exchange:finding", args=[finding("ghost_payroll").pk]))
    clerk.inspect(
        "exchange-ghost",
        GHOST[0],
        "编办",
        "没有此人的行",
        "工资册.csv" if Source.objects.filter(transport="upload", department="finance") else "finance",
    )
    page = go(clerk, reverse("exchange:findings"))
    page.get_by_role("link", name="当前筛选全部办理").click()
    page.select_option("#id_act", "confirm")
    fill_in(clerk, {"text": "已与单位逐人核实"})
    page.get_by_role("button", name="办理 2 项").click()
    expect(page.locator(".notices")).to_contain_text("已办理 2 项")
    clerk.inspect("exchange-findings", "待复核")
    page = go(clerk, reverse("exchange:finding_settle", args=[finding("ghost_payroll").pk]))
    page.get_by_label("同意", exact=True).check()
    page.get_by_role("button", name="复核处理意见").click()
    expect(page.locator(".objections")).to_contain_text("R25")
    for kind in ("ghost_payroll", "retired_listed"):
        page = go(second, reverse("exchange:finding", args=[finding(kind).pk]))
        page.get_by_role("link", name="复核").click()
        page.get_by_label("同意", exact=True).check()
        page.get_by_role("button", name="复核处理意见").click()
        expect(page.locator(".page-head")).to_contain_text("已认定")


# --- the case ----------------------------------------------------------------------------------------------------


def exit_filed(at: At) -> None:
    """据此办理业务: the draft is filled in; the unit's clerk completes it, and it goes its way."""
    office, clerk = at("office_clerk"), at("clerk")
    page = go(office, reverse("exchange:finding", args=[finding("retired_listed").pk]))
    page.get_by_role("button", name="据此办理业务").click()
    case = Case.objects.get()
    expect(page.locator(".notices")).to_contain_text("补充材料后提交")
    page = go(clerk, reverse("matters:application", args=[case.pk]))
    expect(page.locator("#application")).to_contain_text(rosters.RETIRED)
    fill_in(
        clerk,
        {"event_on": "2026-01-15", **document("document", "虞人社退〔2026〕3号", issuer="区人力社保局")},
    )
    upload(clerk, "退休审批表复印件")
    title = submit(clerk)
    for name in ("head", "office_clerk", "deputy", "director"):
        agree(at(name), title)
    rate(clerk, title)
    while deliver_waiting():
        pass
    page = go(office, reverse("exchange:finding", args=[finding("retired_listed").pk]))
    office.inspect("exchange-mended", "业务办结", title)


# --- giving back -------------------------------------------------------------------------------------------------


def given_back(at: At, sources: dict[str, Source], folder: Path) -> None:
    """The exit is told to the departments; the difference list goes to 财政局 under its own headings."""
    assert Dispatch.objects.filter(kind="DELISTED", source=sources["finance"]).exists()
    office, liaison = at("office_clerk"), at("liaison_finance")
    page = go(office, reverse("exchange:dispatches"))
    page.get_by_role("button", name="生成差异清单").click()
    expect(page.locator(".notices")).to_contain_text("份差异清单")
    given = Dispatch.objects.get(kind="DIFFERENCES", source=sources["finance"])
    page = go(liaison, reverse("exchange:dispatch", args=[given.pk]))
    with page.expect_download() as saved:
        page.get_by_role("button", name="差异清单（csv）").click()
    path = folder / "differences.csv"
    saved.value.save_as(path)
    text = path.read_text("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert any("职工姓名" in cell for row in rows[:5] for cell in row), rows[:5]
    assert any(GHOST[0] in row for row in rows), rows


def closed(at: At) -> None:
    """The next month finds neither of them any more, and says so on the page."""
    clerk = at("office_clerk")
    for kind in ("ghost_payroll", "retired_listed"):
        assert finding(kind).state == "closed"
        page = go(clerk, reverse("exchange:finding", args=[finding(kind).pk]))
        expect(page.locator(".page-head")).to_contain_text("已消除")
        clerk.inspect(f"exchange-closed-{kind}", "2026-03 核对不再出现")
    go(clerk, reverse("exchange:overview"))
    clerk.inspect("exchange-overview", "没有未了结的差异")

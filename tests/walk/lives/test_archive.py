"""A batch of scans dropped, watched, confirmed: 档号 → found by a phrase → opened there, also from the ledger."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from bianzhi.archives.models import Item, Opening, Relation
from bianzhi.archives.services.fonds import set_up
from bianzhi.common import integrity, jobs
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.ledger.models import LedgerEntry
from bianzhi.recognition import searchable_pdf
from bianzhi.recognition.sheets import Paper, Sheet, is_installed, made
from bianzhi.search.jobs.changes import apply_waiting
from bianzhi.search.jobs.rebuilding import rebuild
from tests.accounts.people import account
from tests.matters.people import People
from tests.walk.inspection import Visitor
from tests.walk.lives.cases import At, go

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.browser,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not is_installed(), reason="no Chinese font on this machine"),
]
MATTERS = ("P05",)
PHRASE = "财政专网运行数据每季度核对一次"
TITLE = "测试区财政局职能配置、内设机构和人员编制规定"
SCAN = "三定规定.pdf"
BROKEN = "坏文件.pdf"
WORK = "负责财政领域有关工作，起草有关规范性文件并组织实施，开展统计监测和分析评估，承担监督检查和信息化建设工作。"
ROOM = "承担有关业务工作，负责机关日常运转、文电、会务、机要、档案、信访、政务公开等工作。"
BODY = (
    "第一条　根据机构改革方案和有关规定，制定本规定。测试区财政局是区政府工作部门，贯彻落实财政工作的方针政策。",
    "第二条　主要职责是：",
    *(f"（{number}）{WORK}" for number in "一二三四五六七八九十"),
    "第三条　设下列内设机构：",
    *(f"（{number}）第{number}科。{ROOM}" for number in "一二三四五六七"),
    f"第四条　{PHRASE}，核对结果报区委机构编制委员会办公室。",
    "第五条　测试区财政局核定行政编制10名。",
    "第六条　领导职数：正职1名，副职2名。",
)
PROVING = 3
"""The page with the phrase and the figure."""


def sheet() -> Sheet:
    """The document that founded the quota of 财政局 in the district of the tests, scanned."""
    return made(
        Paper(
            language="规定",
            banner="测试区委机构编制委员会文件",
            doc_no="虞编〔2020〕3号",
            title=TITLE,
            issuer="测试区委机构编制委员会",
            dated_on=date(2020, 1, 1),
            body=BODY,
        )
    )


def with_text(path: Path) -> bytes:
    """As a scanner with its own recognition delivers it: the picture, and its text unseen over it."""
    scanned = sheet()
    searchable_pdf.write(zip(scanned.pages, scanned.truth.pages, strict=True), path)
    return path.read_bytes()


def pictures_only(path: Path) -> bytes:
    """As a plain scanner delivers it: the archive has to read it."""
    path.write_bytes(sheet().pdf)
    return path.read_bytes()


SCANS: list[Any] = [
    pytest.param(with_text, id="with-text"),
    pytest.param(pictures_only, id="pictures-only", marks=pytest.mark.slow),
]


@pytest.fixture
def office(matters: People, settings: Any, tmp_path: Path) -> People:
    """The office with its archivist, an archive and an index in a folder of the test."""
    settings.HOME = tmp_path
    settings.SEARCH_ROOT = tmp_path / "search"
    matters.users["archivist"] = account("archivist", "archivist")
    set_up(actor=matters.archivist, number="330699", name="测试区委编办")
    rebuild(lambda done, total, message: None)
    return matters


@pytest.mark.parametrize("scan", SCANS)
def test_a_batch_of_scans_becomes_an_archive_that_proves_the_ledger(
    at: At, office: People, tmp_path: Path, scan: Callable[[Path], bytes]
):
    dropped_and_watched(at("archivist"), scan(tmp_path / "scan.pdf"))
    confirmed_and_filed(at("archivist"))
    found_by_a_phrase(at("office_clerk"))
    opened_from_the_ledger(at("office_clerk"), office)
    own_unit_only(at)
    assert [str(finding) for finding in integrity.findings()] == []


def dropped_and_watched(archivist: Visitor, scan: bytes) -> None:
    """The files are dropped onto the page; what is broken is named with its reason, the rest goes on."""
    page = go(archivist, reverse("archives:home"))
    page.get_by_role("link", name="接收档案").click()
    archivist.inspect("archive-batch-new", "分件方式")
    page.get_by_role("button", name="下一步").click()
    archivist.inspect("archive-batch-open", "把扫描件拖到这里")
    drop(page, {SCAN: scan, BROKEN: b"%PDF-1.7 broken off"})
    expect(page.locator("[data-upload-state]")).to_contain_text("已上传 2 个文件")
    page.get_by_role("button", name="开始处理").click()
    expect(page.locator("#batch-progress")).to_contain_text("处理中")
    archivist.inspect("archive-batch-working", SCAN, BROKEN)
    while jobs.run_waiting():
        pass
    expect(page.locator(".batch-state")).to_contain_text("1 件待著录")
    archivist.inspect("archive-batch-worked", "未接收的文件", "已损坏", "处理完毕", "4 / 4")


def drop(page: Page, files: dict[str, bytes]) -> None:
    """Let files fall onto the page as from a folder of the desktop."""
    contents = {name: base64.b64encode(content).decode() for name, content in files.items()}
    transfer = page.evaluate_handle(
        """(contents) => {
          const transfer = new DataTransfer();
          for (const [name, text] of Object.entries(contents)) {
            const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
            transfer.items.add(new File([bytes], name, { type: "application/pdf" }));
          }
          return transfer;
        }""",
        contents,
    )
    page.dispatch_event("[data-drop-zone]", "drop", {"dataTransfer": transfer})


def confirmed_and_filed(archivist: Visitor) -> None:
    """What was read stands in the fields, the place of each beside it; filing gives the 档号."""
    page = archivist.page
    page.get_by_role("link", name="核对著录").click()
    expect(page.locator("#id_title")).to_have_value(TITLE)
    expect(page.locator("#id_doc_no")).to_have_value("虞编〔2020〕3号")
    expect(page.locator("#id_dated_on")).to_have_value("2020-01-01")
    expect(page.locator(".ts-control", has=page.locator("#id_organization-ts-control"))).to_contain_text("财政局")
    archivist.inspect("archive-describe", "行政编制", "采用", "否定")
    page.locator("#id_title").fill("读错的题名")
    page.locator("#id_title").press("Alt+Digit1")
    expect(page.locator("#id_title")).to_have_value(TITLE)
    page.locator("[data-field=dated_on] input").focus()
    expect(page.locator("[data-shown-page]")).to_have_attribute("data-shown-page", "4")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notices")).to_contain_text("已归档，档号 330699-WS·2020-")
    archivist.inspect("archive-item", "已归档", "虞编〔2020〕3号", "编制台账", f"原件第 {PROVING} 页")
    while deliver_waiting():
        pass
    while apply_waiting():
        pass


def found_by_a_phrase(reader: Visitor) -> None:
    """The page opens with the words marked on its picture."""
    page = search(reader, PHRASE)
    page.locator("#main").get_by_role("link", name=TITLE).first.click()
    expect(page.locator(".viewer-count")).to_contain_text(f"第 {PROVING} / 4 页")
    expect(page.locator(".page-layer .hit")).not_to_have_count(0)
    reader.inspect("archive-viewer", TITLE, "本页证明")
    shown = page.locator("[data-sheet] img")
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".viewer-count")).to_contain_text(f"第 {PROVING - 1} / 4 页")
    expect(page.locator(".page-layer .hit")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.locator(".viewer-count")).to_contain_text(f"第 {PROVING} / 4 页")


def search(reader: Visitor, words: str) -> Page:
    """The box of the top bar."""
    page = go(reader, reverse("archives:home"))
    page.locator(".global-search input").fill(words)
    page.locator(".global-search input").press("Enter")
    expect(page.locator("h1")).to_contain_text("检索")
    return page


def opened_from_the_ledger(reader: Visitor, office: People) -> None:
    """The entry of the quota opens the same page, the place of the figure framed; large sheet and PDF open as well."""
    entry = LedgerEntry.objects.filter(
        postings__account__organization=office.cast.bureau, postings__account__measure="A1"
    ).get()
    page = go(reader, reverse("ledger:entry", args=[entry.pk]))
    reader.inspect("archive-ledger-entry", "档案原件")
    page.get_by_role("link", name=f"原件第 {PROVING} 页").click()
    expect(page.locator(".viewer-count")).to_contain_text(f"第 {PROVING} / 4 页")
    expect(page.locator(".page-layer .framed")).to_be_visible()
    for mode, place in (("大图", "[data-large-sheet]"), ("PDF", "[data-pdf-sheet]")):
        page.get_by_label("查看方式").get_by_role("link", name=mode).click()
        expect(page.locator(place)).to_have_attribute("data-ready", "yes")
        reader.inspect(f"archive-viewer-{mode}", TITLE)


def own_unit_only(at: At) -> None:
    """The unit's own clerk finds it and reads it stamped; the clerk of another unit finds nothing and opens nothing."""
    item = Item.objects.get()
    search(at("clerk"), PHRASE)
    at("clerk").inspect("archive-found-by-own-unit", TITLE)
    at("clerk").see(reverse("archives:viewer", args=[item.pk]), TITLE, "图像带有您的姓名")
    at("clerk").open(reverse("archives:pdf", args=[item.pk]), status=403)
    outsider = at("outsider")
    search(outsider, PHRASE)
    assert TITLE not in outsider.text()
    for address in ("archives:item", "archives:viewer", "archives:pdf"):
        outsider.open(reverse(address, args=[item.pk]), status=404)
    outsider.open(reverse("archives:picture", args=[item.pk, 1, "s"]), status=404)
    for visitor in (at("clerk"), outsider):
        visitor.errors.clear()
    readers = set(Opening.objects.filter(item=item).values_list("user__username", flat=True))
    assert readers == {"archivist", "office_clerk", "clerk"}
    assert Relation.objects.filter(item=item, page=PROVING, subject_kind="ledger.ledgerentry").exists()

"""What people do with a case at a browser: apply, upload, send in, find it in 待办, write, agree, return, rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from urllib.parse import quote

from django.urls import reverse
from playwright.sync_api import FilePayload, Page, expect

from bianzhi.matters.models import Case
from bianzhi.workflow.jobs.clocks import run_clocks
from tests.matters.test_publications import set_matter
from tests.small_papers import small_pdf
from tests.walk.inspection import Visitor

At = Callable[[str], Visitor]
Turn = Callable[[str], None]
Words = Mapping[str, str]
"""What is typed or chosen, by the name of the control."""


def shown_and_checked(matter: str, *, publication_days: int = 0, sampling_percent: int = 0) -> None:
    """How long cases of a matter that begin from now on are in 公示, and how many of a hundred 督查 looks at."""
    set_matter(matter, publication_days=publication_days, sampling_percent=sampling_percent)


def time_passes(turn: Turn, day: str) -> None:
    """It is that day, and the worker has looked at the clocks."""
    turn(day)
    run_clocks(date.fromisoformat(day))


def go(visitor: Visitor, path: str) -> Page:
    """Open an address; the page before it must not have complained."""
    assert not visitor.errors, f"{visitor.page.url}: {visitor.errors}"
    return visitor.open(path)


# --- forms -------------------------------------------------------------------------------------------------------


def fill_in(visitor: Visitor, words: Words) -> None:
    """Type and choose as a person does, control by control."""
    for name, text in words.items():
        control = visitor.page.locator(f"[name='{name}']").first
        if control.evaluate("control => Boolean(control.tomselect)"):
            _search(visitor.page, str(control.get_attribute("id")), text)
        elif control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(_offered(visitor.page, name, text))
        else:
            control.fill(text)


def _search(page: Page, control: str, text: str) -> None:
    """Choose from a list; one the server searches answers first, for what is offered later opens the list again."""
    box = page.locator(f"#{control}-ts-control")
    box.click()
    if page.locator(f"#{control}[data-lookup]").count():
        with page.expect_response(lambda answer: f"q={quote(text)}" in answer.url):
            box.fill(text)
    page.locator(f"#{control}-ts-dropdown .option", has_text=text).first.click()
    expect(page.locator(f".ts-control:has(#{control}-ts-control) .item")).to_contain_text(text)


def _offered(page: Page, name: str, text: str) -> str:
    """The value of the option that is these words, else has them, once it is offered: choices follow other fields."""
    options = page.locator(f"[name='{name}'] option", has_text=text)
    options.first.wait_for(state="attached")
    exactly = page.locator(f"[name='{name}'] option").and_(page.get_by_text(text, exact=True))
    return str((exactly if exactly.count() else options).first.get_attribute("value"))


def document(name: str, doc_no: str, **other: str) -> dict[str, str]:
    """A document as the controls of a form ask for it."""
    facts = {
        "doc_no": doc_no,
        "issued_on": "2026-03-02",
        "title": "关于编制事项的通知",
        "issuer": "测试区财政局",
        **other,
    }
    return {f"{name}-{key}": text for key, text in facts.items()}


# --- applying ----------------------------------------------------------------------------------------------------


def begin(visitor: Visitor, matter: str, *, unit: str = "") -> None:
    """From 办事大厅 through the guide into an empty form."""
    page = go(visitor, reverse("matters:hall"))
    page.locator(f"a[href='{reverse('matters:guide', args=[matter])}']").click()
    if unit:
        fill_in(visitor, {"unit": unit})
    page.get_by_role("button", name="开始填写").click()
    expect(page.locator("#check-panel")).to_be_visible()


def apply_for(visitor: Visitor, matter: str, words: Words, *papers: str) -> str:
    """A whole application, sent in; returns its title."""
    begin(visitor, matter)
    fill_in(visitor, words)
    upload(visitor, *papers)
    return submit(visitor)


def upload(visitor: Visitor, *papers: str) -> None:
    """A file for each of these papers."""
    for paper in papers:
        file = FilePayload(name=f"{paper}.pdf", mimeType="application/pdf", buffer=small_pdf(paper))
        visitor.page.locator(f"input[name='file-{paper}']").set_input_files([file])
        expect(visitor.page.locator("#materials .file-list", has_text=f"{paper}.pdf")).to_be_visible()


def submit(visitor: Visitor) -> str:
    """Send it in, for the first time or again; returns the title of the case."""
    visitor.page.get_by_role("button", name="提交申请").or_(visitor.page.get_by_role("button", name="重新提交")).click()
    expect(visitor.page.locator(".notices")).to_contain_text("已提交")
    return visitor.page.locator("h1").inner_text()


# --- deciding ----------------------------------------------------------------------------------------------------


def open_todo(visitor: Visitor, title: str) -> Page:
    """Find the case in 待办 and open it."""
    page = go(visitor, reverse("workflow:todo"))
    page.get_by_role("link", name=title, exact=True).click()
    expect(page.locator("h1")).to_have_text(title)
    return page


def open_case(visitor: Visitor, title: str) -> Page:
    """The page of the case, for whoever is not asked now."""
    return go(visitor, reverse("matters:case", args=[Case.objects.get(title=title).pk]))


def write_step(visitor: Visitor, words: Words) -> None:
    """本环节填写, kept."""
    fill_in(visitor, words)
    visitor.page.get_by_role("button", name="保存本环节内容").click()
    expect(visitor.page.locator(".notices")).to_contain_text("已保存")


def agree(visitor: Visitor, title: str, opinion: str = "同意。", *, written: Words | None = None) -> None:
    """同意 on the task in 待办, after writing what the step asks."""
    open_todo(visitor, title)
    if written:
        write_step(visitor, written)
    decide(visitor, "同意", opinion)
    expect(visitor.page.locator(".notices")).to_contain_text("已同意")


def decide(visitor: Visitor, button: str, opinion: str) -> None:
    """Write an opinion on the case shown and press a button of the bar."""
    bar = visitor.page.locator("#decision")
    bar.locator("textarea").fill(opinion)
    bar.get_by_role("button", name=button, exact=True).click()


def return_to(visitor: Visitor, step: str, opinion: str, *, directly: bool = False) -> None:
    """退回 the case shown to a step, to be worked through again or to come straight back."""
    bar = visitor.page.locator("#decision")
    bar.locator("textarea").fill(opinion)
    bar.locator("summary", has_text="退回").click()
    option = bar.locator("#decision-target option", has_text=step)
    bar.locator("#decision-target").select_option(str(option.get_attribute("value")))
    bar.get_by_label("改后直接送回我" if directly else "改后逐级重新办理").check()
    bar.get_by_role("button", name="退回", exact=True).click()
    expect(visitor.page.locator(".notices")).to_contain_text("已退回")


def rate(visitor: Visitor, title: str) -> None:
    """评价 at the end, which closes the case."""
    page = open_todo(visitor, title)
    page.get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交评价").click()
    expect(page.locator(".case-head")).to_contain_text("已办结")

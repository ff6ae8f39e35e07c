"""What every page must be in a real browser: sound for screen readers, quiet under the CSP, within the window."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browsing import RULES, UNSTICK, overflow

DIST = Path(__file__).parents[2] / "src/bianzhi/common/static/dist/app.css"
SHELL = (".topbar", ".side-menu", ".page-actions", ".paper-tools")
"""What only a screen needs."""


def is_complaint(kind: str, text: str) -> bool:
    """Whether a line of the console tells of a fault; that a form came back (422) the browser notes there as well."""
    return kind == "error" and "status of 422" not in text


class Visitor:
    """One person's browser on the site; remembers what the pages complained of in its console."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.site = site
        self.errors: list[str] = []
        self.page: Page = context.new_page()
        self.page.on(
            "console", lambda said: self.errors.append(said.text) if is_complaint(said.type, said.text) else None
        )
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str, status: int = 200) -> Page:
        """Go to an address, which must answer as expected. Complaints of the page before are forgotten."""
        self.errors.clear()
        answer = self.page.goto(self.site + path)
        assert answer is not None
        assert answer.status == status, f"{answer.status} {path}"
        return self.page

    def see(self, path: str, *words: str) -> str:
        """Open an address, hold the page to every rule, and find these words on it. Returns what is read there."""
        self.open(path)
        return self.inspect(path, *words)

    def inspect(self, name: str, *words: str) -> str:
        """Hold the page shown now to every rule; `words` must be on it. Returns what is read there."""
        for word in words:
            expect(self.page.locator("#main").first).to_contain_text(word, use_inner_text=True)
        text = self.text()
        faults = self.faults()
        assert not faults, f"{name}: " + "\n".join(faults)
        if folder := os.environ.get("SCREENSHOTS"):
            file = name.strip("/").replace("/", "-").replace("?", "-").replace("&", "-") or "start"
            self.page.screenshot(path=f"{folder}/{file}.png", full_page=True)
        return text

    def text(self) -> str:
        """The words of the page's main part, one space between them."""
        return " ".join(self.page.locator("#main").first.inner_text().split())

    def faults(self) -> list[str]:
        """What is wrong with the page shown now; the complaints of the console are taken as read."""
        found = [f"console: {error}" for error in self.errors]
        self.errors.clear()
        self.page.evaluate(UNSTICK)
        for violation in Axe().run(self.page, options=RULES).response["violations"]:
            places = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
            found.append(f"axe {violation['id']}: {violation['help']}: {places}")
        if (excess := overflow(self.page)) > 0:
            found.append(f"{excess} px too wide")
        return found

    def on_paper(self) -> str:
        """What would be printed: the shell must be gone and something left. Returns it."""
        self.page.emulate_media(media="print")
        left = [part for part in SHELL if any(one.is_visible() for one in self.page.locator(part).all())]
        text = self.text()
        self.page.emulate_media(media="screen")
        assert not left, f"{self.page.url} prints {left}"
        assert text, f"{self.page.url} prints nothing"
        return text

    def choose(self, label: str, typed: str, option: str = "") -> None:
        """Choose in a searching field as a person does: type, then click what is offered."""
        box = self.page.get_by_role("combobox", name=label).last
        box.click()
        box.press_sequentially(typed)
        offered = self.page.locator(".ts-dropdown:visible .option")
        expect(offered).to_have_count(1)
        expect(offered).to_contain_text(option or typed)
        offered.click()

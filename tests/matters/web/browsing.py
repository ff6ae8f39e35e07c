"""What the browser tests of matters share: sitting down at the browser, filling in, what a sound page is."""

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from bianzhi.accounts.models import User
from tests.matters import staffing as given

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
SitDown = Callable[[User], Page]


def sound(page: Page) -> None:
    """Nothing for axe to find, and nothing wider than the window."""
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate(FITS), page.url


def fill_document(page: Page, **other: str) -> None:
    """The document an application rests on."""
    for key, text in {**given.paper(), **other}.items():
        control = page.locator(f"#id_document-{key}")
        if key in ("issuer_level", "kind"):
            control.select_option(text)
        else:
            control.fill(text)


def pdf(name: str) -> Any:
    """A file as a browser sends it."""
    return {"name": name, "mimeType": "application/pdf", "buffer": b"%PDF-1.7 " + name.encode()}

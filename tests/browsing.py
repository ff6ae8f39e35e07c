"""What every browser test asks of a page: nothing for axe to find, and nothing wider than the window."""

from __future__ import annotations

import os
from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES: Final[dict[str, Any]] = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
}
OVERFLOW: Final = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNSTICK: Final = (
    "scrollTo(0, 0); document.querySelectorAll('.is-sticky').forEach((bar) => { bar.style.position = 'static'; })"
)
"""A bar that sticks to the window's edge lies over a field only while one scrolls; axe looks at one moment."""
NARROW: Final = 1366


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window, once it stands."""
    page.wait_for_load_state()
    page.locator("body").wait_for()
    return int(page.evaluate(OVERFLOW))


def photograph(page: Page, name: str) -> None:
    """Leave a picture of the whole page in the folder SCREENSHOTS names, for eyes; without it, nothing."""
    if (folder := os.environ.get("SCREENSHOTS")) and name:
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def sound(page: Page, name: str = "") -> None:
    """Nothing wider than the window, and at the narrow width nothing for axe to find.

    `name` is for the message and the picture.
    """
    photograph(page, name)
    assert overflow(page) <= 0, f"{name or page.url} is wider than the window"
    if page.viewport_size and page.viewport_size["width"] > NARROW:
        return
    accessible(page, name)


def accessible(page: Page, name: str = "") -> None:
    """Nothing for axe to find; what is laid out for paper may be wider than a window."""
    page.evaluate(UNSTICK)
    found = Axe().run(page, options=RULES)
    assert found.violations_count == 0, f"{name or page.url}: {found.generate_report()}"

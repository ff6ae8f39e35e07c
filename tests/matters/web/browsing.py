"""What the browser tests of matters share: sitting down at the browser, filling in."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from bianzhi.accounts.models import User
from tests.matters import staffing as given
from tests.small_papers import small_pdf

SitDown = Callable[[User], Page]


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
    return {"name": name, "mimeType": "application/pdf", "buffer": small_pdf(name)}

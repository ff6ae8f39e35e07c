"""Tabs and panels that higher apps put onto the pages of lower ones.

The ledger shows quotas on the unit page of organizations, personnel shows the roster there: each registers what it
shows in its `AppConfig.ready`, and the page asks for it, so no lower app imports a higher one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.utils.safestring import SafeString, mark_safe

from bianzhi.common.web.access import PageRequest

PARAMETER = "tab"
Render = Callable[[PageRequest, Any], SafeString | HttpResponseBase]
Count = Callable[[PageRequest, Any], int | None]


@dataclass(frozen=True, slots=True)
class Tab:
    """A tab of a page: `render` gets the request and the page's subject and returns HTML.

    It may return a response instead (a list fragment, an export), which the page then returns as its own.
    """

    page: str
    key: str
    label: str
    render: Render
    order: int = 50
    permission: str = ""
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel of a page; `slot` is where on the page it stands ("main" or "side")."""

    page: str
    key: str
    render: Callable[[PageRequest, Any], SafeString]
    order: int = 50
    permission: str = ""
    slot: str = "main"


@dataclass(frozen=True, slots=True)
class ShownTab:
    """A tab as one user sees it."""

    key: str
    label: str
    count: int | None
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class TabStrip:
    """The tabs of one page for one user; `response` is set when the current tab answers for itself."""

    tabs: tuple[ShownTab, ...]
    body: SafeString
    response: HttpResponseBase | None = None


_tabs: dict[tuple[str, str], Tab] = {}
_panels: dict[tuple[str, str], Panel] = {}


def register_tab(tab: Tab) -> None:
    """Add a tab to a page; raises ValueError when the page has a tab with that key."""
    if (tab.page, tab.key) in _tabs:
        raise ValueError(f"tab registered twice: {tab.page}/{tab.key}")
    _tabs[tab.page, tab.key] = tab


def register_panel(panel: Panel) -> None:
    """Add a panel to a page; raises ValueError when the page has a panel with that key."""
    if (panel.page, panel.key) in _panels:
        raise ValueError(f"panel registered twice: {panel.page}/{panel.key}")
    _panels[panel.page, panel.key] = panel


def strip_for(request: PageRequest, page: str, subject: Any) -> TabStrip:
    """The tabs the user may see and the content of the current one (`?tab=`, else the first)."""
    allowed = sorted(
        (tab for tab in _tabs.values() if tab.page == page and _may(request, tab.permission)),
        key=lambda tab: (tab.order, tab.key),
    )
    if not allowed:
        return TabStrip((), mark_safe(""))
    wanted = request.GET.get(PARAMETER, "")
    current = next((tab for tab in allowed if tab.key == wanted), allowed[0])
    shown = tuple(_shown(request, tab, subject, current=tab is current) for tab in allowed)
    content = current.render(request, subject)
    if isinstance(content, HttpResponseBase):
        return TabStrip(shown, mark_safe(""), content)
    return TabStrip(shown, content)


def panels_for(request: PageRequest, page: str, subject: Any, *, slot: str = "main") -> list[SafeString]:
    """The rendered panels of one slot of a page, in their order, as far as the user may see them."""
    allowed = [
        panel
        for panel in _panels.values()
        if panel.page == page and panel.slot == slot and _may(request, panel.permission)
    ]
    return [panel.render(request, subject) for panel in sorted(allowed, key=lambda panel: (panel.order, panel.key))]


def _may(request: PageRequest, permission: str) -> bool:
    return not permission or bool(request.user.can(permission))


def _shown(request: PageRequest, tab: Tab, subject: Any, *, current: bool) -> ShownTab:
    query = request.GET.copy()
    for key in list(query):
        if key != "date":
            del query[key]
    query[PARAMETER] = tab.key
    count = tab.count(request, subject) if tab.count else None
    return ShownTab(tab.key, tab.label, count, f"{request.path}?{query.urlencode()}", current)

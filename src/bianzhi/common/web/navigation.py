"""The side menu. Apps register their entries in `AppConfig.ready`; nobody edits a template to appear in it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from bianzhi.common.web.as_of import with_day


class Group(IntEnum):
    """The groups of the menu in their order (ui.md §4.4)."""

    WORKBENCH = 0
    ORGANIZATIONS = 10
    PERSONNEL = 20
    BUSINESS = 30
    EXCHANGE = 35
    STATISTICS = 40
    PUBLIC = 50
    SYSTEM = 60

    @property
    def label(self) -> str:
        """The heading above the group; the first group has none."""
        return {
            0: "",
            10: "机构编制",
            20: "实名制",
            30: "业务与档案",
            35: "数据共享",
            40: "统计分析",
            50: "公众服务",
            60: "系统",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the menu.

    `badge` counts what waits for this user (0 hides the badge); it is called on every page, so it must be one cheap
    query. `under` lists further path prefixes on which the entry is shown as current.
    """

    group: Group
    label: str
    icon: str
    url_name: str
    permission: str = ""
    order: int = 50
    badge: Callable[[Any], int] | None = None
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An entry as one user sees it on one page."""

    label: str
    icon: str
    url: str
    is_current: bool
    badge: int


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A heading and the entries below it."""

    label: str
    items: tuple[MenuItem, ...]


_entries: dict[str, Entry] = {}


def register(entry: Entry) -> None:
    """Add an entry to the side menu; raises ValueError when its page is in the menu already."""
    if entry.url_name in _entries:
        raise ValueError(f"menu entry registered twice: {entry.url_name}")
    _entries[entry.url_name] = entry


def menu_for(request: HttpRequest) -> list[MenuGroup]:
    """The menu of the logged-in user, only with pages the user may open; empty for visitors."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    allowed = [entry for entry in _entries.values() if not entry.permission or user.can(entry.permission)]
    allowed.sort(key=lambda entry: (entry.group, entry.order, entry.label))
    current = _current(request.path, allowed)
    return [
        MenuGroup(
            group.label,
            tuple(_item(request, entry, current=entry is current) for entry in allowed if entry.group is group),
        )
        for group in Group
        if any(entry.group is group for entry in allowed)
    ]


def _item(request: HttpRequest, entry: Entry, *, current: bool) -> MenuItem:
    user: Any = request.user
    waiting = entry.badge(user) if entry.badge else 0
    return MenuItem(entry.label, entry.icon, with_day(request, reverse(entry.url_name)), current, waiting)


def _current(path: str, entries: list[Entry]) -> Entry | None:
    """The entry whose address is the longest prefix of the path; the start page only when it is the page itself."""
    best: tuple[int, Entry | None] = (0, None)
    for entry in entries:
        for prefix in (reverse(entry.url_name), *entry.under):
            matches = path == prefix if prefix == "/" else path.startswith(prefix)
            if matches and len(prefix) > best[0]:
                best = (len(prefix), entry)
    return best[1]

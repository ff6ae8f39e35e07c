"""Which units a page covers: what the user may see, in the form the selectors take it."""

from datetime import date

from bianzhi.common.web.access import PageRequest
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.reports.selectors.units import Units


def scope_of(request: PageRequest) -> frozenset[int] | None:
    """Organisation ids within the user's data scope on the day shown; None for the whole district."""
    return _scope_on(request, request.as_of)


def scope_today(request: PageRequest) -> frozenset[int] | None:
    """The same as of today, for what is to be done now, whatever day the page shows."""
    return _scope_on(request, request.today)


def _scope_on(request: PageRequest, day: date) -> frozenset[int] | None:
    found = visible_organization_ids(request.user, day)
    return None if found is None else frozenset(found)


def scope_label(scope: frozenset[int] | None, units: Units, tenant: str) -> str:
    """The scope in words, for the head of pages and sheets."""
    if scope is None:
        return tenant or "全区"
    rows = units.alive(scope)
    if not rows:
        return "（没有可查看的单位）"
    return rows[0].name if len(rows) == 1 else f"{rows[0].name}等 {len(rows)} 个单位"

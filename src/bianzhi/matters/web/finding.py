"""How cases are found from the search box: by number, by title, and by the person a title names."""

from collections.abc import Collection, Iterator
from typing import Any

from bianzhi.archives.selectors.subjects import Shown
from bianzhi.common.web.search import Result
from bianzhi.matters.models import Case
from bianzhi.matters.web.case_list import found_by
from bianzhi.matters.web.links import case_url


def find(user: Any, text: str, limit: int) -> Iterator[Result]:
    """Cases within the user's scope, the newest first."""
    rows = Case.objects.visible_to(user).filter(found_by(text.strip()), instance__isnull=False)
    for case in rows.select_related("instance").order_by("-submitted_at")[:limit]:
        state = case.instance.get_status_display() if case.instance is not None else ""
        yield Result(f"{case.number} {case.title}", state, case_url(case))


def proved(user: Any, keys: Collection[int]) -> dict[int, Shown]:
    """Cases within the user's scope, as subjects of originals of the archive."""
    found = Case.objects.visible_to(user).filter(pk__in=keys)
    return {case.pk: Shown(f"{case.number} {case.title}", case_url(case)) for case in found}

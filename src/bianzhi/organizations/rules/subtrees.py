"""Which organisations lie under which, by parent and by supervising department."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Link:
    """Where one organisation hangs."""

    organization_id: int
    parent_id: int | None
    supervising_id: int | None = None


def below(links: Iterable[Link], roots: Iterable[int]) -> set[int]:
    """The roots and everything under them: children, supervised units, and theirs in turn."""
    under: dict[int, list[int]] = {}
    for link in links:
        for above in {link.parent_id, link.supervising_id} - {None}:
            under.setdefault(above, []).append(link.organization_id)  # type: ignore[arg-type]
    found: set[int] = set()
    pending = list(roots)
    while pending:
        current = pending.pop()
        if current not in found:
            found.add(current)
            pending += under.get(current, ())
    return found


def makes_a_circle(parents: Mapping[int, int | None], moved: int, new_parent: int | None) -> bool:
    """Whether hanging `moved` under `new_parent` would put it below itself."""
    seen: set[int] = set()
    above = new_parent
    while above is not None and above not in seen:
        if above == moved:
            return True
        seen.add(above)
        above = parents.get(above)
    return False

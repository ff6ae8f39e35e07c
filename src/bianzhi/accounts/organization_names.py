"""Names of the organisations a role reaches; organisations live in an app above, which registers itself here."""

from collections.abc import Callable, Collection, Mapping

NamesOf = Callable[[Collection[int]], Mapping[int, str]]

_registered: list[NamesOf] = []


def name_organizations_with(names_of: NamesOf) -> None:
    """Register who names organisations by id, unknown ids left out. Raises ValueError on a second one."""
    if _registered:
        raise ValueError("organisations are named already")
    _registered.append(names_of)


def names(ids: Collection[int]) -> dict[int, str]:
    """Names by id; an organisation nobody knows is called by its number."""
    found = known(ids) or {}
    return {pk: found.get(pk, f"机构 {pk}") for pk in ids}


def known(ids: Collection[int]) -> Mapping[int, str] | None:
    """Names of those that exist; None when no app can tell."""
    return _registered[0](ids) if _registered else None

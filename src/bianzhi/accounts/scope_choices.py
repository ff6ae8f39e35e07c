"""Organisations to choose from when a role is given: they live in an app above, which registers itself here."""

from collections.abc import Sequence
from typing import Protocol


class OrganizationChoices(Protocol):
    """What the organizations app answers; it registers one object in its `AppConfig.ready`."""

    def find(self, text: str, limit: int) -> Sequence[tuple[int, str]]:
        """(id, label) of current organisations whose name, short name, code or initials match."""

    def label(self, organization_id: int) -> str | None:
        """Name of a current organisation; None when there is none."""


_providers: list[OrganizationChoices] = []


def provide_organizations(provider: OrganizationChoices) -> None:
    """Register who knows the organisations. Raises ValueError when somebody has done so already."""
    if _providers:
        raise ValueError("organisations are provided already")
    _providers.append(provider)


def find_organizations(text: str, limit: int = 20) -> Sequence[tuple[int, str]]:
    """Organisations to choose from; none when no app knows any."""
    return _providers[0].find(text, limit) if _providers else []


def knows_organizations() -> bool:
    """Whether an app above has registered itself."""
    return bool(_providers)


def organization_label(organization_id: int) -> str | None:
    """Name of an organisation; None when it does not exist."""
    return _providers[0].label(organization_id) if _providers else None

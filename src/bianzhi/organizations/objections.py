"""Questions organisations ask of apps above them before their structure changes.

Only personnel knows who sits in a unit and only the ledger what quota it holds; each registers a provider in its
`AppConfig.ready`. Providers are asked inside the transaction, after whatever the caller moved before.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from bianzhi.kernel.objections import Objection

if TYPE_CHECKING:
    from bianzhi.organizations.models import OrganizationVersion


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change about to be made.

    `kind` is a LineageKind. `after` is None when the unit is about to be abolished. `body_id` names the internal body
    when one is about to be closed or to leave the unit. `begins_later`: a correction moves the unit's very first day
    to `effective_on`; before it the unit will not have been there.
    """

    kind: str
    organization_id: int
    effective_on: date
    before: "OrganizationVersion | None" = None
    after: "OrganizationVersion | None" = None
    body_id: int | None = None
    begins_later: bool = False


Provider = Callable[[Proposal], Iterable[Objection]]
_providers: list[Provider] = []


def register(provider: Provider) -> None:
    """Add a provider; once."""
    if provider not in _providers:
        _providers.append(provider)


def to_proposal(proposal: Proposal) -> list[Objection]:
    """Every objection of every provider."""
    return [objection for provider in _providers for objection in provider(proposal)]

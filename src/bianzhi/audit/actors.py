"""Who acts: a user of the platform, or the system itself in the name of a job."""

from dataclasses import dataclass
from typing import Protocol


class Actor(Protocol):
    """What services ask of whoever acts; `accounts.User` and `System` fulfil it."""

    @property
    def pk(self) -> int | None:
        """Key of the user, None for the system."""

    @property
    def display_name(self) -> str:
        """Name kept in the record for ever."""

    def can(self, permission: str) -> bool:
        """Whether this actor holds the permission at all (data scope is asked separately)."""

    def sees_everything(self) -> bool:
        """Whether no data scope limits this actor."""


@dataclass(frozen=True, slots=True)
class System:
    """The platform acting by itself: an import, the nightly expiry of slots, the demo generator."""

    name: str

    @property
    def pk(self) -> int | None:
        """The system is no user."""
        return None

    @property
    def display_name(self) -> str:
        """The name in the record, e.g. 系统·导入."""
        return f"系统·{self.name}"

    def can(self, permission: str) -> bool:
        """The system carries out what a permitted user has asked for."""
        return True

    def sees_everything(self) -> bool:
        """No data scope limits the system."""
        return True

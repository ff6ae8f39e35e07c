"""Who acts when a case takes effect: whoever decided, by the authority of the case and not of their own permissions."""

from dataclasses import dataclass

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import AuditEntry

NAME_LENGTH = AuditEntry._meta.get_field("actor_name").max_length or 0


@dataclass(frozen=True, slots=True)
class ByCase:
    """The decider of a case, acting upon the register for it: the case's approvals are the authority.

    The record keeps the decider's key, and the name with the case's number, so that every change of the register leads
    back to the case.
    """

    decider: Actor
    case_number: str

    @property
    def pk(self) -> int | None:
        """Key of the decider."""
        return self.decider.pk

    @property
    def display_name(self) -> str:
        """The decider and the case: 周明远（P05-2026-000001）."""
        suffix = f"（{self.case_number}）"
        return self.decider.display_name[: NAME_LENGTH - len(suffix)] + suffix

    def can(self, permission: str) -> bool:
        """Whatever the case was approved for."""
        return True

    def sees_everything(self) -> bool:
        """A case may touch several units."""
        return True

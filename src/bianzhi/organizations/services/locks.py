"""The lock every change of structure takes first."""

from bianzhi.common.numbering import next_numbers
from bianzhi.organizations.models import Organization


def lock_structure() -> int:
    """Let one change of the tree happen at a time, to the end of the transaction; gives the revision of the tree.

    Circles, double names and parents that vanish cannot be seen under row locks of single units. Changes of structure
    are rare, so one lock for all of them costs nothing. Whoever also locks ledger accounts or people (合并、划转) takes
    this one first.
    """
    return next_numbers("organizations.tree")[0]


def lock_organization(organization_id: int) -> Organization:
    """The organisation, its row locked to the end of the transaction. Raises Organization.DoesNotExist."""
    lock_structure()
    return Organization.objects.select_for_update().get(pk=organization_id)

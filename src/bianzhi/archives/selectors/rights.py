"""What a reader may do with an item that is visible to them: read it, take it away, print it."""

from dataclasses import dataclass
from typing import Any, Final

from bianzhi.archives.models import Item, Loan

DOWNLOAD: Final = "archives.download"
MANAGE: Final = "archives.manage"


@dataclass(frozen=True, slots=True)
class Rights:
    """`loan` is the loan that lets the reader in, where nothing else does; it names what may be taken away."""

    may_download: bool
    may_print: bool
    loan: Loan | None = None

    @property
    def is_stamped(self) -> bool:
        """Whether everything shown bears the reader's name and the time."""
        return not self.may_download


def rights_of(user: Any, item: Item) -> Rights:
    """The rights of somebody who may see the item; visibility is asked before (`Item.objects.visible_to`).

    Of a destroyed item there is nothing to take away.
    """
    if item.is_disposed:
        return Rights(may_download=False, may_print=False)
    if user.can(DOWNLOAD):
        return Rights(may_download=True, may_print=True)
    loans = list(Loan.objects.open_for(user).filter(items=item).order_by("-may_download", "-may_print", "-pk"))
    return Rights(
        may_download=any(loan.may_download for loan in loans),
        may_print=any(loan.may_print for loan in loans),
        loan=loans[0] if loans else None,
    )

"""Who is who: the rows of one person in four rosters, found by rules officials can read."""

from bianzhi.reconciliation.link.assembling import define_linked
from bianzhi.reconciliation.link.cascade import empty_inputs, make_links
from bianzhi.reconciliation.link.settings import LinkSettings

__all__ = ["LinkSettings", "define_linked", "empty_inputs", "make_links"]

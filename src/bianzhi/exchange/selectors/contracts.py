"""Contracts of sources: the one in force, the one being worked on."""

from bianzhi.exchange.models import Contract, ContractStatus, Source


def in_force(source: Source) -> Contract | None:
    """The published contract of a source; None before the first was published."""
    return Contract.objects.filter(source=source, status=ContractStatus.PUBLISHED).order_by("-version").first()


def draft_of(source: Source) -> Contract | None:
    """The version being worked on, None when there is none."""
    return Contract.objects.filter(source=source, status=ContractStatus.DRAFT).order_by("-version").first()

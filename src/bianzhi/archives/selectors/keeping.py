"""What keeping looks after: items whose term is over, loans and appraisals a user may see."""

from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet

from bianzhi.archives.models import Appraisal, AppraisalState, Item, ItemState, Loan, Volume
from bianzhi.archives.rules.retention import TERMS

GOING_ON = (AppraisalState.DRAFT, AppraisalState.SUBMITTED, AppraisalState.APPROVED)


def due_items(user: Any, today: date) -> QuerySet[Item]:
    """Filed items whose term is over and that no open appraisal holds."""
    over = Q()
    for retention, years in TERMS.items():
        if years is not None:
            over |= Q(retention=retention, year__lt=today.year - years)
    held = Appraisal.objects.filter(state__in=GOING_ON).values("lines__item")
    rows = Item.objects.visible_to(user).filter(over, state=ItemState.FILED)
    return rows.exclude(pk__in=held.exclude(lines__item=None)).select_related("category", "fonds")


def loans_of(user: Any) -> QuerySet[Loan]:
    """All loans for who keeps the archive, and for the heads who approve them; for others their own."""
    rows = Loan.objects.select_related("reader", "granted_by").annotate(item_count=Count("items"))
    answers_for_all = user.can("archives.manage") or user.can("archives.appraise")
    return rows if answers_for_all else rows.filter(reader=user.pk)


def volumes_of(user: Any) -> QuerySet[Volume]:
    """Volumes that hold something the user may see; all for who keeps the archive."""
    rows = Volume.objects.select_related("fonds", "category").annotate(item_count=Count("items"))
    if user.can("archives.manage"):
        return rows
    return rows.filter(pk__in=Item.objects.visible_to(user).order_by().values("volume"))


def items_of_volume(user: Any, volume: Volume) -> QuerySet[Item]:
    """What of a volume the user may see, in the order of the 档号."""
    return Item.objects.visible_to(user).filter(volume=volume).order_by("code", "pk")


def bindable(user: Any, volume: Volume) -> QuerySet[Item]:
    """Items that may be put into a volume: drafts of the fonds, and filed items of its category, year and term."""
    own = Q(state=ItemState.FILED, category=volume.category_id, year=volume.year, retention=volume.retention)
    rows = Item.objects.visible_to(user).filter(fonds=volume.fonds_id, volume=None)
    return rows.filter(own | Q(state=ItemState.DRAFT)).order_by("code", "pk")

"""Pairs for the pages: the questions, and what was decided for good."""

from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from bianzhi.exchange.models import LinkDecision, LinkReview, ReviewState
from bianzhi.exchange.selectors.visible import visible_reviews


def reviews_for(user: Any) -> QuerySet[LinkReview]:
    """The pairs a user may see, the most alike first, with who decided; `waits` is 1 for those still open."""
    waits = Case(When(state=ReviewState.OPEN, then=Value(1)), default=Value(0), output_field=IntegerField())
    return visible_reviews(user).select_related("decided_by", "last_run").annotate(waits=waits)


def open_reviews(user: Any) -> QuerySet[LinkReview]:
    """Those still to be decided."""
    return reviews_for(user).filter(state=ReviewState.OPEN)


def decisions_for(user: Any) -> QuerySet[LinkDecision]:
    """What was decided for good about the pairs a user may see, newest first."""
    rows = LinkDecision.objects.filter(review__in=visible_reviews(user))
    return rows.select_related("decided_by", "revoked_by", "review").order_by("-pk")

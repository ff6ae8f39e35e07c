"""Runs, pairs, aliases and changes within a user's reach: departments see theirs, units only changes."""

from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from bianzhi.exchange.models import Change, LinkReview, Run, UnitAlias
from bianzhi.exchange.scopes import departments_of
from bianzhi.kernel import clock
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.reconciliation.sources import DEPARTMENT_CODES


def visible_runs(user: Any) -> QuerySet[Run]:
    """Every run for whoever reaches a department's data."""
    return Run.objects.all() if departments_of(user) else Run.objects.none()


def visible_reviews(user: Any) -> QuerySet[LinkReview]:
    """Every pair for the office; for a liaison those with a row of the own department."""
    departments = departments_of(user)
    if departments == DEPARTMENT_CODES:
        return LinkReview.objects.all()
    theirs = Q(pk__in=[])
    for code in departments:
        theirs |= Q(sources__contains=f",{code},")
    return LinkReview.objects.filter(theirs)


def visible_aliases(user: Any) -> QuerySet[UnitAlias]:
    """Every alias for the office; the own department's for a liaison."""
    return UnitAlias.objects.filter(source__in=departments_of(user))


def visible_changes(user: Any) -> QuerySet[Change]:
    """Every change for the office; for a liaison those the own department bears out; for a unit those in or out."""
    departments = departments_of(user)
    if departments == DEPARTMENT_CODES:
        return Change.objects.all()
    if departments:
        told = Q()
        for code in departments:
            told |= Q(told_by__contains=f'"{code}"')
        return Change.objects.annotate(told_by=Cast("sources", TextField())).filter(told)
    if not user.can("exchange.findings"):
        return Change.objects.none()
    ids = visible_organization_ids(user, clock.today())
    if ids is None:
        return Change.objects.all()
    return Change.objects.filter(Q(from_organization_id__in=ids) | Q(to_organization_id__in=ids))

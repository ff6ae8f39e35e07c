"""Exits departments have told of that nobody has filed: what a unit owes by them (R12, R13; W07)."""

from datetime import date

from django.db.models import Q

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.exchange.models import Change, ChangeKind, ChangeState


@beyond_scope("rules")
def exits_not_filed(day: date) -> dict[int, date]:
    """Person → the day the exit happened, for exits decided before a day and without a case; one query.

    A case that came to nothing stays named in the change and counts for none. A change may name no unit the reader
    sees: what the unit owes does not depend on who looks.
    """
    not_filed = Q(state=ChangeState.CANDIDATE) | Q(state=ChangeState.CASE, case__submitted_at__isnull=True)
    told = Change.objects.filter(not_filed, kind=ChangeKind.EXIT, person__isnull=False, happened_on__lt=day)
    rows = told.order_by("happened_on").values_list("person_id", "happened_on")
    return {person_id: happened_on for person_id, happened_on in rows if happened_on is not None}

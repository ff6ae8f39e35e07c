"""Cases in the full-text index: by number and title. Forms stay out of it: they hold ID numbers and much else.

Drafts are only their writer's and change with every key pressed; they are found in their list.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.urls import reverse
from django.utils import timezone

from bianzhi.common.models import OutboxMessage
from bianzhi.kernel import clock
from bianzhi.matters import catalogue
from bianzhi.matters.models import SUBJECT_KIND, Case
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.search.jobs.changes import note
from bianzhi.search.sources import Entry, Source

KIND: Final = SUBJECT_KIND
EVERYTHING: Final = "all"


def all_ids() -> Iterator[int]:
    """Every case that was sent in."""
    rows = Case.objects.filter(instance__isnull=False, discarded_at__isnull=True).order_by("pk")
    return rows.values_list("pk", flat=True).iterator(chunk_size=2000)


def entries(ids: Sequence[int]) -> Iterator[Entry]:
    """One each."""
    rows = Case.objects.filter(pk__in=ids, instance__isnull=False, discarded_at__isnull=True)
    for row in rows.select_related("instance").order_by("pk"):
        begun = timezone.localdate(row.submitted_at or row.created_at)
        matter = catalogue.matter(row.matter).title
        yield Entry(
            key=f"{KIND}:{row.pk}",
            subject=f"{KIND}:{row.pk}",
            title=row.title or matter,
            subtitle=" · ".join(filter(None, (row.number, matter, f"{begun} 提交"))),
            url=reverse("matters:case", args=[row.pk]),
            access=(EVERYTHING, f"id:{row.pk}"),
            numbers=(row.number,) if row.number else (),
            units=tuple(pk for pk in (row.organization_id, row.counterpart_id) if pk is not None),
            year=begun.year,
            dated_on=begun,
        )


def tokens(user: Any) -> Iterator[str]:
    """Everything for the district's offices; for others the cases of their units and those they have a part in."""
    if user.can("rules.override") or visible_organization_ids(user, clock.today()) is None:
        yield EVERYTHING
        return
    for pk in Case.objects.visible_to(user).filter(instance__isnull=False).values_list("pk", flat=True):
        yield f"id:{pk}"


def changed(message: OutboxMessage) -> None:
    """matters.submitted, matters.case_discarded: the case itself."""
    note(KIND, [int(message.payload["case"])])


def moved(message: OutboxMessage) -> None:
    """workflow.moved: a flow whose subject is a case."""
    if message.payload["subject_kind"] == SUBJECT_KIND:
        note(KIND, [int(message.payload["subject_id"])])


SOURCE: Final = Source(
    kind=KIND,
    label="办件",
    icon="briefcase",
    permission="matters.view",
    all_ids=all_ids,
    entries=entries,
    tokens=tokens,
    order=50,
)

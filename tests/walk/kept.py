"""What the archivist of the walked district keeps: a volume, an appraisal, a loan, an inspection, a package."""

from __future__ import annotations

from datetime import date

from bianzhi.accounts.models import User
from bianzhi.archives.models import Category, Item, ItemSource, ItemState
from bianzhi.archives.rules.retention import first_day_over
from bianzhi.archives.services import filing
from bianzhi.archives.services.appraisals import Proposal, draft_appraisal, submit_appraisal
from bianzhi.archives.services.inspections import Scope, inspect_scans
from bianzhi.archives.services.lending import Reading, lend
from bianzhi.archives.services.packages.exporting import export_items, packed
from bianzhi.archives.services.volumes import bind, open_volume
from bianzhi.organizations.models import Organization


def keep_something(archivist: User, reader: User, own: Organization, today: date) -> None:
    """One of each; the loan is the reader's, of an item another unit's."""
    filed = Item.objects.filter(state=ItemState.FILED).exclude(source=ItemSource.INDEX_ONLY).order_by("pk")
    mine = filed.filter(organization=own)[0]
    others = filed.exclude(organization=own)[0]
    volume = open_volume(
        actor=archivist,
        fonds_id=mine.fonds_id,
        category_id=mine.category_id or Category.objects.all()[0].pk,
        year=mine.year or today.year,
        retention=mine.retention,
        title="机构编制批复",
    )
    bind(actor=archivist, volume_id=volume.pk, item_ids=[mine.pk])
    _appraise(archivist, _of_ten_years(archivist, mine))
    for person, item in ((reader, mine), (archivist, others)):
        lend(
            actor=archivist,
            reading=Reading(
                item_ids=[item.pk],
                reader_id=person.pk,
                reader_name=person.display_name,
                purpose="核对编制",
                valid_from=today,
                valid_to=today,
            ),
        )
    inspect_scans(actor=archivist, title="抽检", scope=Scope(percent=10))
    with packed(by=archivist, title="移交", item_ids=[others.pk]) as bag:
        export_items(actor=archivist, bag=bag)


def _of_ten_years(archivist: User, like: Item) -> Item:
    """An entry that is kept for ten years only."""
    facts = {
        "title": "关于报送统计报表的通知",
        "category_id": like.category_id,
        "organization_id": like.organization_id,
        "year": 2010,
        "retention": "D10",
        "storage_place": "库房 1 柜",
    }
    return filing.index_only(actor=archivist, fonds_id=like.fonds_id, facts=facts)


def _appraise(archivist: User, item: Item) -> None:
    """The item as it will be proposed when its term is over."""
    late = first_day_over(item.year, "D10") or date.max
    appraisal = draft_appraisal(
        actor=archivist,
        today=late,
        title="到期鉴定",
        reason="仍有查考价值",
        proposals=[Proposal(item_id=item.pk, outcome="extend", new_retention="Y")],
    )
    submit_appraisal(actor=archivist, appraisal_id=appraisal.pk)

"""导出移交包: chosen items, sound and checked, into a bag that is kept under its digest.

The bag is written before the transaction that registers it: on SQLite one writer stands in the way of all.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.archives.models import CheckOccasion, Item, ItemState, Opening, Package
from bianzhi.archives.rules.four_properties import Outcome, is_sound
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.four_checks import keep_check, outcomes_of
from bianzhi.archives.services.packages.kept import forget_unregistered
from bianzhi.archives.services.packages.writing import Progress, Written, no_progress, write_bag
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs
from bianzhi.common.models import Job
from bianzhi.common.working_files import workspace
from bianzhi.kernel.objections import Objection, refuse_if

MANAGE: Final = "archives.manage"
EXPORT_JOB: Final = "archives.export"
RELATED: Final = ("fonds__organization", "category", "volume", "organization", "filed_by")


@dataclass(frozen=True, slots=True)
class PackedBag:
    """A bag that was written and kept: its items as they were, and what the check of each found."""

    title: str
    items: Sequence[Item]
    outcomes: Mapping[int, list[Outcome]]
    checked_at: datetime
    written: Written
    digest: str
    size: int


@unit_of_work
def request_export(*, actor: Actor, title: str, item_ids: Collection[int]) -> Job:
    """Have a package written in the background. Raises Denied without archives.manage, Refused as `packed`."""
    policies.require(actor, MANAGE)
    ids = sorted(item_ids)
    refuse_if(_objections(title, _kept(ids)))
    params = {"title": title.strip(), "items": ids}
    job = jobs.enqueue(EXPORT_JOB, title=f"导出 {title.strip()}"[:200], params=params, actor=actor)
    record("archives.export_requested", actor=actor, subject=job, facts={"title": title.strip(), "items": len(ids)})
    return job


@contextmanager
def packed(
    *, by: Actor, title: str, item_ids: Collection[int], progress: Progress = no_progress
) -> Iterator[PackedBag]:
    """Items in a bag that is to be registered within the block (`export_items`); else its file goes again.

    Filed and destroyed items go (of these the description only). Raises Denied without archives.manage, Refused:
    archives.package (no title, nothing chosen), archives.four_properties, archives.damaged.
    """
    policies.require(by, MANAGE)
    items = list(_kept(item_ids).select_related(*RELATED).order_by("code"))
    refuse_if(_objections(title, items))
    outcomes = {item.pk: outcomes_of(item) for item in items if item.state == ItemState.FILED}
    refuse_if(_unsound(items, outcomes))
    moment = timezone.now()
    checks = {pk: _check(found, moment) for pk, found in outcomes.items()}
    with workspace("archive-") as folder:
        path = folder / "package.zip"
        written = write_bag(path, items, checks=checks, title=title, by=by.display_name, progress=progress)
        size, digest = path.stat().st_size, PACKAGES.keep(path)
    try:
        yield PackedBag(title.strip(), items, outcomes, moment, written, digest, size)
    finally:
        forget_unregistered(digest)


@unit_of_work
def export_items(*, actor: Actor, bag: PackedBag, job: Job | None = None) -> Package:
    """Register a packed bag, with the checks made for it and whose contents left.

    Raises Denied without archives.manage, Refused: archives.changed_meanwhile when an item is no longer as it was.
    """
    policies.require(actor, MANAGE)
    refuse_if(_changed(bag.items))
    for item in bag.items:
        if item.pk in bag.outcomes:
            outcomes = bag.outcomes[item.pk]
            keep_check(
                actor=actor, item=item, occasion=CheckOccasion.TRANSFER, outcomes=outcomes, checked_at=bag.checked_at
            )
    written = bag.written
    facts = {"items": written.items, "originals": written.originals, "files": written.files, "bytes": written.bytes}
    package = Package.objects.create(
        direction="out", title=bag.title, sha256=bag.digest, size=bag.size, facts=facts, made_by_id=actor.pk, job=job
    )
    package.items.set(bag.items)
    Opening.objects.bulk_create(Opening(item=item, user_id=actor.pk, kind="export") for item in bag.items)
    record("archives.exported", actor=actor, subject=package, facts={"sha256": bag.digest, **facts})
    return package


@unit_of_work
def note_package_download(*, actor: Actor, package: Package) -> None:
    """Put on record who takes a package away. Raises Denied without archives.manage."""
    policies.require(actor, MANAGE)
    record("archives.package_downloaded", actor=actor, subject=package, facts={"sha256": package.sha256})


def _kept(ids: Iterable[int]) -> QuerySet[Item]:
    return Item.objects.filter(pk__in=list(ids), state__in=(ItemState.FILED, ItemState.DISPOSED))


def _check(outcomes: Sequence[Outcome], moment: datetime) -> dict[str, Any]:
    """A check as the record of a package has it."""
    return {
        "occasion": CheckOccasion.TRANSFER.value,
        "passed": is_sound(outcomes),
        "results": [outcome.as_row() for outcome in outcomes],
        "checked_at": moment.isoformat(),
    }


def _changed(items: Sequence[Item]) -> list[Objection]:
    """Items that were corrected, destroyed or prolonged while they were packed."""
    rows = Item.objects.select_for_update(of=("self",)).filter(pk__in=[item.pk for item in items]).order_by("pk")
    now = {item.pk: _facts(item) for item in rows}
    return [
        Objection("archives.changed_meanwhile", f"“{item}”在导出期间有变动，没有导出。", next_step="请重新导出")
        for item in items
        if now.get(item.pk) != _facts(item)
    ]


def _facts(item: Item) -> list[Any]:
    return [getattr(item, field.attname) for field in Item._meta.concrete_fields]


def _unsound(items: Sequence[Item], outcomes: Mapping[int, list[Outcome]]) -> list[Objection]:
    """Items whose four properties fail at the transfer; of destroyed ones there is nothing to check."""
    return [_objection(item, outcomes[item.pk]) for item in items if not is_sound(outcomes.get(item.pk, []))]


def _objection(item: Item, outcomes: Iterable[Outcome]) -> Objection:
    failed = "；".join(f"{each.label}：{each.told}" for each in outcomes if each.blocks and not each.passed)
    message = f"“{item}”移交环节四性检测不合格：{failed}。"
    return Objection("archives.four_properties", message, next_step="请先补正或恢复原件，再导出")


def _objections(title: str, items: Iterable[Item]) -> list[Objection]:
    if not title.strip():
        return [Objection("archives.package", "没有填写移交包名称。", next_step="如“2020 年度永久文书移交”")]
    if not any(True for _ in items):
        return [Objection("archives.package", "没有可导出的已归档档案。", next_step="请先选择已归档的件")]
    return []

"""导出移交包: chosen items, sound and checked, into a bag that is kept under its digest."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from django.db.models import QuerySet

from bianzhi.accounts import policies
from bianzhi.archives.models import CheckOccasion, Item, ItemState, Opening, Package
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.four_checks import check_items
from bianzhi.archives.services.packages.writing import Progress, write_bag
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs
from bianzhi.common.models import Job
from bianzhi.common.working_files import workspace
from bianzhi.kernel.objections import Objection, refuse_if

MANAGE: Final = "archives.manage"
EXPORT_JOB: Final = "archives.export"
RELATED: Final = ("fonds__organization", "category", "volume", "organization", "filed_by")


def no_progress(done: int, total: int, message: str) -> None:
    """For whoever does not watch."""


@unit_of_work
def request_export(*, actor: Actor, title: str, item_ids: Collection[int]) -> Job:
    """Have a package written in the background. Raises Denied without archives.manage, Refused as `export_items`."""
    policies.require(actor, MANAGE)
    ids = sorted(item_ids)
    refuse_if(_objections(title, _kept(ids)))
    params = {"title": title.strip(), "items": ids}
    job = jobs.enqueue(EXPORT_JOB, title=f"导出 {title.strip()}"[:200], params=params, actor=actor)
    record("archives.export_requested", actor=actor, subject=job, facts={"title": title.strip(), "items": len(ids)})
    return job


@unit_of_work
def export_items(
    *, actor: Actor, title: str, item_ids: Collection[int], progress: Progress = no_progress, job: Job | None = None
) -> Package:
    """Check the four properties of items and write them into a bag, kept under its SHA-256.

    Filed and destroyed items go (of these the description only). Raises Denied without archives.manage, Refused:
    archives.package (no title, nothing chosen), archives.four_properties, archives.damaged.
    """
    policies.require(actor, MANAGE)
    items = list(_kept(item_ids).select_related(*RELATED).order_by("code"))
    refuse_if(_objections(title, items))
    refuse_if(_unsound(actor, items))
    with workspace("archive-") as folder:
        path = folder / "package.zip"
        written = write_bag(path, items, title=title, by=actor.display_name, progress=progress)
        size, digest = path.stat().st_size, PACKAGES.keep(path)
    facts = {"items": written.items, "originals": written.originals, "files": written.files, "bytes": written.bytes}
    package = Package.objects.create(
        direction="out", title=title.strip(), sha256=digest, size=size, facts=facts, made_by_id=actor.pk, job=job
    )
    package.items.set(items)
    Opening.objects.bulk_create(Opening(item=item, user_id=actor.pk, kind="export") for item in items)
    record("archives.exported", actor=actor, subject=package, facts={"sha256": digest, **facts})
    return package


@unit_of_work
def note_package_download(*, actor: Actor, package: Package) -> None:
    """Put on record who takes a package away. Raises Denied without archives.manage."""
    policies.require(actor, MANAGE)
    record("archives.package_downloaded", actor=actor, subject=package, facts={"sha256": package.sha256})


def _kept(ids: Iterable[int]) -> QuerySet[Item]:
    return Item.objects.filter(pk__in=list(ids), state__in=(ItemState.FILED, ItemState.DISPOSED))


def _unsound(actor: Actor, items: list[Item]) -> list[Objection]:
    """Items whose four properties fail at the transfer; of destroyed ones there is nothing to check."""
    ids = [item.pk for item in items if item.state == ItemState.FILED]
    checks = check_items(actor=actor, item_ids=ids, occasion=CheckOccasion.TRANSFER)
    return [_objection(check.item, check.results) for check in checks if not check.passed]


def _objection(item: Item, results: list[dict[str, Any]]) -> Objection:
    failed = "；".join(f"{row['label']}：{row['told']}" for row in results if row["blocks"] and not row["passed"])
    message = f"“{item}”移交环节四性检测不合格：{failed}。"
    return Objection("archives.four_properties", message, next_step="请先补正或恢复原件，再导出")


def _objections(title: str, items: Iterable[Item]) -> list[Objection]:
    if not title.strip():
        return [Objection("archives.package", "没有填写移交包名称。", next_step="如“2020 年度永久文书移交”")]
    if not any(True for _ in items):
        return [Objection("archives.package", "没有可导出的已归档档案。", next_step="请先选择已归档的件")]
    return []

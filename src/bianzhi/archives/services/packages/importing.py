"""接收移交包: what a bag has proved is taken in as one unit of work, or not at all."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bianzhi.accounts import policies
from bianzhi.archives.models import CheckOccasion, Item, ItemState, Package
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.four_checks import check_items
from bianzhi.archives.services.packages.kept import IMPORT_JOB
from bianzhi.archives.services.packages.proving import CHUNK, ProvenBag, codes_taken, faults_of_bag
from bianzhi.archives.services.packages.taking import frame_of, take_item
from bianzhi.archives.services.packages.writing import Progress, no_progress
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs, outbox
from bianzhi.common.models import Job
from bianzhi.kernel.objections import Objection, refuse_if

MANAGE: Final = "archives.manage"


@unit_of_work
def request_import(*, actor: Actor, title: str, path: Path, creates_units: bool = False) -> Job:
    """Keep a package that came and have it taken in in the background. Raises Denied without archives.manage."""
    policies.require(actor, MANAGE)
    digest = PACKAGES.keep(path)
    params = {"title": title.strip(), "sha256": digest, "creates_units": creates_units}
    job = jobs.enqueue(IMPORT_JOB, title=f"接收 {title.strip()}"[:200], params=params, actor=actor)
    record("archives.import_requested", actor=actor, subject=job, facts={"title": title.strip(), "sha256": digest})
    return job


@unit_of_work
def import_package(
    *,
    actor: Actor,
    title: str,
    bag: ProvenBag,
    creates_units: bool = False,
    progress: Progress = no_progress,
    job: Job | None = None,
) -> Package:
    """Take a proven bag in: 档号, descriptions, originals, pages, relations and checks as they were sent.

    `creates_units`: units the register lacks are established as the package tells. The words of the pages follow the
    commit (`ProvenBag.keep_words`). Raises Denied without archives.manage, Refused: archives.package,
    archives.codes_taken, archives.units_missing, R27 and what is wrong with a description.
    """
    policies.require(actor, MANAGE)
    refuse_if(codes_taken(bag.records))
    with faults_of_bag("移交目录"):
        frame = frame_of(
            actor=actor, told=bag.told, records=bag.records, formats=bag.formats, creates_units=creates_units
        )
    items = []
    for number, each in enumerate(bag.records, 1):
        with faults_of_bag(f"第 {number} 件（{each['code']}）的著录"):
            items.append(take_item(actor=actor, record=each, frame=frame))
        progress(number, len(bag.records), f"正在写入 {items[-1].code}")
    facts = {"items": len(items), "originals": len(frame.originals)}
    package = Package.objects.create(
        direction="in", title=title.strip(), sha256=bag.digest, size=bag.size, facts=facts, made_by_id=actor.pk, job=job
    )
    package.items.set(items)
    record("archives.imported", actor=actor, subject=package, facts={"sha256": bag.digest, **facts})
    _check_and_announce(actor, items, bag)
    bag.fresh.update(frame.fresh)
    return package


def _check_and_announce(actor: Actor, items: Sequence[Item], bag: ProvenBag) -> None:
    """What came is checked on arrival (DA/T 70, 移交与接收环节) and told to the index. Raises Refused."""
    filed = [item.pk for item in items if item.state == ItemState.FILED]
    checks = check_items(actor=actor, item_ids=filed, occasion=CheckOccasion.TRANSFER, read_already=bag.formats)
    failed = [check.item for check in checks if not check.passed]
    refuse_if(
        [
            Objection("archives.four_properties", f"“{item}”接收时四性检测不合格。", next_step="请移交方补正后重新移交")
            for item in failed
        ]
    )
    for start in range(0, len(items), CHUNK):
        ids = [item.pk for item in items[start : start + CHUNK]]
        outbox.put("search.changed", key=ids[0], payload={"kind": "archives.item", "ids": ids})

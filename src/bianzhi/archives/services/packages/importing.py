"""接收移交包: checked whole, then taken in as one unit of work, or not at all."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from bianzhi.accounts import policies
from bianzhi.archives.models import CheckOccasion, Item, ItemState, Package
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.four_checks import check_items
from bianzhi.archives.services.packages.checking import BAD, FORMAT, OpenBag, opened
from bianzhi.archives.services.packages.exporting import no_progress
from bianzhi.archives.services.packages.taking import frame_of, keep_originals, keep_page_words, take_item
from bianzhi.archives.services.packages.writing import Progress
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import jobs, outbox
from bianzhi.common.models import Job
from bianzhi.kernel.objections import Objection, Refused, refuse_if

MANAGE: Final = "archives.manage"
IMPORT_JOB: Final = "archives.import"
CHUNK: Final = 500


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
    path: Path,
    creates_units: bool = False,
    progress: Progress = no_progress,
    job: Job | None = None,
) -> Package:
    """Take a bag in: 档号, descriptions, originals, pages, words, relations and checks as they were sent.

    The package itself is kept, with the history of each item before. `creates_units`: units the register lacks are
    established as the package tells. Raises Denied without archives.manage, Refused: archives.package with all that is
    wrong, archives.codes_taken, archives.units_missing.
    """
    policies.require(actor, MANAGE)
    with opened(path) as bag:
        progress(0, 1, "正在核对移交包")
        told, records = _contents(bag)
        refuse_if(_taken(records))
        keep_originals(bag, records)
        frame = _frame(actor, told, records, creates_units=creates_units)
        items = []
        for number, each in enumerate(records, 1):
            items.append(take_item(actor=actor, record=each, frame=frame))
            progress(number, len(records), f"正在写入 {items[-1].code}")
        keep_page_words(bag)
    digest, size = PACKAGES.keep(path), path.stat().st_size
    facts = {"items": len(items), "originals": len(frame.originals)}
    package = Package.objects.create(
        direction="in", title=title.strip(), sha256=digest, size=size, facts=facts, made_by_id=actor.pk, job=job
    )
    package.items.set(items)
    record("archives.imported", actor=actor, subject=package, facts={"sha256": digest, **facts})
    _check_and_announce(actor, items)
    return package


def _contents(bag: OpenBag) -> tuple[Mapping[str, Any], list[dict[str, Any]]]:
    told = bag.json("data/catalogue.json")
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        message = "移交包不合格：catalogue.json 不是本平台的移交目录。"
        raise Refused([Objection(BAD, message, next_step="请移交方用本平台导出")])
    records = list(bag.records())
    if not records:
        raise Refused([Objection(BAD, "移交包不合格：包内没有任何档案。", next_step="请移交方重新导出")])
    return told, records


def _frame(actor: Actor, told: Mapping[str, Any], records: Sequence[Mapping[str, Any]], *, creates_units: bool) -> Any:
    try:
        return frame_of(actor=actor, told=told, records=records, creates_units=creates_units)
    except (KeyError, TypeError) as error:
        message = f"移交包不合格：移交目录缺少项目 {error}。"
        raise Refused([Objection(BAD, message, next_step="请移交方重新导出")]) from None


def _taken(records: Sequence[Mapping[str, Any]]) -> list[Objection]:
    codes = [str(record["code"]) for record in records if record["code"]]
    taken = [
        str(code)
        for start in range(0, len(codes), CHUNK)
        for code in Item.objects.filter(code__in=codes[start : start + CHUNK]).values_list("code", flat=True)
    ]
    if not taken:
        return []
    message = f"包内 {len(taken)} 件的档号本馆已有：{'、'.join(taken[:5])}{'等' if len(taken) > 5 else ''}。"
    return [Objection("archives.codes_taken", message, next_step="请核对是否已经接收过；档号不得重复")]


def _check_and_announce(actor: Actor, items: Sequence[Item]) -> None:
    """What came is checked on arrival (DA/T 70, 移交与接收环节) and told to the index. Raises Refused."""
    filed = [item.pk for item in items if item.state == ItemState.FILED]
    checks = check_items(actor=actor, item_ids=filed, occasion=CheckOccasion.TRANSFER)
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

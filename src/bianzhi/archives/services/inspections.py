"""Looking through scans as DA/T 31-2017 asks: all of them or a sample that can be drawn again."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.accounts import policies
from bianzhi.archives.models import Inspection, Item, ItemSource, ItemState
from bianzhi.archives.rules.da31 import ScannedItem, ScannedPage, look_through
from bianzhi.archives.selectors.files import newest_files_of
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.objections import Objection, refuse_if

MANAGE: Final = "archives.manage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which items: all, or those of a batch, unit or year; `percent` of them, drawn by `seed`."""

    batch_id: int | None = None
    organization_id: int | None = None
    year: int | None = None
    percent: int = 100
    seed: int = 1


@unit_of_work
def inspect_scans(*, actor: Actor, title: str, scope: Scope) -> Inspection:
    """Look through the pages of a scope and keep what was found.

    Raises Denied without archives.manage, Refused: archives.inspection without a title, with a share that is none, and
    when the scope holds no scans.
    """
    policies.require(actor, MANAGE)
    refuse_if(_objections(title, scope))
    items = _sample(_items(scope), scope)
    if not items:
        message = "所选范围内没有数字化档案。"
        refuse_if([Objection("archives.inspection", message, next_step="请另选批次、单位或年度")])
    scanned = list(_scanned(items))
    problems = [problem.as_row() for item in scanned for problem in look_through(item)]
    inspection = Inspection.objects.create(
        title=title.strip(),
        scope={
            "batch": scope.batch_id,
            "organization": scope.organization_id,
            "year": scope.year,
            "percent": scope.percent,
            "seed": scope.seed,
            "items": len(items),
        },
        pages=sum(len(item.pages) for item in scanned),
        problems=problems,
        inspected_by_id=actor.pk,
    )
    facts = {"items": len(items), "pages": inspection.pages, "problems": len(problems)}
    record("archives.inspected", actor=actor, subject=inspection, facts=facts)
    return inspection


def _items(scope: Scope) -> list[Item]:
    rows = Item.objects.filter(state__in=(ItemState.DRAFT, ItemState.FILED)).exclude(source=ItemSource.INDEX_ONLY)
    if scope.batch_id is not None:
        rows = rows.filter(origin__file__batch=scope.batch_id)
    if scope.organization_id is not None:
        rows = rows.filter(organization=scope.organization_id)
    if scope.year is not None:
        rows = rows.filter(year=scope.year)
    return list(rows.order_by("pk").prefetch_related("pages__file"))


def _sample(items: Sequence[Item], scope: Scope) -> list[Item]:
    """So many per cent of the items, at least one, the same ones whenever the same seed is given."""
    count = -(-len(items) * scope.percent // 100)
    drawn = random.Random(scope.seed).sample(range(len(items)), count)
    return [items[index] for index in sorted(drawn)]


def _scanned(items: Sequence[Item]) -> Iterable[ScannedItem]:
    files = newest_files_of(items)
    for item in items:
        pages = [(page, page.file) for page in item.pages.all()]
        yield ScannedItem(
            code=item.code or f"待编号 {item.pk}",
            page_count=item.page_count,
            pages=tuple(
                ScannedPage(
                    number=page.number,
                    source=file.name,
                    source_page=page.source_page,
                    dpi=page.dpi if page.text_origin != "layer" else 0,
                    skew=page.skew,
                    is_blank=page.is_blank,
                    has_text=bool(page.text.strip()),
                )
                for page, file in pages
            ),
            expected=_expected(files[item.pk]),
        )


def _expected(files: Iterable[Any]) -> frozenset[tuple[str, int]]:
    return frozenset(
        (file.name, number)
        for file in files
        if file.last_page is not None
        for number in range(file.first_page, file.last_page + 1)
    )


def _objections(title: str, scope: Scope) -> list[Objection]:
    found = []
    if not title.strip():
        found.append(Objection("archives.inspection", "没有填写检查名称。", next_step="如“2020 年度扫描件抽检”"))
    if not 1 <= scope.percent <= 100:
        message = f"抽样比例应为 1% 至 100%，现为 {scope.percent}%。"
        found.append(Objection("archives.inspection", message, next_step="DA/T 31 要求逐页检查的填 100"))
    return found

"""立卷: items bound together, for archives kept by volumes."""

from collections.abc import Collection
from typing import Final

from bianzhi.accounts import policies
from bianzhi.archives.models import Item, ItemState, Volume
from bianzhi.archives.services.numbers import next_code, series_of_volume
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.kernel.objections import Objection, refuse_if

MANAGE: Final = "archives.manage"


@unit_of_work
def open_volume(
    *,
    actor: Actor,
    fonds_id: int,
    category_id: int,
    year: int,
    retention: str,
    title: str,
    organization_id: int | None = None,
    remark: str = "",
) -> Volume:
    """A new 案卷 with the next number of its fonds, category, year and term.

    Raises Denied without archives.manage, Refused without a title or for a text too long.
    """
    policies.require(actor, MANAGE)
    volume = Volume(
        fonds_id=fonds_id,
        category_id=category_id,
        year=year,
        retention=retention,
        title=" ".join(title.split()),
        organization_id=organization_id,
        remark=remark.strip(),
    )
    refuse_if(_objections(volume))
    volume.number, volume.code = next_code(series_of_volume(volume))
    volume.save()
    facts = {"code": volume.code, "title": volume.title}
    record("archives.volume_opened", actor=actor, subject=volume, wrote=[volume], facts=facts)
    return volume


@unit_of_work
def describe_volume(*, actor: Actor, volume_id: int, title: str, remark: str) -> Volume:
    """Another title or 备考; code and place stay. Raises Denied, Volume.DoesNotExist, Refused."""
    policies.require(actor, MANAGE)
    volume = Volume.objects.select_for_update(of=("self",)).get(pk=volume_id)
    before = {"title": volume.title, "remark": volume.remark}
    volume.title, volume.remark = " ".join(title.split()), remark.strip()
    refuse_if(_objections(volume))
    volume.save()
    facts = {"before": before, "after": {"title": volume.title, "remark": volume.remark}}
    record("archives.volume_described", actor=actor, subject=volume, wrote=[volume], facts=facts)
    return volume


@unit_of_work
def bind(*, actor: Actor, volume_id: int, item_ids: Collection[int]) -> list[Item]:
    """Put items into a volume. Drafts take over its category, year and term and are numbered within it at filing;
    filed ones keep the 档号 they have.

    Raises Denied, Volume.DoesNotExist, Refused: archives.bound_elsewhere, archives.not_of_volume, archives.gone.
    """
    policies.require(actor, MANAGE)
    volume = Volume.objects.select_for_update(of=("self",)).get(pk=volume_id)
    rows = Item.objects.select_for_update(of=("self",)).filter(pk__in=list(item_ids)).order_by("pk")
    items = [item for item in rows if item.volume_id != volume.pk]
    refuse_if([objection for item in items for objection in _objections_to_binding(volume, item)])
    for item in items:
        item.volume = volume
        if item.state == ItemState.DRAFT:
            item.category_id, item.year, item.retention = volume.category_id, volume.year, volume.retention
        item.save()
    facts = {"items": [item.pk for item in items]}
    record("archives.bound", actor=actor, subject=volume, wrote=items, facts=facts)
    if items:
        outbox.put("search.changed", key=volume.pk, payload={"kind": "archives.item", "ids": [i.pk for i in items]})
    return items


def _objections(volume: Volume) -> list[Objection]:
    found = objections_to_lengths(volume)
    if not volume.title:
        found.append(
            Objection("archives.volume_title", "没有填写案卷题名。", next_step="请概括卷内文件的责任者、内容和文种")
        )
    return found


def _objections_to_binding(volume: Volume, item: Item) -> list[Objection]:
    if item.state not in (ItemState.DRAFT, ItemState.FILED):
        message = f"“{item}”为“{item.get_state_display()}”，不能立卷。"
        return [Objection("archives.gone", message, next_step="请取消勾选该件")]
    if item.volume_id is not None:
        message = f"“{item}”已在另一卷中，一件只能在一卷。"
        return [Objection("archives.bound_elsewhere", message, next_step="请取消勾选该件")]
    placed = (item.fonds_id, item.category_id, item.year, item.retention)
    own = (volume.fonds_id, volume.category_id, volume.year, volume.retention)
    if item.fonds_id != volume.fonds_id or (item.state == ItemState.FILED and placed != own):
        message = f"“{item}”的全宗、门类、年度或保管期限与案卷 {volume.code} 不同。"
        return [Objection("archives.not_of_volume", message, next_step="同一卷的文件须同全宗、同门类、同年度、同期限")]
    return []

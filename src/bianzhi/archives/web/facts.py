"""What is told of an item, in the order DA/T 46 describes it."""

from typing import Any

from django.urls import reverse

from bianzhi.archives.models import Item
from bianzhi.kernel import clock
from bianzhi.organizations.selectors.units import names_on


def facts_of(item: Item) -> list[tuple[Any, ...]]:
    """Pairs for the list of facts; empty ones are left out, so that it stays short."""
    pairs: list[tuple[Any, ...]] = [
        ("档号", item.code),
        ("题名", item.title),
        ("文件编号", item.doc_no),
        ("责任者", item.responsible),
        ("主送", item.addressee),
        ("签发人", item.signer),
        ("成文日期", item.dated_on.isoformat() if item.dated_on else ""),
        ("文种", item.language),
        ("密级", item.classification),
        ("所属单位", *_unit(item)),
        ("全宗", str(item.fonds)),
        ("门类", str(item.category or "")),
        ("年度", item.year),
        ("保管期限", item.get_retention_display() if item.retention else ""),
        ("案卷", str(item.volume or "")),
        ("页数", item.page_count),
        ("主题词", item.keywords),
        ("人名", item.persons),
        ("附件", item.attachments),
        ("摘要", item.summary),
        ("附注", item.note),
        ("存放位置", item.storage_place),
        ("来源", item.get_source_display()),
    ]
    return [pair for pair in pairs if pair[1]]


def _unit(item: Item) -> tuple[Any, ...]:
    if item.organization is None:
        return ("",)
    name = names_on([item.organization.pk], clock.today()).get(item.organization.pk, item.organization.code)
    return (name, reverse("archives:dossier", args=[item.organization.pk]))

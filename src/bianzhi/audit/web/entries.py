"""The record as the audit administrator reads it: filtered, entry by entry, never changed."""

import json
from typing import Any, Final

from django.apps import apps
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.audit import catalogue
from bianzhi.audit.models import AuditEntry
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, TextFilter

VIEW = "audit.view"
SEALS_SHOWN: Final = 200


def kind_label(kind: str) -> str:
    """Chinese name of a kind of subject; the kind itself when it is no table."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return {"common.list": "列表"}.get(kind, kind)


class EntryList(ListPage):
    """Every act, newest first."""

    key = "audit.entries"
    title = "审计记录"
    noun = "条记录"
    template = "audit/list.html"
    columns = (
        Column("seq", "序号", kind="number", order="seq", link=lambda e: reverse("audit:entry", args=[e.pk])),
        Column("recorded_at", "时间", kind="moment", order="recorded_at"),
        Column("actor_name", "操作人", order="actor_name"),
        Column("action", "事项", lambda entry: catalogue.label(entry.action), order="action"),
        Column("subject_kind", "对象种类", lambda entry: kind_label(entry.subject_kind), order="subject_kind"),
        Column("subject_label", "对象", order="subject_label"),
        Column("subject_id", "对象编号", shown=False),
        Column("facts", "事实", shown=False),
        Column("hash", "本链摘要（SM3）", shown=False),
    )
    filters = (
        DateRangeFilter(key="day", label="日期", field="recorded_at", is_moment=True),
        TextFilter(key="actor", label="操作人", narrow="actor_name__icontains"),
        ChoiceFilter(key="action", label="事项", choices=lambda request: catalogue.choices(), narrow="action"),
        ChoiceFilter(
            key="sensitive",
            label="敏感信息",
            choices=[("yes", "查看或导出敏感信息")],
            narrow=lambda rows, _: rows.filter(action__in=catalogue.sensitive()),
        ),
        TextFilter(key="kind", label="对象种类代码", narrow="subject_kind__iexact", more=True),
        TextFilter(key="subject", label="对象编号", narrow="subject_id", more=True),
    )
    search_fields = ("subject_label", "facts")
    search_hint = "对象名称、文号、事实中的文字"
    ordering = ("-seq",)
    export_permission = VIEW
    empty_title, empty_text = "没有符合条件的审计记录", "请放宽时间或其他筛选条件。"


@page(VIEW)
@require_safe
def entry_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return EntryList(request, AuditEntry.objects.all()).respond()


@page(VIEW)
@require_safe
def entry_page(request: PageRequest, seq: int) -> HttpResponse:
    """One act with everything that was noted, and the rows it sealed."""
    entry = AuditEntry.objects.filter(pk=seq).first()
    if entry is None:
        raise Http404("没有这条审计记录。")
    seals = entry.seals.order_by("kind", "object_id")
    context = {
        "entry": entry,
        "pairs": _pairs(entry),
        "facts": json.dumps(json.loads(entry.facts), ensure_ascii=False, indent=2),
        "seals": [(kind_label(seal.kind), seal) for seal in seals[:SEALS_SHOWN]],
        "sealed": seals.count(),
    }
    return render(request, "audit/entry.html", context)


def _pairs(entry: AuditEntry) -> list[tuple[Any, ...]]:
    history = f"{reverse('audit:entries')}?kind={entry.subject_kind}&subject={entry.subject_id}"
    return [
        ("序号", entry.seq),
        ("操作人", entry.actor_name),
        ("操作人编号", entry.actor_id or "系统"),
        ("事项", catalogue.label(entry.action)),
        ("对象种类", kind_label(entry.subject_kind)),
        ("对象", entry.subject_label, history),
        ("对象编号", entry.subject_id),
        ("前链摘要", entry.prev_hash or "（首条）"),
        ("本链摘要", entry.hash),
    ]

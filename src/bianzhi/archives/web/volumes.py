"""案卷: the list, a volume with what is in it, binding, and its printed forms."""

from collections.abc import Sequence
from typing import ClassVar

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.archives.models import Retention, Volume
from bianzhi.archives.selectors.items import with_unit_names
from bianzhi.archives.selectors.keeping import bindable, items_of_volume, volumes_of
from bianzhi.archives.services.volumes import bind, describe_volume, open_volume
from bianzhi.archives.web.acting import FormPage, done_or_told
from bianzhi.archives.web.keeping_forms import VolumeForm, VolumeTextForm
from bianzhi.archives.web.links import item_url
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.lookups import key_in

READ = "archives.read"
MANAGE = "archives.manage"
MOST_OFFERED = 300


def volume_url(volume: Volume) -> str:
    """The page of a volume."""
    return reverse("archives:volume", args=[volume.pk])


class VolumeList(ListPage):
    """Volumes."""

    key = "archives.volumes"
    title = "案卷"
    noun = "卷"
    columns: ClassVar[Sequence[Column]] = (
        Column("code", "案卷档号", order="code", link=volume_url, width=30),
        Column("title", "案卷题名", order="title", width=50),
        Column("category", "门类", "category.name", order="category__code"),
        Column("year", "年度", order="year"),
        Column("retention", "保管期限", "get_retention_display", order="retention"),
        Column("item_count", "件数", kind="number", order="item_count"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="retention", label="保管期限", choices=Retention.choices, narrow="retention"),
    )
    search_fields = ("code", "title")
    search_hint = "档号、题名"
    ordering = ("code",)
    export_permission = "reports.export"
    template = "archives/volumes.html"
    empty_title = "没有案卷"
    empty_text = "按件归档的档案不需要立卷；以前按卷保管的档案在这里立卷。"


@page(READ)
@require_safe
def volumes(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return VolumeList(request, volumes_of(request.user)).respond()


@page(READ)
@require_safe
def volume(request: PageRequest, pk: int) -> HttpResponse:
    """One volume and what is in it."""
    found = _volume(request, pk)
    items = with_unit_names(items_of_volume(request.user, found))
    may_manage = request.user.can(MANAGE)
    context = {
        "volume": found,
        "rows": [(item, item_url(item)) for item in items],
        "pages": sum(item.page_count for item in items),
        "may_manage": may_manage,
        "offered": bindable(request.user, found)[:MOST_OFFERED] if may_manage else [],
    }
    return render(request, "archives/volume.html", context)


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def volume_new(request: PageRequest) -> HttpResponse:
    """A new volume."""
    form, back = VolumeForm(request.POST or None, user=request.user), reverse("archives:volumes")

    def act() -> tuple[str, str]:
        made = open_volume(actor=request.user, **form.facts())
        return volume_url(made), f"已立卷，案卷档号 {made.code}。"

    return FormPage(request=request, form=form, act=act, title="立卷", submit="立卷并编号", back=back).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def volume_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Title and 备考."""
    found = _volume(request, pk)
    form = VolumeTextForm(request.POST or None, initial={"title": found.title, "remark": found.remark})

    def act() -> tuple[str, str]:
        describe_volume(actor=request.user, volume_id=found.pk, **form.cleaned_data)
        return volume_url(found), "已保存。"

    title = f"修改案卷 {found.code}"
    return FormPage(request=request, form=form, act=act, title=title, submit="保存", back=volume_url(found)).respond()


@page(MANAGE)
@require_http_methods(["POST"])
def volume_bind(request: PageRequest, pk: int) -> HttpResponse:
    """Put the chosen items in."""
    found = _volume(request, pk)
    keys = [key for text in request.POST.getlist("selected") if (key := key_in(text)) is not None]
    mine = list(bindable(request.user, found).filter(pk__in=keys).values_list("pk", flat=True))
    notice = f"已归入 {len(mine)} 件。" if mine else "没有勾选任何一件。"
    return done_or_told(
        request,
        lambda: bind(actor=request.user, volume_id=found.pk, item_ids=mine),
        volume_url(found),
        notice,
    )


@page(READ)
@require_safe
def volume_print(request: PageRequest, pk: int) -> HttpResponse:
    """卷内目录 and 备考表 for paper."""
    found = _volume(request, pk)
    items = with_unit_names(items_of_volume(request.user, found))
    context = {"volume": found, "items": items, "pages": sum(item.page_count for item in items)}
    return render(request, "archives/volume_print.html", context)


def _volume(request: PageRequest, pk: int) -> Volume:
    found = volumes_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404("没有这个案卷，或者其中没有您可以查阅的档案。")
    return found

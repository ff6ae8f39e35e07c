"""移交包: exporting, taking in, what was exported and taken in, and downloading it."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.archives.models import Item, ItemState, Package
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.packages.exporting import note_package_download, request_export
from bianzhi.archives.services.packages.importing import request_import
from bianzhi.archives.web.acting import FormPage
from bianzhi.archives.web.keeping_forms import ExportForm, ImportForm
from bianzhi.archives.web.links import item_url
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.working_files import workspace

READ = "archives.read"
MANAGE = "archives.manage"
SHOWN = 200


def package_url(package: Package) -> str:
    """The page of a package."""
    return reverse("archives:package", args=[package.pk])


class PackageList(ListPage):
    """Packages."""

    key = "archives.packages"
    title = "移交包"
    noun = "个"
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "名称", order="title", link=package_url, width=40),
        Column("direction", "方向", "get_direction_display", order="direction"),
        Column("items", "件数", lambda row: row.facts.get("items"), kind="number"),
        Column("size", "大小", lambda row: filesizeformat(row.size), order="size"),
        Column("made_by", "经办人", lambda row: row.made_by.display_name if row.made_by else "系统"),
        Column("made_at", "时间", kind="moment", order="made_at"),
        Column("sha256", "SHA-256", shown=False),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="direction", label="方向", choices=[("out", "导出"), ("in", "接收")], narrow="direction"),
    )
    search_fields = ("title", "sha256")
    search_hint = "名称、SHA-256"
    ordering = ("-pk",)
    template = "archives/packages.html"
    empty_title = "没有移交包"
    empty_text = "向档案馆移交时导出，接收其他平台移交的档案时上传。"


@page(READ)
@require_safe
def packages(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return PackageList(request, Package.objects.select_related("made_by")).respond()


@page(READ)
@require_safe
def package(request: PageRequest, pk: int) -> HttpResponse:
    """One package and what is in it."""
    found = get_object_or_404(Package.objects.select_related("made_by"), pk=pk)
    items = Item.objects.visible_to(request.user).filter(packages=found).order_by("code")
    context = {
        "package": found,
        "items": [(item, item_url(item)) for item in items[:SHOWN]],
        "count": items.count(),
        "is_kept": PACKAGES.exists(found.sha256),
    }
    return render(request, "archives/package.html", context)


@page(MANAGE)
@require_POST
def package_download(request: PageRequest, pk: int) -> HttpResponseBase:
    """The zip file, after it was put on record who takes it."""
    found = get_object_or_404(Package, pk=pk)
    try:
        stream = PACKAGES.open(found.sha256)
    except OSError as error:
        raise Http404("移交包文件已不在服务器上或已损坏，请重新导出。") from error
    note_package_download(actor=request.user, package=found)
    return FileResponse(stream, as_attachment=True, filename=f"{found.title}.zip")


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def package_export(request: PageRequest) -> HttpResponse:
    """Ask for a package."""
    form, back = ExportForm(request.POST or None, user=request.user), reverse("archives:packages")

    def act() -> tuple[str, str]:
        said = form.cleaned_data
        wanted: dict[str, Any] = {
            "fonds": said["fonds"],
            "organization": said["organization"],
            "year": said["year"],
            "retention": said["retention"],
        }
        rows = Item.objects.visible_to(request.user).filter(state__in=(ItemState.FILED, ItemState.DISPOSED))
        rows = rows.filter(**{name: value for name, value in wanted.items() if value})
        ids = list(rows.values_list("pk", flat=True))
        job = request_export(actor=request.user, title=said["title"], item_ids=ids)
        return reverse("common:job", args=[job.pk]), f"正在后台导出 {len(ids)} 件。"

    lead = "导出为 BagIt 包：原件、EEP 封装、识别文字和目录，附 SHA-256、SM3 双清单；导出前逐件做四性检测。"
    return FormPage(
        request=request, form=form, act=act, title="导出移交包", submit="导出", back=back, lead=lead
    ).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def package_import(request: PageRequest) -> HttpResponse:
    """Take a package in."""
    form, back = ImportForm(request.POST or None, request.FILES or None), reverse("archives:packages")

    def act() -> tuple[str, str]:
        said = form.cleaned_data
        with workspace("archive-") as folder:
            path = folder / "package.zip"
            with path.open("wb") as target:
                for piece in said["file"].chunks():
                    target.write(piece)
            job = request_import(
                actor=request.user, title=said["title"], path=path, creates_units=said["creates_units"]
            )
        return reverse("common:job", args=[job.pk]), "已收到，正在后台核对、接收。"

    lead = "整包核对：缺一个文件、差一个字节或档号重复，整包都不接收。"
    return FormPage(
        request=request, form=form, act=act, title="接收移交包", submit="接收", back=back, lead=lead, is_upload=True
    ).respond()

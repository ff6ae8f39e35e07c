"""接收: batches of files, what became of each, and trying again what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.archives.models import Batch, BatchState, Channel, FileState, Fonds, IncomingFile, Item
from bianzhi.archives.rules.stages import STAGES
from bianzhi.archives.services import ingest
from bianzhi.archives.services.passing import FINDABLE
from bianzhi.archives.web.forms import BatchForm
from bianzhi.archives.web.links import batch_url, describe_url, item_url
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.redirects import redirect_with_notice, render_partial
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused

MANAGE = "archives.manage"
NOT_TAKEN = (FileState.REFUSED, FileState.DUPLICATE, FileState.FAILED)
OVER = (FileState.DONE, *NOT_TAKEN)


class BatchList(ListPage):
    """Batches, the newest first."""

    key = "archives.batches"
    title = "接收批次"
    noun = "批"
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "批次", order="title", link=batch_url, width=36),
        Column("channel", "来源", "get_channel_display", order="channel"),
        Column("fonds", "全宗", "fonds.name", order="fonds__number"),
        Column("file_count", "文件", kind="number", order="file_count"),
        Column("failed_count", "未接收", kind="number", order="failed_count"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("brought_by", "经办人", lambda row: row.brought_by.display_name if row.brought_by else "系统"),
        Column("created_at", "收到时间", kind="moment", order="created_at"),
        Column("finished_at", "完成时间", kind="moment", order="finished_at", shown=False),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="state", label="状态", choices=BatchState.choices, narrow="state"),
        ChoiceFilter(key="channel", label="来源", choices=Channel.choices, narrow="channel"),
        DateRangeFilter(key="created", label="收到时间", field="created_at", is_moment=True, more=True),
    )
    search_fields = ("title",)
    search_hint = "批次名称"
    ordering = ("-pk",)
    template = "archives/batches.html"
    empty_title = "还没有接收过档案"
    empty_text = "点“接收档案”拖入扫描件；监视文件夹、接口送来的批次也列在这里。"


@dataclass(frozen=True, slots=True)
class Line:
    """One file of a batch as its page shows it."""

    file: IncomingFile
    stage: str
    step: int
    items: Sequence[tuple[Item, str]]


@page(MANAGE)
@require_safe
def batches(request: PageRequest) -> HttpResponseBase:
    """The list."""
    rows = Batch.objects.visible_to(request.user).select_related("fonds", "brought_by")
    counted = rows.annotate(
        file_count=Count("files"), failed_count=Count("files", filter=Q(files__state__in=NOT_TAKEN))
    )
    return BatchList(request, counted).respond()


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def batch_new(request: PageRequest) -> HttpResponse:
    """Open a batch; its files are dropped on its page."""
    suggested = f"{localtime(clock.now()):%Y-%m-%d %H:%M} 上传"
    form = BatchForm(request.POST or None, initial={"title": suggested}, user=request.user)
    if request.method == "POST" and form.is_valid():
        stated = form.cleaned_data
        unit = stated["organization"]
        try:
            batch = ingest.open_batch(
                actor=request.user,
                title=stated["title"],
                channel=Channel.UPLOAD,
                fonds_id=stated["fonds"].pk,
                organization_id=unit.pk if unit else None,
                splitting=stated["splitting"],
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, batch_url(batch), "批次已建立，请拖入文件。")
    context = {"form": form, "has_fonds": Fonds.objects.exists()}
    return render(request, "archives/batch_new.html", context, status=422 if request.method == "POST" else 200)


@page(MANAGE)
@require_safe
def batch(request: PageRequest, pk: int) -> HttpResponse:
    """A batch: the place to drop files while it is open, then what becomes of each, asked again while work goes on."""
    found = get_visible_or_404(Batch, request.user, pk)
    return render_partial(request, "archives/batch.html", "progress", _context(request, found))


def _context(request: PageRequest, found: Batch) -> dict[str, Any]:
    files = found.files.select_related("original").prefetch_related("items__item").order_by("pk")
    lines = [_line(request, each) for each in files]
    over = sum(line.file.state in OVER for line in lines)
    failed = [line for line in lines if line.file.state in NOT_TAKEN]
    waiting = [each for line in lines for each, _ in line.items if each.state == "draft"]
    is_cut_off = found.state == BatchState.WORKING and not found.is_worked_on
    is_left = found.state == BatchState.CANCELLED and any(line.file.state in FINDABLE for line in lines)
    return {
        "batch": found,
        "lines": lines,
        "over": over,
        "total": len(lines),
        "failed": failed,
        "may_retry": any(line.file.retryable for line in failed),
        "is_open": found.state == BatchState.OPEN,
        "is_working": found.is_worked_on,
        "is_stopped": is_cut_off or is_left,
        "why_stopped": found.job.error if is_cut_off and found.job is not None else "",
        "waiting": len(waiting),
        "first": describe_url(waiting[0]) if waiting else "",
        "stage_count": len(STAGES),
        "piece_url": reverse("archives:upload-chunk", args=["KEY"]),
    }


def _line(request: PageRequest, file: IncomingFile) -> Line:
    names = [stage.name for stage in STAGES]
    at = names.index(file.stage) if file.stage in names else -1
    title = STAGES[at].title.partition("（")[0] if at >= 0 else ""
    items = [
        (origin.item, describe_url(origin.item) if origin.item.state == "draft" else item_url(origin.item))
        for origin in file.items.all()
    ]
    return Line(file, title, len(names) if file.state == FileState.DONE else at + 1, items)


@page(MANAGE)
@require_POST
def batch_files(request: PageRequest, pk: int) -> HttpResponse:
    """Files sent by the plain form, where no script takes them in pieces."""
    found = get_visible_or_404(Batch, request.user, pk)
    count, refused = 0, []
    for sent in request.FILES.getlist("files"):
        try:
            ingest.receive_file(actor=request.user, batch_id=found.pk, name=sent.name or "", content=sent.read())
            count += 1
        except Refused as refusal:
            refused.append(f"{sent.name}：{refusal}")
    notice = f"已收到 {count} 个文件。" + "".join(refused)
    return redirect_with_notice(request, batch_url(found), notice, level="warning" if refused else "success")


@page(MANAGE)
@require_POST
def batch_start(request: PageRequest, pk: int) -> HttpResponse:
    """Begin the work on what has come."""
    return _act(request, pk, "已开始处理，进度会自动更新。", ingest.start_batch)


@page(MANAGE)
@require_POST
def batch_cancel(request: PageRequest, pk: int) -> HttpResponse:
    """Leave off; what was finished stays."""
    return _act(request, pk, "批次已取消，处理完的件保留。", ingest.cancel_batch)


@page(MANAGE)
@require_POST
def batch_retry(request: PageRequest, pk: int) -> HttpResponse:
    """Try again everything that may be tried again."""
    return _act(request, pk, "已重新排队处理。", ingest.retry_batch)


@page(MANAGE)
@require_POST
def file_retry(request: PageRequest, pk: int, file: int) -> HttpResponse:
    """Try one file again."""
    found = get_visible_or_404(Batch, request.user, pk)
    one = get_object_or_404(found.files, pk=file)
    try:
        ingest.retry_file(actor=request.user, file_id=one.pk)
    except Refused as refusal:
        return redirect_with_notice(request, batch_url(found), str(refusal), level="error")
    return redirect_with_notice(request, batch_url(found), f"“{one.name}”已重新排队处理。")


def _act(request: PageRequest, pk: int, notice: str, service: Any) -> HttpResponse:
    found = get_visible_or_404(Batch, request.user, pk)
    try:
        service(actor=request.user, batch_id=found.pk)
    except Refused as refusal:
        return redirect_with_notice(request, batch_url(found), str(refusal), level="error")
    return redirect_with_notice(request, batch_url(found), notice)

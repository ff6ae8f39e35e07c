"""流程设置: the flows of the office and their versions; new ones begin here, from nothing or from a file."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.models import User
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.lists import Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice, render_partial
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowDefinition, FlowVersion, VersionStatus
from bianzhi.workflow.models.instances import LIVE
from bianzhi.workflow.rules.opening import MAX_BYTES
from bianzhi.workflow.services.definitions import create_definition, save_draft
from bianzhi.workflow.web.menu import CONFIGURE

RUNNING = Count("versions__instances", filter=Q(versions__instances__status__in=LIVE))


def _state(row: Any) -> SafeString | str:
    if row.current is None:
        return format_html('<span class="tag tag-{}">{}</span>', "warn", "未发布")
    return format_html('<span class="tag tag-{}">第 {} 版</span>', "good", row.current.number)


class DefinitionList(ListPage):
    """Every flow with the version in use and the draft being edited."""

    key = "workflow.definitions"
    title = "流程设置"
    noun = "个流程"
    columns = (
        Column(
            "title", "名称", order="title", link=lambda row: reverse("workflow:definition", args=[row.pk]), width=30
        ),
        Column("key", "标识", order="key", width=20),
        Column("current", "在用版本", lambda row: row.current.number if row.current else "", render=_state, width=12),
        Column("published", "发布时间", "current.published_at", kind="moment", width=18),
        Column("draft", "草稿", lambda row: f"第 {row.draft.number} 版" if row.draft else "", width=12),
        Column("running", "在办", kind="number", order="running", width=8),
    )
    search_fields = ("title", "key")
    search_hint = "名称、标识"
    ordering = ("key",)
    template = "workflow/definitions.html"
    empty_title = "还没有流程"
    empty_text = "可以新建流程，或安装随产品提供的流程。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Versions of one page of flows, in one query."""
        versions: dict[int, list[FlowVersion]] = {}
        for version in FlowVersion.objects.filter(definition__in=rows).defer("bpmn_xml").order_by("-number"):
            versions.setdefault(version.definition_id, []).append(version)
        for row in rows:
            own = versions.get(row.pk, [])
            row.current = next((each for each in own if each.status == VersionStatus.PUBLISHED), None)
            row.draft = next((each for each in own if each.status == VersionStatus.DRAFT), None)
        return rows


class DefinitionForm(BaseForm):
    """A new flow's name for ever and its title."""

    key = forms.CharField(label="标识", max_length=40, help_text="小写字母、数字和下划线，建立后不能更改")
    title = forms.CharField(label="名称", max_length=80)
    subject_kind = forms.ChoiceField(label="办理对象")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"matters.case": "业务办件"}
        kinds = [(kind, labels.get(kind, kind)) for kind in registries.subject_kinds()]
        self.fields["subject_kind"].choices = kinds  # type: ignore[attr-defined]


@page(CONFIGURE)
@require_safe
@beyond_scope("counting")
def definitions(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return DefinitionList(request, FlowDefinition.objects.annotate(running=RUNNING)).respond()


@page(CONFIGURE)
@require_http_methods(["GET", "POST"])
def create(request: PageRequest) -> HttpResponse:
    """Name a new flow; its first version is written with the step list."""
    form = DefinitionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_definition(actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            to = reverse("workflow:edit_steps", args=[made.pk])
            return redirect_with_notice(request, to, f"已建立“{made}”，请添加环节。")
    return render_partial(
        request, "workflow/definition_new.html", "form", {"form": form}, invalid=request.method == "POST"
    )


@page(CONFIGURE)
@require_safe
def definition(request: PageRequest, pk: int) -> HttpResponse:
    """One flow with its versions."""
    return _definition(request, get_object_or_404(FlowDefinition, pk=pk))


@page(CONFIGURE)
@require_POST
def upload(request: PageRequest, pk: int) -> HttpResponse:
    """Keep an uploaded .bpmn file as the draft."""
    found = get_object_or_404(FlowDefinition, pk=pk)
    try:
        xml = _uploaded(request)
        version = save_draft(actor=request.user, definition_id=pk, xml=xml, note=request.POST.get("note", ""))
    except Refused as refusal:
        return _definition(request, found, refusal.objections)
    to = reverse("workflow:version", args=[version.pk])
    return redirect_with_notice(request, to, "已存为草稿，请核对后发布。")


def _uploaded(request: PageRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        raise Refused([Objection("D1", "没有选择文件。", next_step="请选择 .bpmn 文件后再上传。")])
    if (file.size or 0) > MAX_BYTES:
        raise Refused([Objection("F01", f"文件太大，最多 {MAX_BYTES // 1_000_000} MB。")])
    try:
        text: str = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused([Objection("F01", "文件不是 UTF-8 编码。", next_step="请用流程设计工具重新导出。")]) from error
    return text


@beyond_scope("counting")
def _definition(request: PageRequest, found: FlowDefinition, objections: tuple[Objection, ...] = ()) -> HttpResponse:
    running = Count("instances", filter=Q(instances__status__in=LIVE))
    versions: list[Any] = list(found.versions.annotate(running=running).defer("bpmn_xml").order_by("-number"))
    ids = {version.created_by_id for version in versions} | {version.published_by_id for version in versions}
    names = dict(User.objects.filter(pk__in=[pk for pk in ids if pk]).values_list("pk", "display_name"))
    newest = next((version for version in versions if version.status == VersionStatus.PUBLISHED), None)
    for version in versions:
        version.author = names.get(version.created_by_id, "系统")
        version.publisher = names.get(version.published_by_id, "系统") if version.published_at else ""
        version.may_migrate = bool(version.running) and newest is not None and newest.pk != version.pk
    context = {"definition": found, "versions": versions, "newest": newest, "objections": objections}
    return render(request, "workflow/definition.html", context, status=422 if objections else 200)

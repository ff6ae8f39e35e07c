"""Drawing a flow: the picture as BPMN 2.0 with the settings of each element, saved as the draft and published."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowDefinition, FlowVersion
from bianzhi.workflow.rules.profile import Flaw
from bianzhi.workflow.rules.reading import read
from bianzhi.workflow.rules.validating import examine
from bianzhi.workflow.rules.writing import write
from bianzhi.workflow.selectors.definitions import current, draft_of, known
from bianzhi.workflow.services.definitions import publish, save_draft
from bianzhi.workflow.web.flawed import named
from bianzhi.workflow.web.menu import CONFIGURE
from bianzhi.workflow.web.pictures import drawable
from bianzhi.workflow.web.words import vocabulary

BLANK = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"'
    ' xmlns:bb="http://bianzhi.org/schema/flow/1" id="definitions" targetNamespace="http://bianzhi.org/flows">\n'
    '  <bpmn:process id="{key}" isExecutable="true"><bpmn:startEvent id="start" name="开始"/></bpmn:process>\n'
    '  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{key}">'
    '<bpmndi:BPMNShape id="start_di" bpmnElement="start"><dc:Bounds x="180" y="160" width="36" height="36"/>'
    "</bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>\n"
    "</bpmn:definitions>\n"
)

UNDRAWABLE = (
    "第 {number} 版没有图形，并且含有平台不能识别的内容（见下方列出的问题）。画图编辑会丢失这些内容，所以没有打开；"
    "请下载文件，按提示改正后重新上传。"
)


def being_edited(definition: FlowDefinition) -> FlowVersion | None:
    """What editing begins with: the draft, else the version in use, else the newest there is."""
    return draft_of(definition) or current(definition.key) or definition.versions.order_by("-number").first()


@page(CONFIGURE)
@require_http_methods(["GET", "POST"])
def draw(request: PageRequest, pk: int) -> HttpResponse:
    """The drawing table; what is sent is the draft, and with `then=publish` the version in use."""
    definition = get_object_or_404(FlowDefinition, pk=pk)
    base = being_edited(definition)
    xml = drawable(base) if base else BLANK.format(key=definition.key)
    if base is not None and not xml and not request.POST.get("xml"):
        to = reverse("workflow:version", args=[base.pk])
        return redirect_with_notice(request, to, UNDRAWABLE.format(number=base.number), level="warning")
    note = base.note if base is not None and base.status == "draft" else ""
    if request.method == "GET":
        return _table(request, definition, xml, note)
    xml, note = request.POST.get("xml", "") or xml, request.POST.get("note", "")
    try:
        xml = _arranged(xml) if request.POST.get("then") == "arrange" else xml
        version = save_draft(actor=request.user, definition_id=pk, xml=xml, note=note)
        if request.POST.get("then") == "publish":
            publish(actor=request.user, version_id=version.pk)
    except Refused as refusal:
        return _table(request, definition, xml, note, refusal.objections)
    if request.POST.get("then") == "publish":
        to = reverse("workflow:definition", args=[pk])
        return redirect_with_notice(request, to, f"已发布“{definition}”第 {version.number} 版，新办件按这一版办理。")
    return redirect_with_notice(request, reverse("workflow:draw", args=[pk]), "草稿已保存。")


def _arranged(xml: str) -> str:
    """The same flow drawn anew from left to right. Refused when something in it would be lost by that."""
    reading = read(xml)
    if reading.process is None or reading.flaws:
        raise Refused([Objection("L4", "图中有不支持的元素，不能重新排列。", next_step="请先按下面的提示改正。")])
    return write(reading.process)


def _table(
    request: PageRequest,
    definition: FlowDefinition,
    xml: str,
    note: str,
    objections: tuple[Objection, ...] = (),
) -> HttpResponse:
    reading = examine(xml, known())
    flaws = reading.flaws
    told = {str(flaw.code) for flaw in flaws}
    context = {
        "definition": definition,
        "flaws": named(flaws, reading.process),
        "objections": [each for each in objections if each.code not in told],
        "note": note,
        "desk": {"xml": xml, "flaws": [_marked(flaw) for flaw in flaws]},
        "words": vocabulary().as_json(),
        "is_refused": bool(objections) and request.POST.get("then") == "publish",
    }
    return render(request, "workflow/draw.html", context, status=422 if objections else 200)


def _marked(flaw: Flaw) -> dict[str, str]:
    return {"element": flaw.element, "message": flaw.message}

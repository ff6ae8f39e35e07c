"""What a matter asks and gives, and the way into its form."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from bianzhi.common.web import lookups, once
from bianzhi.common.web.access import MissingPermission, PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Refused
from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.declarations import Matter
from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.approvers import approvers_from_json
from bianzhi.matters.rules.evidence import EvidenceSpec, evidence_from_json
from bianzhi.matters.rules.fields import CODES, FieldSpec, specs_from_json
from bianzhi.matters.selectors.offered import current_versions
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.web.hall import drafts_of
from bianzhi.matters.web.links import application_url
from bianzhi.matters.web.locking import only_unit
from bianzhi.organizations.selectors.units import names_on
from bianzhi.supervision.selectors.locks import locks_on
from bianzhi.workflow.rules.profile import STAGES, Clock, Node, NodeKind
from bianzhi.workflow.selectors.definitions import process_of
from bianzhi.workflow.web.pictures import in_order


def offered(request: PageRequest, code: str) -> tuple[Matter, MatterVersion]:
    """A matter that can be applied for; Http404 for another, MissingPermission for whom it is not offered to."""
    matter, version = MATTERS.get(code), current_versions().get(code)
    if matter is None or version is None:
        raise Http404("没有这个事项，或者它还没有启用。")
    if not request.user.can(matter.permission):
        raise MissingPermission(matter.permission)
    return matter, version


@page("matters.apply")
@require_http_methods(["GET", "POST"])
def guide(request: PageRequest, code: str) -> HttpResponse:
    """What to bring, how long it takes, who decides; POST begins an application for the chosen unit."""
    matter, version = offered(request, code)
    typed = request.POST.get("unit", "") or request.GET.get("unit", "") or str(only_unit(request) or "")
    unit = lookups.find("organization").get(request.user, typed) if typed else None
    if request.method == "POST" and unit is not None:
        return _begin(request, matter, unit.pk)
    names = names_on([unit.pk], request.today) if unit is not None else {}
    context: dict[str, Any] = {
        "matter": matter,
        "version": version,
        "papers": papers_of(version),
        "approvers": approvers_from_json(version.approvers),
        "way": way_of(version),
        "unit": unit,
        "unit_name": names.get(unit.pk, "") if unit is not None else "",
        "typed": "" if unit is not None else typed,
        "problem": request.method == "POST",
        "drafts": drafts_of(request, matter.code),
        "locks": locks_on(unit.pk, request.today) if unit is not None and matter.lockable else (),
        "token": uuid.uuid4().hex,
    }
    return render(request, "matters/guide.html", context, status=422 if request.method == "POST" else 200)


def _begin(request: PageRequest, matter: Matter, organization_id: int) -> HttpResponse:
    """A new draft; the same click twice leads to the same one."""
    token = request.POST.get("token", "")[:40]
    if url := once.done_at(request, token):
        return redirect_with_notice(request, url, "已经为您打开这份申请。", level="info")
    if not once.claim(request, token):
        return redirect_with_notice(request, "matters:hall", "正在为您打开这份申请，请稍候刷新。", level="info")
    with once.acting(request, token) as led_to:
        try:
            case = begin_case(
                actor=request.user, matter=matter.code, organization_id=organization_id, today=request.today
            )
        except Refused as refusal:
            return redirect_with_notice(request, "matters:hall", str(refusal), level="error")
        url = application_url(case)
        led_to(url)
    return redirect_with_notice(request, url, "填写的内容会自动保存，提交前别人看不到。", level="info")


def way_of(version: MatterVersion) -> list[dict[str, str]]:
    """The steps people take and the times that are waited for, stage by stage; stages it has not are left out."""
    found = []
    for node in in_order(process_of(version.flow_version)):
        if node.kind in (NodeKind.USER, NodeKind.WAIT) and _takes_place(version, node):
            days = _days(version, node.wait if node.kind is NodeKind.WAIT else node.limit)
            notes = [
                f"{days} 个工作日{'' if node.kind is NodeKind.WAIT else '内'}" if days else "",
                _when(version, node),
            ]
            found.append({"stage": node.stage, "name": node.name, "note": "，".join(filter(None, notes))})
    return sorted(found, key=lambda step: STAGES.index(step["stage"]) if step["stage"] in STAGES else 0)


def _takes_place(version: MatterVersion, node: Node) -> bool:
    needed = {"公示": version.publication_days, "督查": version.sampling_percent, "处理": version.sampling_percent}
    return bool(needed.get(node.stage, 1))


def _days(version: MatterVersion, limit: Clock | None) -> int:
    """The days of a limit: a number, or what the matter sets."""
    if limit is None:
        return 0
    return int(getattr(version, limit.fact, 0)) if limit.fact else limit.days


def _when(version: MatterVersion, node: Node) -> str:
    """When a step is not taken by every case."""
    if node.stage == "督查" and version.sampling_percent < 100:
        return "抽中的办件"
    return "督查发现问题时" if node.stage == "处理" else ""


def papers_of(version: MatterVersion) -> list[dict[str, Any]]:
    """The papers a matter may ask for, each with when it does in words."""
    specs = {spec.name: spec for spec in specs_from_json(version.fields)}
    return [
        {"label": paper.label, "required": paper.required, "help": paper.help, "only_words": only_words(paper, specs)}
        for paper in evidence_from_json(version.evidence)
    ]


def only_words(paper: EvidenceSpec, specs: dict[str, FieldSpec]) -> str:
    """For which entries a paper is asked for: 出编类型为退休、调出时."""
    if paper.only is None or paper.only.field not in specs:
        return ""
    spec = specs[paper.only.field]
    return f"{spec.label}为{'、'.join(_option(spec, value) for value in paper.only.values)}时"


def _option(spec: FieldSpec, value: str) -> str:
    if value in ("true", "false"):
        return "是" if value == "true" else "否"
    options = dict(spec.options)
    if value in options:
        return options[value]
    code_set = CODES.get(spec.kind) or spec.choices_of
    return codes(code_set).label(value) if code_set and value in codes(code_set) else value

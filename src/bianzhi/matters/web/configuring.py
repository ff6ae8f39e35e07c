"""事项设置: what of a matter an administrator may change; new cases take what is published, others keep theirs."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.accounts.models import User
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.approvers import LEVELS, approvers_from_json
from bianzhi.matters.rules.evidence import evidence_from_json
from bianzhi.matters.rules.fields import specs_from_json
from bianzhi.matters.selectors.facts import OF_EVERY_CASE
from bianzhi.matters.selectors.offered import current_versions, running_by_version
from bianzhi.matters.services.configuring import objections_to_version, publish_matter, save_matter_draft
from bianzhi.matters.web.differences import differences
from bianzhi.matters.web.forms.setting import SettingForms
from bianzhi.workflow.models import FlowVersion, VersionStatus


def versions_or_404(code: str) -> list[MatterVersion]:
    """Every version of a matter, the newest first."""
    rows = list(MatterVersion.objects.filter(matter=code).select_related("flow_version__definition"))
    if code not in MATTERS or not rows:
        raise Http404("没有这个事项。")
    return rows


@page("matters.configure")
@require_safe
def settings(request: PageRequest) -> HttpResponse:
    """Every matter with the version new cases take."""
    versions = current_versions()
    drafts = set(MatterVersion.objects.filter(status="draft").values_list("matter", flat=True))
    running = running_by_version([version.pk for version in versions.values()])
    rows = [
        {
            "matter": matter,
            "version": versions.get(code),
            "has_draft": code in drafts,
            "running": running.get(versions[code].pk, 0) if code in versions else 0,
        }
        for code, matter in sorted(MATTERS.items())
    ]
    return render(request, "matters/settings.html", {"rows": rows})


@page("matters.configure")
@require_safe
def setting(request: PageRequest, code: str) -> HttpResponse:
    """One matter as it is set now, and how it came to be."""
    versions = versions_or_404(code)
    current = next((version for version in versions if version.status == "published"), versions[0])
    running = running_by_version([version.pk for version in versions])
    context = {
        "matter": MATTERS[code],
        "version": current,
        "fields": specs_from_json(current.fields),
        "papers": evidence_from_json(current.evidence),
        "approvers": [(rule, LEVELS[rule.level]) for rule in approvers_from_json(current.approvers)],
        "draft": next((version for version in versions if version.status == "draft"), None),
        "history": _history(versions, running),
        "older_running": sum(running.values()) - running.get(current.pk, 0),
        "running": running.get(current.pk, 0),
    }
    return render(request, "matters/setting.html", context)


def _history(versions: list[MatterVersion], running: dict[int, int]) -> list[dict[str, Any]]:
    """Every version with what it changed, who made it, and how many cases still run on it."""
    people = _people(versions)
    return [
        {
            "version": version,
            "changes": differences(before, version) if before is not None else [],
            "is_first": before is None,
            "by": people.get(version.published_by_id or version.created_by_id or 0, ""),
            "running": running.get(version.pk, 0),
        }
        for version, before in zip(versions, [*versions[1:], None], strict=True)
    ]


def _people(versions: list[MatterVersion]) -> dict[int, str]:
    ids = {pk for version in versions for pk in (version.published_by_id, version.created_by_id) if pk}
    return dict(User.objects.filter(pk__in=ids).values_list("pk", "display_name"))


@page("matters.configure")
@require_http_methods(["GET", "POST"])
def edit(request: PageRequest, code: str) -> HttpResponse:
    """Change the draft of a matter, or begin one; publish it."""
    versions = versions_or_404(code)
    base = _base(versions)
    flows = FlowVersion.objects.filter(definition__key=MATTERS[code].flow_key, status=VersionStatus.PUBLISHED)
    data = request.POST if request.method == "POST" else None
    forms = SettingForms(base, list(flows.select_related("definition")), data)
    objections: list[Objection] = []
    if request.method == "POST" and forms.is_valid():
        answer = _carry_out(request, code, forms, objections)
        if answer is not None:
            return answer
    elif request.method == "GET" and base.status == "draft":
        objections += objections_to_version(base)
    context = {
        "matter": MATTERS[code],
        "base": base,
        "forms": forms,
        "objections": objections,
        "facts": {**OF_EVERY_CASE, **dict.fromkeys(MATTERS[code].facts, "")},
        "back": reverse("matters:setting", args=[code]),
        "running": sum(running_by_version([version.pk for version in versions]).values()),
    }
    return render(request, "matters/setting_edit.html", context, status=422 if request.method == "POST" else 200)


def _base(versions: list[MatterVersion]) -> MatterVersion:
    """The draft there is, else the version new cases take."""
    by_status = {version.status: version for version in reversed(versions)}
    return by_status.get("draft") or by_status.get("published") or versions[0]


def _carry_out(request: PageRequest, code: str, forms: SettingForms, objections: list[Any]) -> HttpResponse | None:
    """Keep the draft, and publish it when asked; None when that was refused."""
    back = reverse("matters:setting", args=[code])
    try:
        version = save_matter_draft(actor=request.user, matter=code, settings=forms.settings())
        if request.POST.get("intent") != "publish":
            return redirect_with_notice(request, reverse("matters:setting_edit", args=[code]), "草稿已保存，尚未生效。")
        publish_matter(actor=request.user, version_id=version.pk)
    except Refused as refusal:
        objections += refusal.objections
        return None
    return redirect_with_notice(request, back, f"第 {version.number} 版已发布，今后新的申请按此办理，在办的不受影响。")

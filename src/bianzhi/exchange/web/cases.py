"""The cases that follow from findings and changes: where they are, and where to go once one is begun."""

from typing import Any

from django.http import HttpResponse

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.matters.models import Case
from bianzhi.matters.web.links import case_url


def visible_case_url(user: Any, case: Case | None) -> str:
    """The page of a case; "" where there is none, and for a draft that is somebody else's to complete."""
    if case is None or not Case.objects.visible_to(user).filter(pk=case.pk).exists():
        return ""
    return case_url(case)


def after_beginning(request: PageRequest, case: Case, back: str) -> HttpResponse:
    """On to the form where it is the reader's own; else back, saying who completes it."""
    if case.applicant_id == request.user.pk:
        return redirect_with_notice(request, case_url(case), "已按核对结果填好申请，请核对、补充后提交。")
    name = case.applicant.display_name
    return redirect_with_notice(request, back, f"已按核对结果填好申请，并通知 {name} 补充材料后提交。")

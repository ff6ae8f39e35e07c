"""反馈: the applicant rates the case; with it an open 反馈 step is done."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case, CaseFeedback
from bianzhi.matters.selectors.unrated import STAGE
from bianzhi.matters.services.feedback import give_feedback
from bianzhi.matters.web.applying import case_or_404
from bianzhi.matters.web.links import case_url
from bianzhi.workflow.models import FlowTask, TaskStatus

SCORES: Any = CaseFeedback._meta.get_field("score").choices


class RatingForm(BaseForm):
    """How satisfied, and why."""

    score = forms.TypedChoiceField(label="您对这次办理满意吗？", choices=SCORES, coerce=int, widget=forms.RadioSelect)
    comment = forms.CharField(
        label="意见建议", max_length=500, required=False, widget=forms.Textarea, help_text="不满意的，请说明原因"
    )


def rating_of(request: PageRequest, case: Case) -> RatingForm | None:
    """The form for the applicant once the case is that far and not rated yet; None otherwise."""
    instance = case.instance
    if instance is None or request.user.pk != case.applicant_id or CaseFeedback.objects.filter(case=case).exists():
        return None
    asked = FlowTask.objects.filter(instance=instance, stage=STAGE, status=TaskStatus.TODO).exclude(kind="copy")
    return RatingForm() if not instance.is_live or asked.exists() else None


@page("matters.apply")
@require_POST
def rate(request: PageRequest, pk: int) -> HttpResponse:
    """Keep the rating."""
    case = case_or_404(request, pk)
    form = RatingForm(request.POST)
    if form.is_valid():
        try:
            give_feedback(actor=request.user, case_id=case.pk, today=request.today, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, case_url(case), "谢谢您的评价。")
    context = {"case": case, "rating": form, "back": case_url(case)}
    return render(request, "matters/rating_page.html", context, status=422)

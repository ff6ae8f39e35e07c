"""Where one takes mail, and of what."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.office.selectors.contacts import mail_is_configured, preference_of
from bianzhi.office.services.mail import send_test_mail
from bianzhi.office.services.preferences import OFFERED, set_preference

VIEW = "workbench.view"


class PreferenceForm(BaseForm):
    """The address and the kinds wanted there."""

    wide = ("mail_kinds",)

    mail_address = forms.EmailField(
        label="邮箱", required=False, max_length=254, help_text="请填写单位配发的工作邮箱；只用于向您本人发送消息"
    )
    mail_kinds = forms.MultipleChoiceField(
        label="用邮件接收",
        choices=[(kind.value, kind.label) for kind in OFFERED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="所有消息都在平台内显示；勾选的另发一封邮件",
    )


@page(VIEW)
@require_http_methods(["GET", "POST"])
def preferences(request: PageRequest) -> HttpResponse:
    """Show and keep one's own settings."""
    kept = preference_of(request.user)
    initial = {"mail_address": kept.mail_address, "mail_kinds": kept.mail_kinds} if kept else {}
    form = PreferenceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            set_preference(actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, reverse("office:preferences"), "已保存。")
    context = {"form": form, "may_mail": mail_is_configured(), "has_address": bool(kept and kept.mail_address)}
    return render(request, "office/preferences.html", context, status=422 if request.method == "POST" else 200)


@page(VIEW)
@require_POST
def test_mail(request: PageRequest) -> HttpResponse:
    """Send a mail to oneself."""
    back = reverse("office:preferences")
    try:
        send_test_mail(actor=request.user, now=clock.now())
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, "测试邮件已进入发送队列，一分钟内应能收到。")

"""Whom the identity provider means by an account: said and ended by the security administrator."""

from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import MANAGE
from bianzhi.accounts.services import linked_identities
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.forms import BaseForm
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused


class SubjectForm(BaseForm):
    """What the provider calls somebody."""

    subject = forms.CharField(
        label="统一身份编号",
        max_length=linked_identities.LONGEST_SUBJECT,
        help_text="统一身份认证中的用户标识（sub），由其管理员提供；不是邮箱，不是姓名",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["subject"].widget.attrs["autocomplete"] = "off"


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def user_identity(request: PageRequest, pk: int) -> HttpResponse:
    """The link of one account: made, or ended."""
    user = User.objects.filter(pk=pk).first()
    if user is None or not settings.OIDC_ISSUER:
        raise Http404("没有这个账号，或者没有配置统一身份认证。")
    here = reverse("accounts:user_identity", args=[pk])
    form = SubjectForm(request.POST if "subject" in request.POST else None)
    try:
        if request.method == "POST" and "end" in request.POST:
            linked_identities.unlink(actor=request.user, user_id=pk)
            return redirect_with_notice(request, here, "已解除关联。")
        if request.method == "POST" and form.is_valid():
            subject, issuer = form.cleaned_data["subject"], settings.OIDC_ISSUER
            linked_identities.link(actor=request.user, user_id=pk, issuer=issuer, subject=subject)
            return redirect_with_notice(request, here, "已关联，本人可以用统一身份认证登录。")
    except Refused as refusal:
        form.add_objections(refusal)
    context = {"form": form, "account": user, "link": linked_identities.linked(user), "provider": settings.OIDC_LABEL}
    return render(request, "accounts/user_identity.html", context, status=422 if request.method == "POST" else 200)

"""Notices as their publishers see them: drafting, publishing, withdrawing, who has read."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import choices
from bianzhi.common.web import once
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.forms import LookupListField
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import Audience, Notice
from bianzhi.office.selectors.notices import read_counts, readers
from bianzhi.office.services import notices
from bianzhi.office.services.notices import PUBLISH, NoticeFacts
from bianzhi.office.web.audiences import audience_in_words
from bianzhi.organizations.models import Organization

CHOSEN_BY = {Audience.ROLES: "roles", Audience.UNITS: "units", Audience.PEOPLE: "people"}


class NoticeForm(once.TokenForm):
    """What a notice says and whom it is for. Only the list that belongs to the chosen audience counts."""

    title = forms.CharField(label="标题", max_length=120)
    body = forms.CharField(
        label="正文", max_length=20_000, help_text="纯文字，空一行为一段", widget=forms.Textarea(attrs={"rows": 12})
    )
    audience = forms.ChoiceField(
        label="发送范围", choices=Audience.choices, initial=Audience.ALL, widget=forms.RadioSelect
    )
    roles = forms.MultipleChoiceField(
        label="角色",
        choices=choices(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="按角色发送时选择",
    )
    units = LookupListField("organization", label="单位", required=False, help_text="按单位发送时选择")
    people = LookupListField("colleague", label="人员", required=False, help_text="发给指定人员时选择")
    includes_subtree = forms.BooleanField(label="包括所选单位的下级单位", required=False, initial=True)
    must_confirm = forms.BooleanField(label="必读：接收人须点“确认已读”", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        name = CHOSEN_BY.get(Audience(cleaned["audience"])) if "audience" in cleaned else None
        if name and name not in self.errors and not cleaned.get(name):
            self.add_error(
                name, f"发送范围为“{Audience(cleaned['audience']).label}”，请选择{self.fields[name].label}。"
            )
        return cleaned

    def facts(self) -> NoticeFacts:
        """What the services take."""
        cleaned = self.cleaned_data
        name = CHOSEN_BY.get(Audience(cleaned["audience"]), "")
        keys = [getattr(each, "pk", each) for each in cleaned.get(name, [])]
        return NoticeFacts(
            title=cleaned["title"],
            body=cleaned["body"],
            audience=cleaned["audience"],
            audience_keys=tuple(keys),
            includes_subtree=cleaned["includes_subtree"],
            must_confirm=cleaned["must_confirm"],
        )


def _initial(notice: Notice) -> dict[str, Any]:
    found: dict[str, Any] = {
        name: getattr(notice, name) for name in ("title", "body", "audience", "includes_subtree", "must_confirm")
    }
    keys = notice.audience_keys
    if notice.audience == Audience.ROLES:
        found["roles"] = keys
    elif notice.audience == Audience.UNITS:
        found["units"] = list(Organization.objects.filter(pk__in=keys))
    elif notice.audience == Audience.PEOPLE:
        found["people"] = list(User.objects.filter(pk__in=keys))
    return found


@page(PUBLISH)
@require_http_methods(["GET", "POST"])
def notice_new(request: PageRequest) -> HttpResponse:
    """Draft a notice; the same form sent twice makes one draft."""
    form = NoticeForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        token = form.cleaned_data["token"]
        if (done := once.done_at(request, token)) or not once.claim(request, token):
            return redirect_with_notice(request, done or reverse("office:notices"), "这份草稿已经保存。", level="info")
        try:
            notice = notices.draft_notice(actor=request.user, facts=form.facts())
        except Refused as refusal:
            once.release(request, token)
            form.add_objections(refusal)
        else:
            url = reverse("office:notice", args=[notice.pk])
            once.remember(request, token, url)
            return redirect_with_notice(request, url, "草稿已保存，请核对后发布。")
    context = {"form": form, "title": "起草通知", "back": reverse("office:notices")}
    return render(request, "office/notice_form.html", context, status=422 if request.method == "POST" else 200)


@page(PUBLISH)
@require_http_methods(["GET", "POST"])
def notice_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    notice, back = get_visible_or_404(Notice, request.user, pk), reverse("office:notice", args=[pk])
    if not notice.is_draft:
        return redirect_with_notice(request, back, f"该通知{notice.get_state_display()}，不能再修改。", level="warning")
    form = NoticeForm(request.POST or None, user=request.user, initial=_initial(notice))
    if request.method == "POST" and form.is_valid():
        try:
            notices.change_notice(actor=request.user, notice_id=pk, facts=form.facts())
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            return redirect_with_notice(request, back, "草稿已保存，请核对后发布。")
    context = {"form": form, "title": "修改通知草稿", "back": back}
    return render(request, "office/notice_form.html", context, status=422 if request.method == "POST" else 200)


@page(PUBLISH)
@require_POST
def notice_publish(request: PageRequest, pk: int) -> HttpResponse:
    """Publish a draft."""
    get_visible_or_404(Notice, request.user, pk)
    back = reverse("office:notice", args=[pk])
    try:
        notice = notices.publish_notice(actor=request.user, notice_id=pk, today=request.today)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    count = read_counts([pk])[pk].addressed
    return redirect_with_notice(request, back, f"已发布《{notice.title}》，应读 {count} 人。")


@page(PUBLISH)
@require_POST
def notice_withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take a published notice back."""
    get_visible_or_404(Notice, request.user, pk)
    back, reason = reverse("office:notice", args=[pk]), request.POST.get("reason", "")[:200]
    try:
        notices.withdraw_notice(actor=request.user, notice_id=pk, reason=reason)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, "已撤回，接收人不再看到这份通知。")


@page(PUBLISH)
@require_POST
def notice_discard(request: PageRequest, pk: int) -> HttpResponse:
    """Give up a draft."""
    get_visible_or_404(Notice, request.user, pk)
    try:
        notices.discard_notice(actor=request.user, notice_id=pk)
    except Refused as refusal:
        return redirect_with_notice(request, reverse("office:notice", args=[pk]), str(refusal), level="error")
    return redirect_with_notice(request, reverse("office:notices"), "草稿已废弃。")


@page(PUBLISH)
@require_safe
def notice_readers(request: PageRequest, pk: int) -> HttpResponse:
    """Who has read and who has not."""
    notice = get_visible_or_404(Notice, request.user, pk)
    context = {
        "notice": notice,
        "readers": readers(notice),
        "counts": read_counts([pk]).get(pk),
        "audience": audience_in_words(notice, request.today),
    }
    return render(request, "office/notice_readers.html", context)

"""Notices as their publishers see them: drafting, publishing, withdrawing, who has read."""

from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import choices
from bianzhi.common.web import once
from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.forms import LookupListField
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.common.web.saving import Done, pressed, saved
from bianzhi.intake.taking import look_ahead
from bianzhi.kernel.files import Upload
from bianzhi.office.models import Audience, Notice, NoticeFile
from bianzhi.office.parameters import LARGEST_FILE
from bianzhi.office.selectors.notices import read_counts, readers
from bianzhi.office.services import notices
from bianzhi.office.services.notices import PUBLISH, NoticeFacts
from bianzhi.office.web.audiences import audience_in_words
from bianzhi.organizations.models import Organization

DRAFTED: Final = "草稿已保存，请核对后发布。"
FILES_HELP: Final = "可以一次选几个：PDF、图片、Word、Excel 等；涉密文件不得上传"
CHOSEN_BY = {Audience.ROLES: "roles", Audience.UNITS: "units", Audience.PEOPLE: "people"}


class SeveralFiles(forms.FileInput):
    """A control that takes several files at once; the form reads them all with `uploads`."""

    allow_multiple_selected = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"multiple": True, **(attrs or {})})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.get(name)


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
    attached = forms.FileField(label="附件", required=False, widget=SeveralFiles, help_text=FILES_HELP)
    without = forms.ModelMultipleChoiceField(
        label="移除附件", queryset=NoticeFile.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, notice: Notice | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = NoticeFile.objects.filter(notice=notice, removed_at__isnull=True)
        self.fields["without"].queryset = kept  # type: ignore[attr-defined]
        if notice is None or not kept:
            del self.fields["without"]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        name = CHOSEN_BY.get(Audience(cleaned["audience"])) if "audience" in cleaned else None
        if name and name not in self.errors and not cleaned.get(name):
            self.add_error(
                name, f"发送范围为“{Audience(cleaned['audience']).label}”，请选择{self.fields[name].label}。"
            )
        return cleaned

    def uploads(self) -> list[Upload]:
        """The files sent, no more of each than tells that it is too large.

        Raises Refused for what the gate does not let through.
        """
        most = LARGEST_FILE.number
        sent = [Upload(file.name or "", file.read(most * 2**20 + 1)) for file in self.files.getlist("attached")]
        return [look_ahead(file, actor=self.user, largest_megabytes=most) for file in sent]

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
    form = NoticeForm(request.POST or None, request.FILES or None, user=request.user)

    def draft() -> Done:
        notice = notices.draft_notice(actor=request.user, facts=form.facts(), files=form.uploads())
        return Done(reverse("office:notice", args=[notice.pk]), DRAFTED)

    answer = saved(request, form, draft, twice="这份草稿已经保存。")
    return answer or _form_page(request, form, "起草通知", reverse("office:notices"))


@page(PUBLISH)
@require_http_methods(["GET", "POST"])
def notice_edit(request: PageRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    notice, back = get_visible_or_404(Notice, request.user, pk), reverse("office:notice", args=[pk])
    if not notice.is_draft:
        return redirect_with_notice(request, back, f"该通知{notice.get_state_display()}，不能再修改。", level="warning")
    sent = (request.POST or None, request.FILES or None)
    form = NoticeForm(*sent, user=request.user, initial=_initial(notice), notice=notice)

    def change() -> Done:
        without = [row.pk for row in form.cleaned_data.get("without", ())]
        notices.change_notice(
            actor=request.user, notice_id=pk, facts=form.facts(), files=form.uploads(), without=without
        )
        return Done(back, DRAFTED)

    return saved(request, form, change) or _form_page(request, form, "修改通知草稿", back)


def _form_page(request: PageRequest, form: NoticeForm, title: str, back: str) -> HttpResponse:
    context = {"form": form, "title": title, "back": back}
    return render(request, "office/notice_form.html", context, status=422 if request.method == "POST" else 200)


@page(PUBLISH)
@require_POST
def notice_publish(request: PageRequest, pk: int) -> HttpResponse:
    """Publish a draft."""
    get_visible_or_404(Notice, request.user, pk)
    back = reverse("office:notice", args=[pk])

    def publish() -> Done:
        notice = notices.publish_notice(actor=request.user, notice_id=pk, today=request.today)
        return Done(back, f"已发布《{notice.title}》，应读 {read_counts([pk])[pk].addressed} 人。")

    return pressed(request, back, publish)


@page(PUBLISH)
@require_POST
def notice_withdraw(request: PageRequest, pk: int) -> HttpResponse:
    """Take a published notice back."""
    get_visible_or_404(Notice, request.user, pk)
    back = reverse("office:notice", args=[pk])

    def withdraw() -> Done:
        notices.withdraw_notice(actor=request.user, notice_id=pk, reason=typed(request, "reason"))
        return Done(back, "已撤回，接收人不再看到这份通知。")

    return pressed(request, back, withdraw)


@page(PUBLISH)
@require_POST
def notice_discard(request: PageRequest, pk: int) -> HttpResponse:
    """Give up a draft."""
    get_visible_or_404(Notice, request.user, pk)

    def discard() -> Done:
        notices.discard_notice(actor=request.user, notice_id=pk)
        return Done(reverse("office:notices"), "草稿已废弃。")

    return pressed(request, reverse("office:notice", args=[pk]), discard)


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

"""文书验证: whether a paper somebody holds is genuine and still in force. For everyone, without login.

What is told of a genuine paper stands on it anyway, except for names: only its kind, number, day, unit and state. A
wrong code and a number that was never given get the same answer, so that numbers can't be probed.
"""

import re
from typing import Any, Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.web.access import public_page
from bianzhi.common.web.forms import BaseForm
from bianzhi.matters.models import IssuedPaper
from bianzhi.matters.services.papers import CODE_LENGTH
from bianzhi.matters.web.paper_sheet import chinese_day
from bianzhi.office.web.limits import Limit
from bianzhi.organizations.selectors.units import names_on

ASKED: Final = Limit("matters.verify", most=60, seconds=600)
WRONG: Final = Limit("matters.verify.wrong", most=20, seconds=600)
"""Per address: nobody holds so many papers, and 31^16 codes are not guessed twenty at a time."""
NOT_FOUND: Final = "没有与所填编号、验证码同时相符的文书。请对照文书逐字核对；仍不相符的，请勿采信并联系编办。"
TOO_OFTEN: Final = "本地址查询过于频繁，请 10 分钟后再试。"
BRACKETS: Final = str.maketrans("[]【】()", "〔〕〔〕〔〕")
FULL_WIDTH: Final = {code + 0xFEE0: chr(code) for code in range(ord("!"), ord("~") + 1)}


def typed_number(text: str) -> str:
    """A number as it was given: brackets of every kind stand for 〔〕, blanks for nothing."""
    return re.sub(r"\s", "", text).translate(FULL_WIDTH).translate(BRACKETS)


def typed_code(text: str) -> str:
    """A code as it was given: blanks, dashes and small letters are how people type it."""
    return re.sub(r"[\s\-—]", "", text.translate(FULL_WIDTH)).upper()


class VerifyForm(BaseForm):
    """Number and code, as they stand on the paper."""

    number = forms.CharField(label="文书编号", max_length=60, help_text="如：编核销〔2026〕0001号")
    code = forms.CharField(
        label="验证码", max_length=40, help_text=f"文书下方的 {CODE_LENGTH} 位字母和数字，空格可不填"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.update(autocomplete="off", spellcheck="false")


@public_page
@never_cache
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The form, and what it found."""
    if request.method != "POST":
        return _page(request, VerifyForm(initial={"number": request.GET.get("number", "")[:60]}))
    form, place = VerifyForm(request.POST), request.META.get("REMOTE_ADDR", "")
    if WRONG.is_used_up(place) or not ASKED.note(place):
        form.add_error(None, TOO_OFTEN)
        answer = _page(request, form, status=429)
        answer.headers["Retry-After"] = str(ASKED.seconds)
        return answer
    if not form.is_valid():
        return _page(request, form, status=422)
    paper = _genuine(typed_number(form.cleaned_data["number"]), typed_code(form.cleaned_data["code"]))
    if paper is None:
        WRONG.note(place)
        form.add_error(None, NOT_FOUND)
        return _page(request, form, status=422)
    return _page(request, form, found=_told(paper))


@beyond_scope("verifying")
def _genuine(number: str, code: str) -> IssuedPaper | None:
    paper = IssuedPaper.objects.filter(number=number).select_related("case").first()
    return paper if constant_time_compare(paper.code if paper else "", code) and paper else None


def _told(paper: IssuedPaper) -> dict[str, Any]:
    """What anybody may know who holds the paper."""
    unit, issued = paper.case.organization_id, timezone.localdate(paper.issued_at)
    facts = [
        ("文书名称", paper.title),
        ("文书编号", paper.number),
        ("发给单位", names_on([unit], issued).get(unit, "")),
        ("签发日期", chinese_day(issued)),
    ]
    if paper.revoked_at is not None:
        facts += [
            ("作废日期", chinese_day(timezone.localdate(paper.revoked_at))),
            ("作废原因", paper.revoke_reason),
        ]
    return {"facts": facts, "is_valid": paper.revoked_at is None}


def _page(
    request: HttpRequest, form: VerifyForm, *, found: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    return render(request, "matters/verify.html", {"form": form, "found": found}, status=status)

"""档案借阅: who may read what until when; lending at the desk, taking back, one's own loans."""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.web.people import people_lookup
from bianzhi.archives.models import Item, Loan
from bianzhi.archives.selectors.keeping import loans_of
from bianzhi.archives.services.lending import Reading, end_loan, lend
from bianzhi.archives.web.acting import FormPage, done_or_told
from bianzhi.archives.web.keeping_forms import LoanForm
from bianzhi.archives.web.links import item_url
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.lists import Column, DateRangeFilter, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.lookups import key_in
from bianzhi.kernel import clock

VIEW = "archives.view"
MANAGE = "archives.manage"
READERS: Final = people_lookup("archives.reader", holding=VIEW, asked_by=MANAGE)
"""Accounts something may be lent to."""


def loan_url(loan: Loan) -> str:
    """The page of a loan."""
    return reverse("archives:loan", args=[loan.pk])


def state_of(loan: Loan) -> str:
    """The word for where a loan stands today."""
    today = clock.today()
    if loan.ended_at is not None:
        return "已收回"
    if loan.valid_to < today:
        return "已到期"
    return "未开始" if loan.valid_from > today else "在借"


class LoanList(ListPage):
    """Loans; a reader's own, all for the archivist."""

    key = "archives.loans"
    title = "档案借阅"
    noun = "笔"
    columns: ClassVar[Sequence[Column]] = (
        Column("reader_name", "利用人", order="reader_name", link=loan_url, width=20),
        Column("reader_unit", "单位", order="reader_unit", width=28),
        Column("purpose", "利用目的", order="purpose", width=36),
        Column("item_count", "件数", kind="number", order="item_count"),
        Column("valid_from", "起", kind="date", order="valid_from"),
        Column("valid_to", "止", kind="date", order="valid_to"),
        Column("state", "状态", state_of, kind="status"),
        Column("granted_by", "批准人", "granted_by.display_name"),
    )
    filters: ClassVar[Sequence[Filter]] = (DateRangeFilter(key="until", label="到期", field="valid_to"),)
    search_fields = ("reader_name", "reader_unit", "purpose")
    search_hint = "利用人、单位、目的"
    ordering = ("-pk",)
    template = "archives/loans.html"
    empty_title = "没有借阅"
    empty_text = "通过“档案查阅”事项申请并核准的，和档案员直接办理的，列在这里。"


@page(VIEW)
@require_safe
def loans(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return LoanList(request, loans_of(request.user)).respond()


@page(VIEW)
@require_safe
def loan(request: PageRequest, pk: int) -> HttpResponse:
    """One loan, its items and what was opened by it."""
    found = _loan(request, pk)
    context = {
        "loan": found,
        "state": state_of(found),
        "items": [(item, item_url(item)) for item in found.items.all()],
        "openings": found.openings.select_related("item")[:50],
        "may_end": request.user.can(MANAGE) and state_of(found) in ("在借", "未开始"),
    }
    return render(request, "archives/loan.html", context)


@page(MANAGE)
@require_http_methods(["GET", "POST"])
def loan_new(request: PageRequest) -> HttpResponse:
    """Lend at the desk; `?item=` fills in the 档号."""
    key = key_in(request.GET.get("item", ""))
    codes = Item.objects.visible_to(request.user).filter(pk=key).values_list("code", flat=True).first() if key else ""
    form = LoanForm(request.POST or None, user=request.user, initial={"codes": codes or ""})

    def act() -> tuple[str, str]:
        made = lend(actor=request.user, reading=_reading(form.cleaned_data))
        return loan_url(made), f"已借给{made.reader_name}，至 {made.valid_to}。"

    back = reverse("archives:loans")
    return FormPage(request=request, form=form, act=act, title="办理借阅", submit="借出", back=back).respond()


def _reading(said: dict[str, Any]) -> Reading:
    reader = said["reader"]
    return Reading(
        item_ids=said["codes"],
        reader_id=reader.pk if reader else None,
        reader_name=said["reader_name"] or (reader.display_name if reader else ""),
        reader_unit=said["reader_unit"] or (reader.office if reader else ""),
        purpose=said["purpose"],
        valid_from=said["valid_from"],
        valid_to=said["valid_to"],
        may_download=said["may_download"],
        may_print=said["may_print"],
    )


@page(MANAGE)
@require_POST
def loan_end(request: PageRequest, pk: int) -> HttpResponse:
    """Take it back."""
    found = _loan(request, pk)
    return done_or_told(
        request,
        lambda: end_loan(actor=request.user, loan_id=found.pk, reason=typed(request, "reason")),
        loan_url(found),
        "已收回，利用人不能再查看。",
    )


def _loan(request: PageRequest, pk: int) -> Loan:
    found = loans_of(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404("没有这笔借阅，或者它不是您的。")
    return found

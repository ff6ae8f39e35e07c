"""借调挂职: who is lent where until when, and who is overdue (R21, W09)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lists.filters import Rows
from bianzhi.kernel.codesets import codes
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Secondment
from bianzhi.personnel.rules.outside_quota import SECONDMENT_MODES
from bianzhi.personnel.selectors.dossier import dossier_of
from bianzhi.personnel.services.secondments import end_secondment, start_secondment
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.filters import DayChoiceFilter, UnitFilter, named
from bianzhi.personnel.web.forms.positions import ReturnForm, SecondmentForm
from bianzhi.personnel.web.links import document_url, person_url
from bianzhi.personnel.web.person import back_to, standing_of, visible_person

STATES = [("open", "在借"), ("overdue", "超期"), ("ended", "已归还")]


def in_state(rows: Rows, state: str, day: Any) -> Rows:
    """Secondments that go on, go on beyond their term, or have ended on a day."""
    going_on = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    if state == "ended":
        return rows.filter(valid_to__lte=day)
    return rows.filter(going_on, planned_until__lt=day) if state == "overdue" else rows.filter(going_on)


class SecondmentList(ListPage):
    """Secondments from and to units within the user's scope."""

    key = "personnel.secondments"
    title = "借调挂职"
    noun = "人次"
    columns = (
        Column("name", "姓名", "person.name", link=person_url, order="person__name_initials", width=12),
        Column("mode", "形式", lambda row: codes("secondment_mode").label(row.mode), order="mode", width=10),
        Column("lender", "派出单位", "lender", width=28),
        Column("borrower", "接收单位", "borrower", width=28),
        Column("begins", "开始日期", "valid_from", kind="date", order="valid_from", width=12),
        Column("until", "约定期限", "planned_until", kind="date", order="planned_until", width=12),
        Column("returned", "返回日期", "returned", kind="date", order="valid_to", width=12),
        Column("state", "状态", "state_word", kind="status", width=10),
        Column("document", "批准文件", "document.doc_no", link=lambda row: document_url(row.document), width=24),
    )
    filters = (
        DayChoiceFilter(key="state", label="状态", choices=STATES, by_day=in_state),
        ChoiceFilter(
            key="mode",
            label="形式",
            choices=[(code, codes("secondment_mode").label(code)) for code in SECONDMENT_MODES],
            narrow="mode",
        ),
        UnitFilter(key="from", label="派出单位", field="from_organization_id"),
        UnitFilter(key="to", label="接收单位", field="to_organization_id"),
        DateRangeFilter(key="until", label="约定期限", field="planned_until", more=True),
    )
    search_fields = ("person__name",)
    search_hint = "姓名、拼音首字母"
    ordering = ("planned_until", "pk")
    export_permission = "reports.export"
    template = "personnel/secondments.html"
    empty_title = "没有借调挂职"
    empty_text = "借调、挂职、援派、驻村、跟班学习的人员列在这里，编制仍计在派出单位。"

    def search(self, rows: Rows, text: str) -> Rows:
        """By name or initials."""
        return named(rows, text)

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Names of the units and the state, in one query."""
        day = self.request.as_of
        ids = {pk for row in rows for pk in (row.from_organization_id, row.to_organization_id) if pk}
        names = names_on(ids, day)
        for row in rows:
            row.lender = names.get(row.from_organization_id, "") or row.outside_party
            row.borrower = names.get(row.to_organization_id, "") or row.outside_party
            row.returned = row.valid_to if row.valid_to and row.valid_to <= day else None
            row.state_word = "已归还" if row.returned else "超期" if row.planned_until < day else "在借"
        return rows


def visible_secondments(request: PageRequest) -> QuerySet[Secondment]:
    """Secondments begun by the shown day whose lender or borrower is within the user's scope."""
    rows = Secondment.objects.current().filter(valid_from__lte=request.as_of).select_related("person", "document")
    ids = visible_organization_ids(request.user, request.as_of)
    return rows if ids is None else rows.filter(Q(from_organization_id__in=ids) | Q(to_organization_id__in=ids))


@page("personnel.view")
@require_safe
def secondments(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return SecondmentList(request, visible_secondments(request)).respond()


@page("personnel.move")
@require_http_methods(["GET", "POST"])
@at_present
def second(request: PageRequest, pk: int) -> HttpResponse:
    """Lend a person."""
    found = visible_person(request, pk)
    form = SecondmentForm(request.POST or None, user=request.user, initial={"effective_on": request.today})

    def act() -> Any:
        document = form.approval_document(request.user)
        order = form.order(found, document)
        return start_secondment(actor=request.user, order=order, override=form.override(document))

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda _: Done(back_to(found), f"已登记{found.name}借调挂职，编制仍计在原单位。"),
        title=f"{found.name}　借调挂职",
        submit="登记借调挂职",
        back=back_to(found),
        facts=standing_of(dossier_of(found, request.today)),
        lead="借调、挂职期间编制仍计在派出单位；须约定结束日期（R21）。",
        context={"crumb": ("借调挂职", reverse("personnel:secondments"))},
    ).respond()


@page("personnel.move")
@require_http_methods(["GET", "POST"])
@at_present
def give_back(request: PageRequest, pk: int) -> HttpResponse:
    """A lent person is back."""
    row = get_object_or_404(visible_secondments(request).filter(valid_to__isnull=True), pk=pk)
    found = row.person
    form = ReturnForm(request.POST or None, user=request.user, initial={"returned_on": request.today})

    def act() -> Secondment:
        return end_secondment(actor=request.user, secondment_id=row.pk, returned_on=form.cleaned_data["returned_on"])

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda _: Done(reverse("personnel:secondments"), f"已登记{found.name}返回。"),
        title=f"{found.name}　返回",
        submit="登记返回",
        back=reverse("personnel:secondments"),
        facts=[
            ("形式", codes("secondment_mode").label(row.mode)),
            ("开始日期", row.valid_from.isoformat()),
            ("约定期限", row.planned_until.isoformat()),
        ],
        context={"crumb": ("借调挂职", reverse("personnel:secondments"))},
    ).respond()

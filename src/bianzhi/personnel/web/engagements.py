"""编外用工与备案员额, each against its control number (R22, T14)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lists.filters import Rows
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.names import person_name_key
from bianzhi.organizations.scopes import restrict
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Engagement, EngagementKind, Person
from bianzhi.personnel.services.engagements import EngagementOrder, end_engagement, engage
from bianzhi.personnel.services.persons import PersonFacts, register_person
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.filters import DayChoiceFilter, UnitFilter, named
from bianzhi.personnel.web.forms.positions import EndEngagementForm, EngagementForm, kind_label
from bianzhi.personnel.web.links import document_url, person_url, unit_url

STATES = [("open", "在用"), ("ended", "已解除"), ("over", "超控制数")]


def in_state(rows: Rows, state: str, day: Any) -> Rows:
    """Employments that go on, have ended, or stand beyond the control number on a day."""
    going_on = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    if state == "ended":
        return rows.filter(valid_to__lte=day)
    return rows.filter(going_on, over_cap=True) if state == "over" else rows.filter(going_on)


class EngagementList(ListPage):
    """People who work for units within the user's scope beside the quota."""

    key = "personnel.engagements"
    title = "编外与员额"
    noun = "人"
    columns = (
        Column("name", "姓名", "person.name", link=person_url, order="person__name_initials", width=12),
        Column("unit", "用工单位", "unit_name", link=unit_url, order="organization__code", width=30),
        Column("kind", "种类", lambda row: kind_label(row.kind, row.form), order=("kind", "form"), width=20),
        Column("position", "岗位", width=20),
        Column("funding", "经费来源", "funding_source", width=16),
        Column("begins", "开始日期", "valid_from", kind="date", order="valid_from", width=12),
        Column("ended", "解除日期", "ended", kind="date", order="valid_to", shown=False, width=12),
        Column("state", "状态", "state_word", kind="status", width=10),
        Column("document", "依据文件", "document.doc_no", link=lambda row: document_url(row.document), width=24),
    )
    filters = (
        UnitFilter(key="unit", label="用工单位（含下级）"),
        ChoiceFilter(key="kind", label="种类", choices=EngagementKind.choices, narrow="kind"),
        DayChoiceFilter(key="state", label="状态", choices=STATES, by_day=in_state),
        ChoiceFilter(key="form", label="用工形式", choices=codes("non_quota_kind").choices(), narrow="form", more=True),
        DateRangeFilter(key="begins", label="开始日期", field="valid_from", more=True),
    )
    search_fields = ("person__name",)
    search_hint = "姓名、拼音首字母"
    ordering = ("organization__code", "-kind", "pk")
    export_permission = "reports.export"
    template = "personnel/engagements.html"
    empty_title = "没有编外、员额人员"
    empty_text = "编外用工和备案员额不占编制，分别受控制数约束。"

    def search(self, rows: Rows, text: str) -> Rows:
        """By name or initials."""
        return named(rows, text)

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Names of the units, in one query."""
        day = self.request.as_of
        names = names_on({row.organization_id for row in rows}, day)
        for row in rows:
            row.unit_name = names.get(row.organization_id, "")
            row.ended = row.valid_to if row.valid_to and row.valid_to <= day else None
            row.state_word = "已解除" if row.ended else "超控制数" if row.over_cap else "在用"
        return rows


@page("personnel.view")
@require_safe
def engagements(request: PageRequest) -> HttpResponseBase:
    """The list of everybody engaged by the shown day."""
    rows = Engagement.objects.current().filter(valid_from__lte=request.as_of).select_related("person", "document")
    return EngagementList(request, restrict(rows, request.user, day=request.as_of)).respond()


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def new_engagement(request: PageRequest) -> HttpResponse:
    """Employ somebody outside the quota."""
    form = EngagementForm(request.POST or None, user=request.user, initial={"effective_on": request.today})

    def act() -> Engagement:
        return _engage(request, form)

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda row: Done(reverse("personnel:engagements"), f"已登记{row.person.name}的用工。"),
        title="登记编外（员额）用工",
        submit="登记用工",
        back=reverse("personnel:engagements"),
        lead="编外用工、备案员额不占编制，人数不得超过单位的控制数（R22）。",
        context={"crumb": ("编外与员额", reverse("personnel:engagements"))},
    ).respond()


def _engage(request: PageRequest, form: EngagementForm) -> Engagement:
    cleaned = form.cleaned_data
    known: Person | None = Person.objects.with_id_number(cleaned["id_number"]).first()
    if known is None or known.name_folded != person_name_key(cleaned["name"]):
        known = register_person(actor=request.user, facts=PersonFacts(cleaned["name"], cleaned["id_number"]))
    order = EngagementOrder(
        person_id=known.pk,
        organization_id=cleaned["organization"].pk,
        kind=cleaned["kind"],
        effective_on=cleaned["effective_on"],
        document=form.approval_document(request.user),
        form=cleaned["form"],
        position=cleaned["position"],
        funding_source=cleaned["funding_source"],
    )
    return engage(actor=request.user, order=order)


@page("personnel.move")
@require_http_methods(["GET", "POST"])
@at_present
def end(request: PageRequest, pk: int) -> HttpResponse:
    """解除用工."""
    rows = Engagement.objects.open_ended().select_related("person", "document")
    row = get_object_or_404(restrict(rows, request.user), pk=pk)
    form = EndEngagementForm(request.POST or None, user=request.user, initial={"effective_on": request.today})

    def act() -> Engagement:
        return end_engagement(
            actor=request.user,
            engagement_id=row.pk,
            effective_on=form.cleaned_data["effective_on"],
            reason=form.cleaned_data["reason"],
        )

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda _: Done(reverse("personnel:engagements"), f"已解除{row.person.name}的用工。"),
        title=f"{row.person.name}　解除用工",
        submit="登记解除",
        back=reverse("personnel:engagements"),
        facts=[
            ("用工单位", names_on([row.organization_id], request.today).get(row.organization_id, "")),
            ("种类", kind_label(row.kind, row.form)),
            ("开始日期", row.valid_from.isoformat()),
            ("依据文件", row.document.doc_no),
        ],
        context={"crumb": ("编外与员额", reverse("personnel:engagements"))},
    ).respond()

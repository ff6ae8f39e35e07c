"""公示: what is on show and what was, one of them with its objections, and the acts upon these."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common import working_days
from bianzhi.common.db.row_scope import beyond_scope
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, LookupFilter
from bianzhi.matters import catalogue
from bianzhi.matters.models import Case, Publication, PublicationObjection, PublicationState
from bianzhi.matters.services.publishing import ON_SHOW, raise_objection, reject_objection, uphold_objection
from bianzhi.matters.web.forms.publications import AnswerForm, ObjectionForm
from bianzhi.matters.web.links import case_url
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.acting import ActPage, Done, at_present

AREA = "业务与档案"
STATES = [("current", "公示中"), ("past", "已结束")]


def waiting_count(user: Any) -> int:
    """The badge of the menu: objections nobody has answered, for who may."""
    if not user.can("publications.manage"):
        return 0
    return PublicationObjection.objects.filter(answered_at__isnull=True).count()


def publication_url(publication: Any) -> str:
    """The page of a publication."""
    return reverse("matters:publication", args=[publication.pk])


def _days(row: Any) -> SafeString | str:
    if row.left is None:
        return "—"
    return format_html('<span class="tag tag-info">{}</span>', f"还有 {row.left} 个工作日" if row.left else "今天期满")


class PublicationList(ListPage):
    """Publications on show first, then those of the past."""

    key = "matters.publications"
    title = "公示"
    noun = "件"
    columns = (
        Column("number", "编号", order="number", link=publication_url, width=22),
        Column("title", "公示", order="title", link=publication_url, width=50),
        Column("unit", "单位", "unit_name", width=30),
        Column("matter", "事项", "matter_title"),
        Column("opened_on", "公示起", kind="date", order="opened_on"),
        Column("closes_on", "公示止", kind="date", order="closes_on"),
        Column("left", "剩余", "left", render=_days),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
    )
    filters = (
        ChoiceFilter(
            key="state",
            label="状态",
            choices=STATES,
            narrow=lambda rows, value: (
                rows.filter(state__in=ON_SHOW) if value == "current" else rows.exclude(state__in=ON_SHOW)
            ),
        ),
        LookupFilter(key="unit", label="单位", lookup="organization", narrow="case__organization"),
        DateRangeFilter(key="opened", label="公示起", field="opened_on", more=True),
    )
    search_fields = ("number", "title")
    search_hint = "编号、公示内容"
    ordering = ("-opened_on", "-pk")
    export_permission = "reports.export"
    template = "matters/publications.html"
    empty_title = "没有公示"
    empty_text = "设有公示期的事项核准后在这里公示。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Names and days left, in two queries."""
        today = self.request.today
        names = names_on({row.case.organization_id for row in rows}, self.request.as_of)
        calendar = working_days.load(today)
        for row in rows:
            row.unit_name = names.get(row.case.organization_id, "")
            row.matter_title = catalogue.matter(row.case.matter).title
            is_counting = row.state == PublicationState.OPEN and row.closes_on >= today
            row.left = calendar.working_days_between(today, row.closes_on) if is_counting else None
        return rows


@page("publications.view")
@require_safe
@beyond_scope("publications")
def publications(request: PageRequest) -> HttpResponseBase:
    """The list; a publication is open to everybody who may see publications."""
    return PublicationList(request, Publication.objects.select_related("case")).respond()


@page("publications.view")
@require_safe
@beyond_scope("publications")
def publication(request: PageRequest, pk: int) -> HttpResponse:
    """What is published; who raised an objection and what about is for those who answer it."""
    found = get_object_or_404(Publication.objects.select_related("case"), pk=pk)
    objections = list(found.objections.order_by("pk"))
    context = {
        "publication": found,
        "facts": _facts(request, found),
        "objections": objections if request.user.can("publications.manage") else [],
        "heard": len(objections),
        "is_on_show": found.state in ON_SHOW,
    }
    return render(request, "matters/publication.html", context)


def _facts(request: PageRequest, publication: Publication) -> list[tuple[Any, ...]]:
    case = publication.case
    name = names_on([case.organization_id], request.as_of).get(case.organization_id, "")
    is_visible = Case.objects.visible_to(request.user).filter(pk=case.pk).exists()
    return [
        ("单位", name),
        ("事项", catalogue.matter(case.matter).title),
        ("公示期", f"{publication.opened_on} 至 {publication.closes_on}（{publication.days} 个工作日）"),
        *([("办件", case.number or "", case_url(case))] if is_visible else []),
    ]


@page("publications.view")
@require_safe
@beyond_scope("publications")
def publication_print(request: PageRequest, pk: int) -> HttpResponse:
    """《公示单》 for paper."""
    found = get_object_or_404(Publication.objects.select_related("case"), pk=pk)
    return render(request, "matters/publication_print.html", {"publication": found})


@page("publications.manage")
@require_http_methods(["GET", "POST"])
@at_present
def object_to(request: PageRequest, pk: int) -> HttpResponse:
    """Register an objection."""
    found = get_object_or_404(Publication.objects.select_related("case"), pk=pk)
    form = ObjectionForm(request.POST or None, user=request.user)

    def act() -> PublicationObjection:
        cleaned = form.cleaned_data
        return raise_objection(
            actor=request.user,
            publication_id=found.pk,
            raised_by=cleaned["raised_by"],
            contact=cleaned["contact"],
            text=cleaned["text"],
            today=request.today,
        )

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda _: Done(publication_url(found), "已登记异议，公示暂停计时。"),
        title=f"登记公示异议　{found.number}",
        submit="登记异议",
        back=publication_url(found),
        lead="登记后公示暂停计时，异议处理完毕再继续；公示期按暂停的工作日顺延。",
        facts=[("公示", found.title), *_facts(request, found)],
        context={"area": AREA, "crumb": (found.number, publication_url(found)), "no_check": True},
    ).respond()


def objection_for(user: Any, pk: int) -> PublicationObjection:
    """An objection for who answers objections. Raises Http404 for others."""
    rows = PublicationObjection.objects.select_related("publication")
    return get_object_or_404(rows if user.can("publications.manage") else rows.none(), pk=pk)


@page("publications.manage")
@require_http_methods(["GET", "POST"])
@at_present
def answer(request: PageRequest, pk: int) -> HttpResponse:
    """Answer an objection: it fails and the days run on, or it holds and the case goes back or ends."""
    found = get_object_or_404(PublicationObjection.objects.select_related("publication__case"), pk=pk)
    publication = found.publication
    form = AnswerForm(request.POST or None, user=request.user, may_uphold=request.user.can("matters.intervene"))

    def act() -> PublicationObjection:
        told = {"actor": request.user, "objection_id": found.pk, "today": request.today}
        outcome, words = form.cleaned_data["outcome"], form.cleaned_data["answer"]
        if outcome == "no":
            return reject_objection(answer=words, **told)
        return uphold_objection(answer=words, consequence=outcome, **told)

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda _: Done(publication_url(publication), "异议已处理。"),
        title=f"处理公示异议　{publication.number}",
        submit="处理异议",
        back=publication_url(publication),
        facts=[
            ("公示", publication.title),
            ("异议人", found.raised_by),
            ("联系方式", found.masked_contact),
            ("异议内容", found.text),
        ],
        context={"area": AREA, "crumb": (publication.number, publication_url(publication)), "no_check": True},
    ).respond()

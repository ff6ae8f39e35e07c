"""办件文书: the list of what was issued, and the form on paper."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.context import Shell
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.matters.models import Case, IssuedPaper
from bianzhi.matters.web.case_list import matter_choices
from bianzhi.matters.web.links import case_url
from bianzhi.matters.web.paper_sheet import PaperSheet, check_address
from bianzhi.organizations.selectors.units import names_on

STATES = {"valid": "有效", "revoked": "已作废"}


def paper_url(paper: IssuedPaper) -> str:
    """The form on paper."""
    return reverse("matters:paper", args=[paper.pk])


def state_of(paper: IssuedPaper) -> str:
    """Whether a paper holds."""
    return "已作废" if paper.revoked_at else "有效"


class PaperList(ListPage):
    """Every paper issued for cases within the user's scope."""

    key = "matters.papers"
    title = "办件文书"
    noun = "份"
    columns: ClassVar[Sequence[Column]] = (
        Column("number", "文书编号", order="number", link=paper_url, width=24),
        Column("title", "文书名称", order="title", link=paper_url, width=24),
        Column("unit", "单位", "unit_name", width=28),
        Column("case", "办件", "case.title", link=lambda row: case_url(row.case), width=36),
        Column("case_number", "业务编号", "case.number", width=20),
        Column("state", "状态", state_of, kind="status", width=8),
        Column("issued", "签发时间", "issued_at", kind="moment", order="issued_at", width=16),
        Column("code", "验证码", shown=False, width=20),
        Column("reason", "作废原因", "revoke_reason", shown=False, width=30),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="matter", label="事项", choices=matter_choices, narrow="case__matter"),
        ChoiceFilter(
            key="state",
            label="状态",
            choices=STATES.items(),
            narrow=lambda rows, state: rows.filter(revoked_at__isnull=state == "valid"),
        ),
        DateRangeFilter(key="issued", label="签发时间", field="issued_at", is_moment=True),
    )
    search_fields = ("number", "title", "case__number", "case__title")
    search_hint = "编号、名称、姓名"
    ordering = ("-issued_at",)
    export_permission = "reports.export"
    template = "matters/papers.html"
    empty_title = "还没有签发文书"
    empty_text = "办件核准后签发的核准单、通知单、回执会列在这里。"

    def prepare(self, rows: list[Any]) -> list[Any]:
        """The units of one page."""
        names = names_on({row.case.organization_id for row in rows}, self.request.today) if rows else {}
        for row in rows:
            row.unit_name = names.get(row.case.organization_id, "")
        return rows


def visible_papers(request: PageRequest) -> Any:
    """Papers of the cases the user may see."""
    rows = IssuedPaper.objects.filter(case__in=Case.objects.visible_to(request.user, request.today))
    return rows.select_related("case__instance")


@page("matters.view")
@require_safe
def papers(request: PageRequest) -> HttpResponseBase:
    """The list, its rows or a file of it."""
    return PaperList(request, visible_papers(request)).respond()


def paper_or_404(request: PageRequest, pk: int) -> IssuedPaper:
    """A paper of a case the user may see."""
    found: IssuedPaper | None = visible_papers(request).filter(pk=pk).first()
    if found is None:
        raise Http404("没有这份文书，或者它不在您的管理范围内。")
    return found


@page("matters.view")
@require_safe
def paper(request: PageRequest, pk: int) -> HttpResponse:
    """The form as it goes out."""
    found = paper_or_404(request, pk)
    sheet = PaperSheet.of(found, tenant=Shell(request).tenant, check_at=check_address(request))
    return render(request, "matters/paper.html", {"paper": found, "case": found.case, "sheet": sheet})

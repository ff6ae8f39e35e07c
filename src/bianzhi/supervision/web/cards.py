"""督办: the cards of late cases, and the answer of whoever holds the task."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.supervision.models import Colour, SupervisionItem
from bianzhi.supervision.services.cards import answer_card
from bianzhi.supervision.web.forms import WordsForm
from bianzhi.supervision.web.links import AREA, card_url, case_url


def waiting_count(user: Any) -> int:
    """The badge of the menu: the user's own cards that wait for an answer."""
    return SupervisionItem.objects.unanswered().filter(holder_id=user.pk).count()


class CardList(ListPage):
    """Cards the user may see."""

    key = "supervision.cards"
    title = "督办件"
    noun = "件"
    columns = (
        Column("number", "督办编号", order="number", link=card_url, width=24),
        Column("colour", "级别", "get_colour_display", kind="status", order="colour"),
        Column("case", "办件", "instance.title", width=40),
        Column("unit", "申请单位", "unit_name", width=30),
        Column("step", "环节", "task.node_name"),
        Column("holder", "承办人", "holder_name", order="holder_name"),
        Column("due_on", "应办日期", kind="date", order="due_on"),
        Column("issued_on", "发出日期", kind="date", order="issued_on"),
        Column("answered", "答复", lambda row: "已答复" if row.answered_on else "待答复", kind="status"),
        Column("answer", "情况说明", shown=False, width=50),
        Column("answered_on", "答复日期", kind="date", order="answered_on", shown=False),
    )
    filters = (
        ChoiceFilter(key="colour", label="级别", choices=Colour.choices, narrow="colour"),
        ChoiceFilter(
            key="answered",
            label="答复",
            choices=[("no", "待答复"), ("yes", "已答复")],
            narrow=lambda rows, value: rows.filter(answered_on__isnull=value == "no"),
        ),
        DateRangeFilter(key="issued", label="发出日期", field="issued_on", more=True),
    )
    search_fields = ("number", "instance__title", "holder_name")
    search_hint = "督办编号、办件、承办人"
    ordering = ("-issued_on", "-pk")
    export_permission = "reports.export"
    template = "supervision/cards.html"
    empty_title = "没有督办件"
    empty_text = "办件超过时限 3 个工作日发黄牌，超过 5 个工作日发红牌。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """The units' names, in one query."""
        names = names_on({row.organization_id for row in rows if row.organization_id}, self.request.as_of)
        for row in rows:
            row.unit_name = names.get(row.organization_id, "")
        return rows


@page("matters.handle")
@require_safe
def cards(request: PageRequest) -> HttpResponseBase:
    """The list."""
    rows = SupervisionItem.objects.visible_to(request.user).select_related("instance", "task")
    return CardList(request, rows).respond()


@page("matters.handle")
@require_http_methods(["GET", "POST"])
@at_present
def card(request: PageRequest, pk: int) -> HttpResponse:
    """One card, and the form that answers it."""
    rows = SupervisionItem.objects.select_related("instance", "task")
    found = get_visible_or_404(rows, request.user, pk)
    form = WordsForm(request.POST or None, user=request.user, called="情况说明")

    def act() -> SupervisionItem:
        return answer_card(actor=request.user, today=request.today, item_id=found.pk, text=form.cleaned_data["text"])

    may_answer = found.holder_id == request.user.pk or request.user.can("supervision.manage")
    return ActPage(
        request=request,
        form=form,
        act=act,
        done=lambda item: Done(card_url(item), f"{item.number} 已答复。"),
        title=f"{found.number}　{found.get_colour_display()}",
        submit="答复督办",
        back=reverse("supervision:cards"),
        facts=_facts(request, found),
        template="supervision/card.html",
        context={
            "area": AREA,
            "crumb": ("督办件", reverse("supervision:cards")),
            "card": found,
            "may_answer": may_answer and found.answered_on is None,
        },
    ).respond()


def _facts(request: PageRequest, card: SupervisionItem) -> list[tuple[Any, ...]]:
    names = names_on([card.organization_id] if card.organization_id else [], request.as_of)
    return [
        ("级别", card.get_colour_display()),
        ("办件", card.instance.title, case_url(card.instance, request.user)),
        ("申请单位", names.get(card.organization_id or 0, "")),
        ("环节", card.task.node_name),
        ("承办人", card.holder_name),
        ("应办日期", str(card.due_on)),
        ("发出日期", str(card.issued_on)),
        ("情况说明", card.answer),
        ("答复", f"{card.answered_on} {card.answered_by_name}" if card.answered_on else "待答复"),
    ]

"""What supervision contributes to the pages of the platform: menu, tab, search, colours."""

from collections.abc import Iterable
from typing import Any

from bianzhi.common import agenda
from bianzhi.common.web import navigation, search, tabs, tones
from bianzhi.kernel import clock
from bianzhi.organizations.selectors.units import names_on
from bianzhi.supervision.models import OrderState, Problem, RectificationOrder
from bianzhi.supervision.selectors.agenda import rectification_days
from bianzhi.supervision.selectors.words import kind_label, order_state_on
from bianzhi.supervision.web import cards, unit_tab
from bianzhi.supervision.web.links import order_url, problem_url


def register() -> None:
    """Put everything in its place; called once at start."""
    group = navigation.Group.BUSINESS
    for entry in (
        navigation.Entry(group, "督查检查", "shield-check", "supervision:plans", "supervision.view", order=32,
                         under=("/supervision/inspections/",)),
        navigation.Entry(group, "问题台账", "list-details", "supervision:problems", "supervision.view", order=33,
                         badge=waiting_count, under=("/supervision/orders/",)),
        navigation.Entry(group, "督办件", "alert-triangle", "supervision:cards", "matters.handle", order=34,
                         badge=cards.waiting_count),
    ):  # fmt: skip
        navigation.register(entry)
    tabs.register_tab(
        tabs.Tab(
            "organization",
            "supervision",
            "督查整改",
            unit_tab.supervision_tab,
            order=70,
            permission="supervision.view",
            count=unit_tab.unsettled_count,
        )
    )
    agenda.register_source("supervision.rectifications", rectification_days)
    search.register_provider(search.Provider("问题与整改", find, "list-details", "supervision.view", order=70))
    tones.register_tones(
        {
            "检查中": tones.Tone.INFO,
            "待检查": tones.Tone.WARN,
            "无问题": tones.Tone.GOOD,
            "有问题": tones.Tone.BAD,
            "待整改": tones.Tone.WARN,
            "整改中": tones.Tone.INFO,
            "整改逾期": tones.Tone.BAD,
            "已报整改": tones.Tone.WARN,
            "核查通过": tones.Tone.GOOD,
            "已销号": tones.Tone.GOOD,
            "登记撤销": tones.Tone.NEUTRAL,
            "一般": tones.Tone.NEUTRAL,
            "较重": tones.Tone.WARN,
            "严重": tones.Tone.BAD,
            "黄牌": tones.Tone.WARN,
            "红牌": tones.Tone.BAD,
            "待答复": tones.Tone.WARN,
            "已答复": tones.Tone.GOOD,
        }
    )


def waiting_count(user: Any) -> int:
    """The badge: what waits for the office to verify and close, or for the user's unit to rectify."""
    if user.can("supervision.manage"):
        return RectificationOrder.objects.filter(state__in=(OrderState.REPORTED, OrderState.VERIFIED)).count()
    if user.can("supervision.answer"):
        return RectificationOrder.objects.visible_to(user).filter(state=OrderState.ISSUED).count()
    return 0


def find(user: Any, text: str, limit: int) -> Iterable[search.Result]:
    """Problems and orders by number, within the user's scope."""
    today = clock.today()
    problems = list(Problem.objects.visible_to(user).filter(number__icontains=text).order_by("-pk")[:limit])
    orders = list(RectificationOrder.objects.visible_to(user).filter(number__icontains=text).order_by("-pk")[:limit])
    units = {*(row.organization_id for row in problems), *(row.organization_id for row in orders)}
    names = names_on(units, today)
    for problem in problems:
        words = f"{names.get(problem.organization_id, '')}　{kind_label(problem.kind)}　{problem.get_state_display()}"
        yield search.Result(problem.number, words, problem_url(problem))
    for order in orders:
        words = f"{names.get(order.organization_id, '')}　{order_state_on(order, today)}"
        yield search.Result(order.number, words, order_url(order))

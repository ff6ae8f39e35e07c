"""疑似同一人: pairs an official judges one after the other, by keyboard; what was answered, and taking it back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.lists import BulkAction, ChoiceFilter, Column, ListPage
from bianzhi.common.web.lists.filters import Filter
from bianzhi.common.web.lookups import key_in
from bianzhi.common.web.redirects import redirect_with_notice, render_partial
from bianzhi.exchange.models import LinkReview, ReviewState
from bianzhi.exchange.selectors.reviews import decisions_for, open_reviews, reviews_for
from bianzhi.exchange.services.links import decide_link, decide_links, revoke_decision
from bianzhi.exchange.services.revealing import PERMISSION, reveal_pair_numbers
from bianzhi.exchange.web.comparing import compare, id_numbers
from bianzhi.exchange.web.files import files_of, units_of
from bianzhi.exchange.web.linking import rule_choices, rule_label, rule_words
from bianzhi.exchange.web.links import review_url, run_url
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.web.acting import as_one
from bianzhi.personnel.web.forms.persons import RevealForm
from bianzhi.reconciliation.sources import DEPARTMENTS

NAMES = dict(DEPARTMENTS)


def _who(row: Mapping[str, Any]) -> str:
    return f"{NAMES.get(str(row.get('source')), '')} {row.get('name') or '（无姓名）'} {row.get('unit') or ''}".strip()


class ReviewList(ListPage):
    """Pairs, the surest first."""

    key = "exchange.reviews"
    title = "疑似同一人"
    noun = "对"
    columns: ClassVar[Sequence[Column]] = (
        Column("left", "一方", lambda row: _who(row.left), link=review_url, width=30),
        Column("right", "另一方", lambda row: _who(row.right), width=30),
        Column("rule", "规则", lambda row: rule_label(row.rule), order="rule", width=20),
        Column("score", "把握", lambda row: f"{row.score:.1%}", order="score", kind="number"),
        Column("state", "状态", "get_state_display", kind="status", order="state"),
        Column("decided_by", "判断人", "decided_by.display_name"),
        Column("decided_at", "判断时间", kind="moment", order="decided_at", shown=False),
        Column("last_run", "最近月份", "last_run.period", kind="month", order="last_run__period"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="state", label="状态", choices=ReviewState.choices, narrow="state"),
        ChoiceFilter(key="rule", label="规则", choices=rule_choices(), narrow="rule"),
    )
    search_hint = "姓名、单位"
    search_fields = ("words",)
    ordering = ("-waits", "-score")
    bulk_actions = (
        BulkAction("是同一人", "exchange:reviews_same", "exchange.decide", "user-check"),
        BulkAction("不是同一人", "exchange:reviews_different", "exchange.decide", "user-x"),
    )
    template = "exchange/reviews.html"
    empty_title = "没有疑似同一人"
    empty_text = "核对时拿不准是不是同一人的记录列在这里，由工作人员判断一次，以后各月照此处理。"


@page("exchange.view")
@require_safe
def reviews(request: PageRequest) -> HttpResponseBase:
    """The list, with the way into the queue."""
    listing = ReviewList(request, reviews_for(request.user))
    if listing.is_fragment or listing.state.export:
        return listing.respond()
    return listing.respond({"first": open_pairs(request).first()})


def open_pairs(request: PageRequest) -> QuerySet[LinkReview]:
    """Pairs that wait for an answer, in the order of the queue."""
    return open_reviews(request.user).order_by("-score", "pk")


def after(pairs: QuerySet[LinkReview], pair: LinkReview) -> LinkReview | None:
    """The next of the queue."""
    return pairs.filter(Q(score__lt=pair.score) | Q(score=pair.score, pk__gt=pair.pk)).first()


def before(pairs: QuerySet[LinkReview], pair: LinkReview) -> LinkReview | None:
    """The one before in the queue."""
    rows = pairs.filter(Q(score__gt=pair.score) | Q(score=pair.score, pk__lt=pair.pk))
    return rows.order_by("score", "-pk").first()


@dataclass(frozen=True, slots=True)
class Weighed:
    """One step of the evidence; `left` and `width` place its bar in percent of the track."""

    title: str
    value: str
    weight: float | None
    left: float = 50
    width: float = 0


def weighed(evidence: Mapping[str, Any]) -> list[Weighed]:
    """The steps of the evidence, those with a weight drawn for (to the right) or against (to the left) one person."""
    steps = evidence.get("steps", [])
    most = max((abs(float(step["weight"])) for step in steps if step.get("weight") is not None), default=0) or 1
    found = []
    for step in steps:
        title, value, weight = step.get("title") or step.get("name", ""), step.get("value"), step.get("weight")
        words = "、".join(map(str, value)) if isinstance(value, list) else str(value if value is not None else "")
        if weight is None:
            found.append(Weighed(title, words, None))
            continue
        width = round(abs(float(weight)) / most * 50, 1)
        found.append(Weighed(title, words, float(weight), 50 if float(weight) >= 0 else 50 - width, width))
    return found


@page("exchange.view")
@require_safe
def review(request: PageRequest, pk: int) -> HttpResponse:
    """One pair side by side, the evidence, the answers, and the way to the next."""
    pair = get_object_or_404(reviews_for(request.user), pk=pk)
    pairs = open_pairs(request)
    rows = [pair.left, pair.right]
    following, previous = after(pairs, pair), before(pairs, pair)
    is_open = pair.state == ReviewState.OPEN
    context = {
        "pair": pair,
        "rule_words": rule_words(pair.rule),
        "rule_label": rule_label(pair.rule),
        "confidence": f"{pair.score:.1%}",
        "comparison": compare(rows, files_of(request, rows), units=units_of(rows)),
        "steps": weighed(pair.evidence),
        "decisions": [(f"revoke-{each.pk}", each) for each in decisions_for(request.user).filter(review=pair)],
        "following": review_url(following) if following else "",
        "previous": review_url(previous) if previous else "",
        "is_open": is_open,
        "may_decide": request.user.can("exchange.decide"),
        "waiting": pairs.count(),
        "has_numbers": bool(id_numbers(rows)),
        "run_url": run_url(pair.last_run),
    }
    return render(request, "exchange/review.html", context)


@page("exchange.decide")
@require_POST
def decide(request: PageRequest, pk: int) -> HttpResponse:
    """Take the answer down and go on to the next of the queue."""
    pair = get_object_or_404(reviews_for(request.user), pk=pk)
    answer = request.POST.get("answer", "")
    if answer not in ("same", "different"):
        return redirect_with_notice(request, review_url(pair), "没有选择判断结果。", level="error")
    following = after(open_pairs(request), pair)
    try:
        basis = request.POST.get("basis", "")[:200]
        decide_link(actor=request.user, review_id=pair.pk, same=answer == "same", basis=basis)
    except Refused as refusal:
        return redirect_with_notice(request, review_url(pair), str(refusal), level="error")
    words = "是同一人" if answer == "same" else "不是同一人"
    following = following or open_pairs(request).first()
    if following is None:
        return redirect_with_notice(request, reverse("exchange:reviews"), f"已判断：{words}。待判断的已全部处理。")
    return redirect_with_notice(request, review_url(following), f"上一对已判断：{words}。")


@page("exchange.decide")
@require_POST
def same(request: PageRequest) -> HttpResponse:
    """The chosen pairs are each one person."""
    return _many(request, same=True)


@page("exchange.decide")
@require_POST
def different(request: PageRequest) -> HttpResponse:
    """The chosen pairs are each two people."""
    return _many(request, same=False)


def _many(request: PageRequest, *, same: bool) -> HttpResponse:
    keys = [key for text in request.POST.getlist("selected") if (key := key_in(text)) is not None]
    mine = list(reviews_for(request.user).filter(pk__in=keys).values_list("pk", flat=True))
    back = reverse("exchange:reviews")
    try:
        outcomes = decide_links(actor=request.user, review_ids=mine, same=same)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    refused = [outcome.message for outcome in outcomes if not outcome.ok]
    notice = f"已判断 {len(outcomes) - len(refused)} 对。" + "".join(dict.fromkeys(refused))
    return redirect_with_notice(request, back, notice, level="warning" if refused else "success")


class DecisionList(ListPage):
    """What officials have said of pairs, for ever until taken back."""

    key = "exchange.decisions"
    title = "同一人判断记录"
    noun = "条"
    columns: ClassVar[Sequence[Column]] = (
        Column("kind", "判断", "get_kind_display", kind="status", order="kind"),
        Column("left", "一方", lambda row: _who(row.review.left) if row.review else row.get_left_source_display()),
        Column("right", "另一方", lambda row: _who(row.review.right) if row.review else row.get_right_source_display()),
        Column("basis", "理由", width=30),
        Column("decided_by", "判断人", "decided_by.display_name", order="decided_by__display_name"),
        Column("decided_at", "判断时间", kind="moment", order="decided_at"),
        Column("state", "效力", lambda row: "已撤销" if row.revoked_at else "有效", kind="status"),
        Column(
            "open", "查看", lambda row: "查看" if row.review_id else "", link=lambda row: review_url(row.review),
            exportable=False,
        ),
    )  # fmt: skip
    filters: ClassVar[Sequence[Filter]] = (
        ChoiceFilter(key="kind", label="判断", choices=[("must", "是同一人"), ("never", "不是同一人")], narrow="kind"),
        ChoiceFilter(
            key="valid",
            label="效力",
            choices=[("yes", "有效"), ("no", "已撤销")],
            narrow=lambda rows, value: rows.filter(revoked_at__isnull=value == "yes"),
        ),
    )
    search_fields = ("basis", "decided_by__display_name")
    search_hint = "理由、判断人"
    ordering = ("-pk",)
    template = "exchange/decisions.html"
    empty_title = "还没有判断过"
    empty_text = "在“疑似同一人”中判断后，各月核对都照此处理，直到撤销。"


@page("exchange.view")
@require_safe
def decisions(request: PageRequest) -> HttpResponseBase:
    """The list."""
    return DecisionList(request, decisions_for(request.user)).respond()


@page("exchange.decide")
@require_POST
def revoke(request: PageRequest, pk: int) -> HttpResponse:
    """Take an answer back, with the reason."""
    decision = get_object_or_404(decisions_for(request.user), pk=pk)
    if decision.review is None:
        raise Http404("没有这条判断。")
    try:
        revoke_decision(actor=request.user, decision_id=decision.pk, reason=typed(request, "reason"))
    except Refused as refusal:
        return redirect_with_notice(request, review_url(decision.review), str(refusal), level="error")
    return redirect_with_notice(request, review_url(decision.review), "判断已撤销，请重新判断。")


@page(PERMISSION, also="exchange.view")
@require_http_methods(["GET", "POST"])
def reveal(request: PageRequest, pk: int) -> HttpResponse:
    """The whole identity numbers of the two rows, for a stated purpose."""
    pair = get_object_or_404(reviews_for(request.user), pk=pk)
    numbers = id_numbers([pair.left, pair.right])
    if not numbers:
        raise Http404("这两行没有身份证号。")
    form = RevealForm(request.POST or None)
    shown: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        as_one(lambda: reveal_pair_numbers(actor=request.user, review_id=pair.pk, purpose=purpose))
        shown = numbers
    context = {
        "form": form,
        "numbers": shown,
        "back": review_url(pair),
        "crumb": ("疑似同一人", reverse("exchange:reviews")),
        "what": "疑似同一人的两行",
        "action": reverse("exchange:review_reveal", args=[pair.pk]),
    }
    invalid = request.method == "POST" and not shown
    return render_partial(request, "exchange/reveal.html", "numbers", context, invalid=invalid)


def waiting_count(user: Any) -> int:
    """The badge of the menu: pairs that wait for an answer of somebody who may give it."""
    return open_reviews(user).count() if user.can("exchange.decide") else 0

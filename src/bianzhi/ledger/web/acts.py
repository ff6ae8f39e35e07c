"""The acts an establishment office posts by hand: chosen, filled in, shown with their effects, confirmed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.common.web import once
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice, render_partial
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.objections import Refused, Severity
from bianzhi.ledger.models import AccountKind, LedgerEntry
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.entries import visible_entries
from bianzhi.ledger.selectors.journal import account_labels
from bianzhi.ledger.services.rehearsal import Effect, carry_out_as_shown, digest, rehearse
from bianzhi.ledger.web import act_forms
from bianzhi.ledger.web.forms import ActForm

TEMPLATE: Final = "ledger/act.html"
LONGEST_FACT: Final = 300
_FACT: Final = re.compile(
    r"document|new_(?:doc_no|issued_on|title|issuer|kind)|organization|effective_on|(?:measure|amount)_[123]"
    r"|(?:org|body)_(?:chief|deputy)|other_leader"
)


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act: its name, what it is for, its form."""

    key: str
    label: str
    text: str
    icon: str
    form: type[ActForm]


ACTS: Final[dict[str, Act]] = {
    act.key: act
    for act in (
        Act("increase", "核增编制", "从预留（池）核给单位，含设立时核编。", "circle-plus", act_forms.IncreaseForm),
        Act("decrease", "核减编制", "从单位收回预留；只减不增的类型直接核销。", "circle-minus", act_forms.DecreaseForm),
        Act(
            "transfer",
            "编制划转",
            "从一个单位划到另一个单位；跨层级须有上级文件。",
            "arrows-exchange",
            act_forms.TransferForm,
        ),
        Act(
            "type-change",
            "编制类型调整",
            "同一单位内一种编制改为另一种，如差额改全额。",
            "transfer",
            act_forms.TypeChangeForm,
        ),
        Act("posts", "领导职数调整", "按层级填写调整后的职数。", "badge", act_forms.PostsForm),
        Act(
            "body",
            "定编到科室",
            "把单位编制的一部分定到内设机构，或收回本级。",
            "hierarchy",
            act_forms.BodyAllotmentForm,
        ),
        Act("pool", "周转（人才）池调配", "从池中调给单位使用，或由单位归还。", "refresh", act_forms.PoolForm),
        Act("issue", "总量下达", "上级下达的编制总量记入预留。", "download", act_forms.TotalForm),
        Act("withdraw", "总量收回", "预留中的编制交还上级。", "upload", act_forms.WithdrawTotalForm),
        Act(
            "reserve",
            "预留跨层级调整",
            "区本级与乡镇街道的预留互调，须有上级文件。",
            "arrows-sort",
            act_forms.ReserveForm,
        ),
    )
}


@dataclass(frozen=True, slots=True)
class ShownEffect:
    """What an act does to one account, in words and figures."""

    account: str
    measure: str
    before: int
    change: int
    after: int


@page("ledger.post", also=DIRECT)
@require_safe
def choose_act(request: PageRequest) -> HttpResponse:
    """登记台账: which act."""
    unit = request.GET.get("unit", "")
    query = f"?unit={unit}" if unit.isascii() and unit.isdigit() else ""
    acts = [(act, reverse("ledger:act", args=[act.key]) + query) for act in ACTS.values()]
    return render(request, "ledger/acts.html", {"acts": acts})


@page("ledger.post", also=DIRECT)
@require_http_methods(["GET", "POST"])
def act(request: PageRequest, key: str) -> HttpResponse:
    """The form of one act: filled in, then shown with its effects, then confirmed."""
    chosen = ACTS.get(key)
    if chosen is None:
        raise Http404("没有这种台账事项。")
    unit = request.GET.get("unit", "")
    initial = {"effective_on": request.today, "organization": unit, "from_organization": unit, **_filled_in(request)}
    form = chosen.form(request.POST or None, user=request.user, initial=initial)
    return _answer(request, form, {"title": chosen.label, "text": chosen.text, "back": reverse("ledger:acts")})


def _filled_in(request: PageRequest) -> dict[str, str]:
    """Facts another page knows already and gives along in the address; exceptions and reasons are typed by a person."""
    given = {name: str(value) for name, value in request.GET.items() if _FACT.fullmatch(name)}
    return {name: value for name, value in given.items() if len(value) <= LONGEST_FACT}


@page("ledger.post", also=DIRECT)
@require_http_methods(["GET", "POST"])
def reverse_act(request: PageRequest, pk: int) -> HttpResponse:
    """冲正 of one entry, with its effects shown first."""
    entry = get_object_or_404(visible_entries(request.user, request.as_of), pk=pk)
    form = act_forms.ReversalForm(request.POST or None, user=request.user, entry=entry)
    text = f"以相反分录抵消 {entry.number}（{entry.summary}），自原生效日期 {entry.effective_on} 起。原条目保留。"
    context = {"title": f"冲正 {entry.number}", "text": text, "back": reverse("ledger:entry", args=[entry.pk])}
    return _answer(request, form, context)


def _answer(request: PageRequest, form: ActForm, context: dict[str, Any]) -> HttpResponse:
    """Show the form, its effects, or, when exactly these were agreed to, do it and go to the entry."""
    token = form.typed.get("token", "")
    if url := once.done_at(request, token):
        return redirect_with_notice(request, url, once.TWICE, level="info")
    effects: tuple[Effect, ...] = ()
    invalid = request.method == "POST"
    if invalid and form.is_valid():
        if not form.is_confirmed:
            effects = _rehearsed(form, request)
            invalid = not effects
        elif not once.claim(request, token):
            form.add_error(None, once.AT_IT)
        else:
            with once.acting(request, token) as led_to:
                entry, effects = _done(form, request)
                if entry is not None:
                    url = reverse("ledger:entry", args=[entry.pk])
                    led_to(url)
                    return redirect_with_notice(request, url, f"已登记台账 {entry.number}。")
    context |= {
        "form": form,
        "effects": _shown(effects, request),
        "digest": digest(effects),
        "override_codes": _override_codes(form),
        "granted": form.granted,
        "may_override": request.user.can("rules.override"),
    }
    return render_partial(request, TEMPLATE, "form", context, invalid=invalid)


def _override_codes(form: ActForm) -> list[str]:
    """Rules the director may set aside: those that objected now, and those set aside before this answer."""
    raised = [item.code for item in form.objections if item.severity is Severity.OVERRIDE]
    return list(dict.fromkeys([*form.granted, *raised]))


def _done(form: ActForm, request: PageRequest) -> tuple[LedgerEntry | None, tuple[Effect, ...]]:
    """The entry; or None, with what stands against it, and with the effects where they are no longer those shown."""
    entry: LedgerEntry | None = None
    effects: tuple[Effect, ...] = ()
    try:
        entry, effects = carry_out_as_shown(partial(form.carry_out, request.user), form.typed.get("shown", ""))
    except Refused as refusal:
        form.add_objections(refusal)
    if effects and entry is None:
        form.add_error(None, "核对之后，这些账户的数字又有变动，尚未登记。请重新核对下面的数字。")
    elif entry is None and not form.objections:
        form.add_error(None, "与现有数字相同，没有变动，未登记。")
    return entry, effects


def _rehearsed(form: ActForm, request: PageRequest) -> tuple[Effect, ...]:
    rehearsal = rehearse(partial(form.carry_out, request.user))
    form.add_objections(rehearsal.objections)
    if not rehearsal.effects and not rehearsal.objections:
        form.add_error(None, "与现有数字相同，没有变动。")
    return rehearsal.effects


def _shown(effects: Sequence[Effect], request: PageRequest) -> list[ShownEffect]:
    """Units first, the sources last; what the upper level gave is shown as a total, not as its negative balance."""
    names = account_labels([effect.account for effect in effects], request.today, None)
    ordered = sorted(effects, key=lambda effect: (effect.account.organization_id is None, effect.account.measure))
    shown = []
    for effect in ordered:
        is_upper = effect.account.kind == AccountKind.UPPER
        sign = -1 if is_upper else 1
        name = names[effect.account.pk]
        if is_upper:
            name = "核定职数累计" if measures.is_post(effect.account.measure) else f"{name}累计"
        shown.append(
            ShownEffect(
                account=name,
                measure=measures.label(effect.account.measure),
                before=sign * effect.before,
                change=sign * effect.change,
                after=sign * effect.after,
            )
        )
    return shown

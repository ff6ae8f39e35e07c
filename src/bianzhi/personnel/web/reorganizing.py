"""合并、拆分、划转、撤销: filled in, shown with their effects on every unit, confirmed, told on the event's page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.http import Http404, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from bianzhi.accounts import policies
from bianzhi.common.web import once, tabs
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice, render_partial
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.selectors.entries import OUTSIDE, gists, visible_entries
from bianzhi.organizations.models import LineageKind, Organization, ReorganizationEvent
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.web.actions import Offer, offer
from bianzhi.organizations.web.events import PAGE as EVENT_PAGE
from bianzhi.organizations.web.pages import shown_organization
from bianzhi.personnel.rules.capacity import NO_USE
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.dossier import body_names
from bianzhi.personnel.selectors.people import on_quota_rows, positions_on
from bianzhi.personnel.selectors.quota_use import post_use, quota_use
from bianzhi.personnel.selectors.reorganizations import Consequences, consequences, entries_of
from bianzhi.personnel.services.rehearsal import carry_out_as_shown, rehearse
from bianzhi.personnel.web.forms.reorganizing import AbolishForm, MergeForm, MergeIntoNewForm, ReorganizeForm
from bianzhi.personnel.web.forms.sharing import HandOverForm, Holdings, SplitForm, member_of
from bianzhi.personnel.web.links import movement_url, unit_page
from bianzhi.personnel.web.words import mode_label

TEMPLATE: Final = "personnel/reorganize.html"
MOST_SHARES: Final = 4
TOLD: Final = frozenset({LineageKind.MERGED, LineageKind.SPLIT, LineageKind.TRANSFERRED, LineageKind.ABOLISHED})


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of reorganisation with a page: its name, what it does, its form, and kinds offered beside it."""

    key: str
    label: str
    text: str
    form: Callable[..., ReorganizeForm]
    beside: tuple[str, ...] = ()
    is_shared: bool = False


KINDS: Final[dict[str, Kind]] = {
    kind.key: kind
    for kind in (
        Kind(
            "merge",
            "并入其他单位",
            "本单位撤销，编制和人员全部并入另一个单位；本单位的领导职数收回、职务免去，未使用的核准名额退回。",
            MergeForm,
            ("merge", "merge-new"),
        ),
        Kind(
            "merge-new",
            "合并为新单位",
            "本单位与其他单位都撤销，编制和人员全部转入新设立的单位；领导职数按新单位重新核定。",
            MergeIntoNewForm,
            ("merge", "merge-new"),
        ),
        Kind(
            "split",
            "拆分",
            "把本单位的编制、职数和人员分给一个或几个单位，承接单位可以新设。",
            SplitForm,
            is_shared=True,
        ),
        Kind(
            "hand-over",
            "划转编制和人员",
            "把本单位的一部分编制和人员划到另一个单位，两个单位都保留。",
            HandOverForm,
            is_shared=True,
        ),
        Kind(
            "abolish",
            "撤销（连同人员、编制）",
            "撤销本单位，同时处理人员、编制、职数、未使用的名额和编外用工。",
            AbolishForm,
        ),
    )
}


def register() -> None:
    """Offer the pages in the menu 机构变更, and tell on an event's page what it did."""
    for order, (label, key) in enumerate(
        (("合并", "merge"), ("拆分", "split"), ("划转编制和人员", "hand-over"), ("撤销（连同人员、编制）", "abolish"))
    ):
        offer(Offer(label, partial(_address, key=key), "personnel.move", order=10 + order))
    tabs.register_panel(tabs.Panel(EVENT_PAGE, "effects", effects_panel, order=10, permission="personnel.view"))
    tabs.register_panel(tabs.Panel(EVENT_PAGE, "ledger", entries_panel, order=20, permission="ledger.view"))


def _address(organization: Organization, key: str) -> str:
    return reverse("personnel:reorganize", args=[organization.pk, key])


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
def reorganize(request: PageRequest, pk: int, kind: str) -> HttpResponse:
    """One kind of reorganisation of one unit."""
    policies.require(request.user, CHANGE)
    chosen = KINDS.get(kind)
    unit = shown_organization(request, pk)
    if chosen is None or unit.shown is None or unit.shown.is_grouping or not unit.shown.is_open:
        raise Http404("没有这种办理事项，或者该单位已撤销、只是分组。")
    return Desk(request, unit, chosen).respond()


class Desk:
    """One page in progress: the form, what it would do, and the way to what it did."""

    def __init__(self, request: PageRequest, unit: Organization, kind: Kind) -> None:
        self.request, self.unit, self.kind = request, unit, kind
        self.shares = _shares(request) if kind.key == "split" else 1
        facts: dict[str, Any] = {"unit": unit, "today": request.today, "user": request.user}
        if kind.is_shared:
            facts |= {"holdings": holdings_of(request, unit), "shares": self.shares}
        self.form = kind.form(request.POST or None, **facts)
        self.act = partial(self.form.carry_out, request.user)

    def respond(self) -> HttpResponse:
        """The form, its effects, or, when exactly these were agreed to, the way to the event."""
        if self.request.method != "POST":
            return self._show()
        token = self.request.POST.get("token", "")
        if url := once.done_at(self.request, token):
            return redirect_with_notice(self.request, url, once.TWICE, level="info")
        if not self.form.is_valid():
            return self._show(invalid=True)
        if not self.form.is_confirmed:
            return self._rehearsed()
        if not once.claim(self.request, token):
            self.form.add_error(None, once.AT_IT)
            return self._show(invalid=True)
        return self._carried_out(token)

    def _rehearsed(self) -> HttpResponse:
        try:
            told = rehearse(self.act)
        except Refused as refusal:
            self.form.add_objections(refusal)
            return self._show(invalid=True)
        return self._show(told)

    def _carried_out(self, token: str) -> HttpResponse:
        with once.acting(self.request, token) as led_to:
            try:
                event, told = carry_out_as_shown(self.act, self.request.POST.get("shown", ""))
            except Refused as refusal:
                self.form.add_objections(refusal)
                return self._show(invalid=True)
            if event is None:
                self.form.add_error(
                    None, "核对之后，有关单位的编制、人员或名额又有变动，尚未办理。请重新核对下面的数字。"
                )
                return self._show(told, invalid=True)
            url = reverse("organizations:event", args=[event.pk])
            led_to(url)
        return redirect_with_notice(self.request, url, f"已办理：{self.unit.known_as}{self.kind.label}。")

    def _show(self, told: Consequences | None = None, *, invalid: bool = False) -> HttpResponse:
        context = {
            "form": self.form,
            "kind": self.kind,
            "unit": self.unit,
            "back": unit_page(self.unit.pk),
            "beside": [(KINDS[key].label, _address(self.unit, key), key == self.kind.key) for key in self.kind.beside],
            "counts": [(n, f"{self.request.path}?shares={n}", n == self.shares) for n in range(1, MOST_SHARES + 1)],
            "effects": shown_effects(self.request, told) if told is not None else None,
            "digest": told.digest if told is not None else "",
        }
        return render_partial(self.request, TEMPLATE, "form", context, invalid=invalid)


def _shares(request: PageRequest) -> int:
    text = request.GET.get("shares", "")
    return min(max(int(text), 1), MOST_SHARES) if text.isascii() and text.isdigit() and len(text) < 3 else 2


def holdings_of(request: PageRequest, unit: Organization) -> Holdings:
    """Figures, people and internal bodies of a unit today."""
    day, pk = request.today, unit.pk
    used = {**quota_use([pk], day), **post_use([pk], day)}
    figures = {measure: use for (_, measure), use in used.items() if use != NO_USE}
    rows: list[Any] = list(on_quota_rows(day).filter(organization=pk).order_by("internal_body", "pk"))
    rows.sort(key=lambda row: (row.internal_body_id is None, row.body_sort or 0))
    held = positions_on([row.person_id for row in rows], day)
    bodies = body_names([row.internal_body_id for row in rows if row.internal_body_id], day)
    members = [
        member_of(
            row,
            bodies.get(row.internal_body_id or 0, ""),
            "、".join(each.position for each in held.get(row.person_id, ()) if each.organization_id == pk),
        )
        for row in rows
    ]
    return Holdings(figures, members, bodies)


def shown_effects(request: PageRequest, told: Consequences, *, is_done: bool = False) -> dict[str, Any]:
    """What an event did, in words, as far as it lies within the user's scope; `is_done` gives links to movements."""
    reach = visible_organization_ids(request.user, request.today)

    def may_see(organization_id: int | None) -> bool:
        return reach is None or organization_id in reach

    names = {unit.organization_id: unit.name for unit in told.units}
    people = [
        {
            "name": each.movement.person.name,
            "quota": quota_label(old.quota_type) if (old := each.movement.from_occupancy) else "",
            "body": each.body,
            "source": names.get(each.source, "") if may_see(each.source) else OUTSIDE,
            "target": (names.get(each.target, "") if may_see(each.target) else OUTSIDE) if each.target else "",
            "mode": mode_label(each.movement),
            "number": each.movement.number if is_done else "",
            "url": movement_url(each.movement) if is_done else "",
        }
        for each in told.moved
        if may_see(each.source) or may_see(each.target)
    ]
    return {
        "day": told.day,
        "units": [unit for unit in told.units if may_see(unit.organization_id)],
        "people": people,
        "ended": [row for row in told.ended if may_see(row.organization_id)],
        "returned": [slot for slot in told.returned if may_see(slot.organization_id)],
        "engaged": told.engaged,
        "released": told.released,
    }


def effects_panel(request: PageRequest, event: ReorganizationEvent) -> SafeString:
    """On the page of an event: figures before and after, people, posts, slots."""
    if event.kind not in TOLD:
        return SafeString("")
    context = {"effects": shown_effects(request, consequences(event), is_done=True)}
    return render_to_string("personnel/reorganize_event.html", context, request=request)


def entries_panel(request: PageRequest, event: ReorganizationEvent) -> SafeString:
    """On the page of an event: the ledger entries posted for it."""
    visible = visible_entries(request.user, request.today)
    entries = list(entries_of(event).filter(pk__in=visible.values("pk")))
    if not entries:
        return SafeString("")
    found = gists([entry.pk for entry in entries], request.today, user=request.user)
    context = {"entries": [(entry, found[entry.pk]) for entry in entries], "more": 0}
    return render_to_string("personnel/reorganize_entries.html", context, request=request)

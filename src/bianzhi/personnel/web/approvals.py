"""用编核准: the slips, their slots, the printed notice, giving a slot back."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.parameters import SLOT_WARNING_DAYS
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.dialog_texts import typed
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, TextFilter
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.common.web.tones import tone_of
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.rules.quota_types import quota_types
from bianzhi.organizations.scopes import restrict
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import ApprovalSlot, SlotState, StaffingApproval
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.dossier import body_names
from bianzhi.personnel.selectors.slots import HELD, days_left, entrants, is_held, state_on
from bianzhi.personnel.services.slots import PENDING, return_slot
from bianzhi.personnel.web.filters import UnitFilter
from bianzhi.personnel.web.links import approval_url, document_url, unit_page, unit_url
from bianzhi.personnel.web.words import quota_choices

Rows = QuerySet[Any]
STATES = [*SlotState.choices, ("held", HELD)]


def in_state(rows: Rows, state: str) -> Rows:
    """Slots in a state as it is shown: those of a slip that is only held are 预占待核准, not 有效."""
    pending = Q(state__in=PENDING, approval__confirmed_on__isnull=True)
    return rows.filter(pending) if state == "held" else rows.filter(state=state).exclude(pending)


def _person_url(row: Any) -> str | None:
    return reverse("personnel:person", args=[row.entrant.person_id]) if row.entrant else None


def _days(row: Any) -> SafeString | str:
    if row.days is None:
        return "—"
    tone = "warn" if row.days <= row.warn_within else "neutral"
    return format_html('<span class="tag tag-{}">{} 天</span>', tone, row.days)


def _states(row: Any) -> SafeString:
    return format_html_join(
        " ",
        '<span class="tag tag-{}">{} {}</span>',
        ((tone_of(word).value, word, number) for word, number in row.states),
    )


class SlotList(ListPage):
    """Every slot within the user's scope, newest slip first."""

    key = "personnel.slots"
    title = "核准名额"
    noun = "个"
    columns = (
        Column("number", "名额号", order="number", link=approval_url, width=28),
        Column("unit", "用编单位", "unit_name", link=unit_url, width=28),
        Column("quota_type", "编制类型", lambda row: quota_label(row.quota_type), order="quota_type", width=16),
        Column("entry_mode", "进入形式", lambda row: codes("entry_mode").label(row.entry_mode), order="entry_mode"),
        Column("body", "内设机构", "body_name", shown=False),
        Column("confirmed", "核准日期", "approval.confirmed_on", kind="date", order="approval__confirmed_on", width=12),
        Column("until", "有效期至", "approval.valid_until", kind="date", order="approval__valid_until", width=12),
        Column("days", "剩余", "days", render=_days, width=8),
        Column("state", "状态", "state_word", kind="status", order="state", width=14),
        Column("replaces", "接替人员", "replaces.name", width=12),
        Column("entrant", "入编人员", "entrant.person.name", link=_person_url, width=12),
        Column("released", "释放日期", "released_on", kind="date", shown=False, width=12),
        Column("reason", "释放原因", "release_reason", shown=False),
    )
    filters = (
        UnitFilter(key="unit", label="用编单位（含下级）"),
        ChoiceFilter(key="state", label="状态", choices=STATES, narrow=in_state),
        ChoiceFilter(key="quota_type", label="编制类型", choices=quota_choices(), narrow="quota_type"),
        ChoiceFilter(
            key="mode", label="进入形式", choices=codes("entry_mode").choices(), narrow="entry_mode", more=True
        ),
        DateRangeFilter(key="until", label="有效期至", field="approval__valid_until", more=True),
    )
    search_fields = ("number", "replaces__name")
    search_hint = "名额号、接替人员"
    ordering = ("-approval__issued_on", "number")
    export_permission = "reports.export"
    template = "personnel/slots.html"
    empty_title = "还没有核准名额"
    empty_text = "核发用编核准单后，名额列在这里。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Names, state, days left and who came, for one page of slots."""
        return dressed(rows, self.request)


def dressed(rows: list[Any], request: PageRequest) -> list[Any]:
    """Slots with the names and words a table shows; five queries however many slots."""
    units = names_on({row.organization_id for row in rows}, request.as_of)
    bodies = body_names({row.internal_body_id for row in rows if row.internal_body_id}, request.as_of)
    came = entrants([row.pk for row in rows])
    warn_within = SLOT_WARNING_DAYS.number
    for row in rows:
        row.unit_name = units.get(row.organization_id, "")
        row.body_name = bodies.get(row.internal_body_id, "")
        row.entrant = came.get(row.pk)
        row.days = days_left(row, request.as_of)
        row.warn_within = warn_within
        row.state_word = state_on(row, request.as_of)
        row.may_return = row.state in PENDING and row.days is not None and not is_held(row)
        row.pk_text = str(row.pk)
    return rows


class ApprovalList(ListPage):
    """Every slip within the user's scope with the states of its slots."""

    key = "personnel.approvals"
    title = "用编核准"
    noun = "份"
    columns = (
        Column("number", "核准单号", order="number", link=approval_url, width=24),
        Column("unit", "用编单位", "unit_name", link=unit_url, width=30),
        Column("content", "核准内容", "content", width=36),
        Column("count", "名额", "count", kind="number", width=8),
        Column("states", "使用情况", lambda row: "、".join(f"{word}{n}" for word, n in row.states), render=_states),
        Column("confirmed", "核准日期", "confirmed_on", kind="date", order="confirmed_on", width=12),
        Column("until", "有效期至", "valid_until", kind="date", order="valid_until", width=12),
        Column("document", "依据文件", "document.doc_no", width=24),
        Column("purpose", "用途说明", shown=False),
    )
    filters = (
        UnitFilter(key="unit", label="用编单位（含下级）"),
        ChoiceFilter(
            key="state",
            label="名额状态",
            choices=STATES,
            narrow=lambda rows, state: rows.filter(
                pk__in=in_state(ApprovalSlot.objects.all(), state).values("approval_id")
            ),
        ),
        TextFilter(key="document", label="依据文号", narrow="document__doc_no__icontains", more=True),
        DateRangeFilter(key="confirmed", label="核准日期", field="confirmed_on", more=True),
        DateRangeFilter(key="until", label="有效期至", field="valid_until", more=True),
    )
    search_fields = ("number", "purpose")
    search_hint = "核准单号、用途"
    ordering = ("-issued_on", "-pk")
    export_permission = "reports.export"
    template = "personnel/approvals.html"
    empty_title = "还没有用编核准单"
    empty_text = "单位有可用编制时，可以核发用编核准单。"

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """The units' names and what became of the slots, in two queries."""
        units = names_on({row.organization_id for row in rows}, self.request.as_of)
        slots: dict[int, list[ApprovalSlot]] = {}
        for slot in ApprovalSlot.objects.filter(approval__in=rows).select_related("approval"):
            slots.setdefault(slot.approval_id, []).append(slot)
        for row in rows:
            own = slots.get(row.pk, [])
            row.unit_name = units.get(row.organization_id, "")
            row.count = len(own)
            row.states = sorted(Counter(state_on(slot, self.request.as_of) for slot in own).items())
            kinds = Counter((slot.quota_type, slot.entry_mode) for slot in own)
            row.content = "；".join(
                f"{quota_label(quota)} {number} 名（{codes('entry_mode').label(mode)}）"
                for (quota, mode), number in sorted(kinds.items())
            )
        return rows


@page("approvals.view")
@require_safe
def approvals(request: PageRequest) -> HttpResponseBase:
    """The list of slips issued by the shown day."""
    rows = StaffingApproval.objects.filter(issued_on__lte=request.as_of).select_related("document")
    return ApprovalList(request, restrict(rows, request.user, day=request.as_of)).respond()


@page("approvals.view")
@require_safe
def slots(request: PageRequest) -> HttpResponseBase:
    """The list of slots."""
    rows = ApprovalSlot.objects.filter(approval__issued_on__lte=request.as_of).select_related("approval", "replaces")
    return SlotList(request, restrict(rows, request.user, day=request.as_of)).respond()


def _approval(request: PageRequest, pk: int) -> tuple[StaffingApproval, list[Any]]:
    """A slip within the user's scope and its slots, ready to be shown; Http404."""
    rows = StaffingApproval.objects.select_related("document", "plan_item__plan")
    found = get_object_or_404(restrict(rows, request.user), pk=pk)
    own = list(found.slots.select_related("approval", "replaces").order_by("number"))
    return found, dressed(own, request)


@page("approvals.view")
@require_safe
def approval(request: PageRequest, pk: int) -> HttpResponse:
    """One slip with its slots."""
    found, own = _approval(request, pk)
    unit_name = names_on([found.organization_id], request.as_of).get(found.organization_id, "")
    document = found.document
    facts = [
        ("用编单位", unit_name, unit_page(found.organization_id)),
        ("核准日期", found.confirmed_on.isoformat() if found.confirmed_on else f"{HELD}（{found.issued_on} 受理）"),
        ("有效期至", found.valid_until.isoformat()),
        ("名额", f"{len(own)} 个"),
        ("依据文件", document.doc_no, document_url(document)) if document else ("依据文件", ""),
        ("用途说明", found.purpose),
    ]
    context = {"approval": found, "slots": own, "facts": facts, "unit_name": unit_name}
    return render(request, "personnel/approval.html", context)


@page("approvals.view")
@require_safe
def approval_print(request: PageRequest, pk: int) -> HttpResponse:
    """《用编核准通知单》 for paper; a slip only held is none yet."""
    found, own = _approval(request, pk)
    if found.confirmed_on is None:
        raise Http404
    kinds: dict[tuple[str, str, str], list[Any]] = {}
    for slot in own:
        key = (quota_types()[slot.quota_type].label, codes("entry_mode").label(slot.entry_mode), slot.body_name)
        kinds.setdefault(key, []).append(slot)
    context = {
        "approval": found,
        "slots": own,
        "kinds": [(*key, len(slots_of_kind)) for key, slots_of_kind in kinds.items()],
        "unit_name": names_on([found.organization_id], found.issued_on).get(found.organization_id, ""),
    }
    return render(request, "personnel/approval_print.html", context)


@page("approvals.issue")
@require_POST
def give_back(request: PageRequest, pk: int) -> HttpResponse:
    """Give an unused slot back, with the reason."""
    slot = get_object_or_404(restrict(ApprovalSlot.objects.select_related("approval"), request.user), pk=pk)
    try:
        return_slot(actor=request.user, today=request.today, slot_id=slot.pk, reason=typed(request, "reason"))
    except Refused as refusal:
        return redirect_with_notice(request, approval_url(slot), str(refusal), level="error")
    return redirect_with_notice(request, approval_url(slot), f"名额 {slot.number} 已退回，空出的编制可另行核准。")

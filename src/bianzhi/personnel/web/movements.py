"""人员变动: the list of movements, the page of one, its printed notice, and its reversal."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.audit.models import AuditEntry
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage, LookupFilter
from bianzhi.common.web.lists.filters import Filter, Rows
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.masking import mask_id_number
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.organizations.selectors.tree import OrganizationTree
from bianzhi.organizations.selectors.units import names_on
from bianzhi.personnel.models import Movement, MovementFamily, Occupancy
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.dossier import body_names
from bianzhi.personnel.services.corrections import CorrectionBasis, reverse_movement
from bianzhi.personnel.services.decisions import Outcome
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.filters import named
from bianzhi.personnel.web.forms.movements import ReversalForm
from bianzhi.personnel.web.links import document_url, movement_url, person_url, unit_page
from bianzhi.personnel.web.words import mode_label

MODES = [
    *codes("entry_mode").choices(),
    *codes("internal_mode").choices(),
    *codes("exit_mode").choices(),
]
NOTICES = {
    MovementFamily.ENTRY: ("入编通知单", "personnel/notice_entry.html"),
    MovementFamily.EXIT: ("人员编制核销回执", "personnel/notice_exit.html"),
    MovementFamily.INTERNAL: ("人员调动通知单", "personnel/notice_transfer.html"),
}


def at_units(ids: Iterable[int]) -> Q:
    """Condition that a movement left or reached one of the units, or one of a position there."""
    wanted = set(ids)
    return Q(from_occupancy__organization_id__in=wanted) | Q(to_occupancy__organization_id__in=wanted)


class MovementUnitFilter(LookupFilter):
    """A unit with everything below it, whichever side of the movement it is on."""

    def apply(self, rows: Rows, request: PageRequest) -> Rows:
        unit = self._found(request)
        if unit is None:
            return LookupFilter.apply(self, rows, request)
        tree = OrganizationTree.as_of(request.as_of)
        return rows.filter(at_units({unit.pk, *tree.descendants(unit.pk, supervised=True)}))


def _family(row: Any) -> SafeString | str:
    marks = "".join(
        f' <span class="tag tag-{tone}">{word}</span>'
        for is_so, tone, word in ((row.is_reversed, "neutral", "已冲正"), (row.is_overdue, "bad", "超期办理"))
        if is_so
    )
    return format_html("{}" + marks, row.get_family_display())


class MovementList(ListPage):
    """Every movement within the user's scope, newest first."""

    key = "personnel.movements"
    title = "人员变动"
    noun = "笔"
    columns = (
        Column("number", "业务编号", order="number", link=movement_url, width=16),
        Column("effective", "生效日期", "effective_on", kind="date", order="effective_on", width=12),
        Column("family", "种类", "get_family_display", render=_family, order="family", width=12),
        Column("mode", "形式", mode_label, order="mode", width=16),
        Column("person", "姓名", "person.name", link=person_url, order="person__name_initials", width=12),
        Column("from", "转出单位", "left", width=28),
        Column("to", "转入单位", "reached", width=28),
        Column("quota", "编制类型", "quota", width=16),
        Column("filed", "办理日期", "filed_on", kind="date", order="filed_on", shown=False, width=12),
        Column("event", "事由发生日期", "event_on", kind="date", order="event_on", shown=False, width=14),
        Column("overdue", "超期办理", "is_overdue", shown=False, width=10),
        Column("document", "依据文件", "document.doc_no", link=lambda row: document_url(row.document), width=24),
        Column("reason", "说明", shown=False, width=24),
    )
    filters: ClassVar[Sequence[Filter]] = (
        MovementUnitFilter(key="unit", label="单位（含下级）", lookup="organization", narrow=""),
        ChoiceFilter(key="family", label="种类", choices=MovementFamily.choices, narrow="family"),
        ChoiceFilter(key="mode", label="形式", choices=MODES, narrow="mode"),
        DateRangeFilter(key="effective", label="生效日期", field="effective_on", more=True),
        DateRangeFilter(key="filed", label="办理日期", field="filed_on", more=True),
        ChoiceFilter(
            key="overdue",
            label="是否超期",
            choices=[("1", "超期办理")],
            narrow=lambda rows, _: rows.filter(is_overdue=True),
            more=True,
        ),
    )
    search_fields = ("number", "person__name")
    search_hint = "业务编号、姓名"
    ordering = ("-effective_on", "-pk")
    export_permission = "reports.export"
    template = "personnel/movements.html"
    empty_title = "还没有人员变动"
    empty_text = "办理入编、调动、出编后列在这里。"

    def search(self, rows: Rows, text: str) -> Rows:
        """By number, or by the person's name or initials."""
        by_number = rows.filter(number__iendswith=text) if text[-1:].isdigit() else rows.none()
        return by_number if by_number.exists() else named(rows, text)

    def prepare(self, rows: list[Any]) -> Iterable[Any]:
        """Units by name, and whether each was reversed, in two queries."""
        return dressed(rows, self.request)

    def row_css(self, row: Any) -> str:
        """Reversed movements stand pale."""
        return "is-past" if row.is_reversed else ""


def dressed(rows: list[Any], request: PageRequest) -> list[Any]:
    """Movements with the names a table shows."""
    sides = [side for row in rows for side in (row.from_occupancy, row.to_occupancy) if side is not None]
    names = names_on({side.organization_id for side in sides}, request.as_of)
    reversed_ids = set(
        Movement.objects.filter(reverses__in=[row.pk for row in rows]).values_list("reverses_id", flat=True)
    )
    for row in rows:
        row.left = names.get(row.from_occupancy.organization_id, "") if row.from_occupancy else ""
        row.reached = names.get(row.to_occupancy.organization_id, "") if row.to_occupancy else ""
        side = row.to_occupancy or row.from_occupancy
        row.quota = quota_label(side.quota_type) if side else ""
        row.is_reversed = row.pk in reversed_ids
    return rows


def visible_movements(request: PageRequest) -> QuerySet[Movement]:
    """Movements within the user's scope: from or to its units; of positions, by the person's unit."""
    rows = Movement.objects.select_related("person", "document", "from_occupancy", "to_occupancy")
    ids = visible_organization_ids(request.user, request.as_of)
    if ids is None:
        return rows
    without_sides = Q(from_occupancy__isnull=True, to_occupancy__isnull=True)
    stays = Occupancy.objects.open_ended().filter(organization_id__in=ids)
    return rows.filter(at_units(ids) | (without_sides & Q(person_id__in=stays.values("person_id"))))


@page("personnel.view")
@require_safe
def movements(request: PageRequest) -> HttpResponseBase:
    """The list of movements effective by the shown day; of today's view those of later days too."""
    rows = visible_movements(request)
    if request.as_of != request.today:
        rows = rows.filter(effective_on__lte=request.as_of)
    return MovementList(request, rows).respond()


def _visible(request: PageRequest, pk: int) -> Movement:
    rows = visible_movements(request).select_related(
        "person", "document", "from_occupancy", "to_occupancy", "slot__approval", "reverses", "reversed_by", "event"
    )
    return get_object_or_404(rows, pk=pk)


@page("personnel.view")
@require_safe
def movement(request: PageRequest, pk: int) -> HttpResponse:
    """One movement: what it did, by which document, who recorded it."""
    found = _visible(request, pk)
    reversal = Movement.objects.filter(reverses=found).first()
    context = {
        "movement": found,
        "facts": _facts(request, found),
        "sides": _sides(request, found),
        "reversal": reversal,
        "has_notice": found.family in NOTICES and found.reverses_id is None and found.mode != "T05",
        "notice": NOTICES.get(MovementFamily(found.family), ("", ""))[0],
        "may_reverse": request.user.can("personnel.move")
        and reversal is None
        and found.family in NOTICES
        and (found.from_occupancy_id is not None or found.to_occupancy_id is not None),
        "records": _records(found) if request.user.sees_everything() else [],
    }
    return render(request, "personnel/movement.html", context)


def _facts(request: PageRequest, found: Movement) -> list[tuple[Any, ...]]:
    document = found.document
    facts: list[tuple[Any, ...]] = [
        ("姓名", found.person.name, reverse("personnel:person", args=[found.person_id])),
        ("种类", found.get_family_display()),
        ("形式", mode_label(found)),
        ("事由发生日期", found.event_on.isoformat()),
        ("生效日期", found.effective_on.isoformat()),
        ("办理日期", f"{found.filed_on}{'（超期办理）' if found.is_overdue else ''}"),
        ("依据文件", document.doc_no, document_url(document)),
        ("文件标题", document.title),
        ("证明材料", "、".join(found.evidence)),
        ("说明", found.reason),
    ]
    if found.slot is not None:
        facts.append(("核准名额", found.slot.number, reverse("personnel:approval", args=[found.slot.approval_id])))
    if found.reverses is not None:
        facts.append(("冲正对象", found.reverses.number, movement_url(found.reverses)))
    return facts


def _sides(request: PageRequest, found: Movement) -> list[tuple[str, list[tuple[Any, ...]]]]:
    """The place left and the place reached."""
    sides = [("转出", found.from_occupancy), ("转入", found.to_occupancy)]
    names = names_on({side.organization_id for _, side in sides if side}, request.as_of)
    bodies = body_names({side.internal_body_id for _, side in sides if side and side.internal_body_id}, request.as_of)
    return [
        (
            title,
            [
                ("单位", names.get(side.organization_id, ""), unit_page(side.organization_id)),
                ("内设机构", bodies.get(side.internal_body_id or 0, "")),
                ("编制类型", quota_label(side.quota_type)),
                ("占编起", side.valid_from.isoformat()),
            ],
        )
        for title, side in sides
        if side is not None
    ]


def _records(found: Movement) -> list[Any]:
    """Who recorded it: the audit entries about the person that name this movement."""
    rows = AuditEntry.objects.filter(
        subject_kind="personnel.person", subject_id=str(found.person_id), facts__contains=found.number
    )
    return list(rows.order_by("seq")[:5])


@page("personnel.view")
@require_safe
def notice(request: PageRequest, pk: int) -> HttpResponse:
    """《入编通知单》, 《核销回执》 or 《调动通知单》 for paper."""
    found = _visible(request, pk)
    if found.family not in NOTICES:
        raise Http404("这类业务没有通知单。")
    title, template = NOTICES[MovementFamily(found.family)]
    sides = [side for side in (found.from_occupancy, found.to_occupancy) if side is not None]
    names = names_on({side.organization_id for side in sides}, found.effective_on)
    bodies = body_names({side.internal_body_id for side in sides if side.internal_body_id}, found.effective_on)
    context = {
        "movement": found,
        "title": title,
        "mode": mode_label(found),
        "masked_number": mask_id_number(found.person.id_number),
        "units": names,
        "bodies": bodies,
        "is_void": Movement.objects.filter(reverses=found).exists(),
    }
    return render(request, template, context)


@page("personnel.move", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def reverse_page(request: PageRequest, pk: int) -> HttpResponse:
    """冲正 of a movement, with reason and document."""
    found = _visible(request, pk)
    form = ReversalForm(request.POST or None, user=request.user)

    def act() -> Outcome:
        basis = CorrectionBasis(form.approval_document(request.user), form.cleaned_data["reason"])
        return reverse_movement(actor=request.user, today=request.today, movement_id=found.pk, basis=basis)

    def done(outcome: Outcome) -> Done:
        return Done(movement_url(outcome.movement), f"已冲正 {found.number}，冲正编号 {outcome.movement.number}。")

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=done,
        title=f"冲正 {found.number}",
        submit="确认冲正",
        back=movement_url(found),
        facts=_facts(request, found),
        lead="冲正后该业务视为未曾发生：它结束的占编恢复；它开始的占编作废，由此登记的在岗情况、借出也作废；"
        "使用的名额退回有效。原记录保留，不删除（R26）。",
        context={"crumb": (found.number, movement_url(found))},
    ).respond()

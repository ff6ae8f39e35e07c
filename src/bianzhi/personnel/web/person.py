"""The page of one person: who it is, where the person stands on the shown day, and every period with its document."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from bianzhi.audit import catalogue
from bianzhi.audit.selectors import entries_about
from bianzhi.common.field_classes import FieldClass
from bianzhi.common.web import tabs
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import render_partial
from bianzhi.kernel.codesets import codes
from bianzhi.kernel.retirement import months_until
from bianzhi.personnel.models import Person
from bianzhi.personnel.rules.units import quota_label
from bianzhi.personnel.selectors.dossier import Dossier, dossier_of
from bianzhi.personnel.selectors.people import visible_persons
from bianzhi.personnel.selectors.retirements import category_of, retirement_month
from bianzhi.personnel.services.persons import reveal_id_number
from bianzhi.personnel.web.acting import as_one
from bianzhi.personnel.web.forms.persons import RevealForm
from bianzhi.personnel.web.links import approval_url, document_url, movement_url, unit_page
from bianzhi.personnel.web.words import age_on, grade_words, mode_label, schooling_words, states_of

RECORDS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of the timeline."""

    date: date
    title: str
    text: str
    document: Any = None
    url: str = ""


def visible_person(request: PageRequest, pk: int) -> Person:
    """A person within the user's scope on the shown day; Http404, so that scope does not leak."""
    person: Person = get_object_or_404(visible_persons(request.user, request.as_of), pk=pk)
    return person


@page("personnel.view")
@require_safe
def person(request: PageRequest, pk: int) -> HttpResponse:
    """One person as of the shown day."""
    dossier = dossier_of(visible_person(request, pk), request.as_of)
    shown = dossier.person
    context = {
        "person": shown,
        "dossier": dossier,
        "standing": standing_of(dossier),
        "states": _states(dossier),
        "identity": [*_identity(shown, request.as_of), *_career(shown)],
        "phone": FieldClass.CONTACT.mask(shown.phone),
        "timeline": sorted(_timeline(dossier), key=lambda each: each.date, reverse=True),
        "records": _records(request, shown),
        "panels": [each for each in tabs.panels_for(request, "person", shown) if each.strip()],
        "acts_are_open": not request.as_of_is_past,
    }
    return render(request, "personnel/person.html", context)


@page("personnel.reveal")
@require_http_methods(["GET", "POST"])
def reveal(request: PageRequest, pk: int) -> HttpResponse:
    """The whole ID number for a stated purpose; every look is on record."""
    found = get_object_or_404(visible_persons(request.user, request.today), pk=pk)
    form = RevealForm(request.POST or None)
    number = ""
    if request.method == "POST" and form.is_valid():
        purpose = form.cleaned_data["purpose"]
        number = as_one(lambda: reveal_id_number(actor=request.user, person_id=found.pk, purpose=purpose))
    context = {"person": found, "form": form, "number": number}
    invalid = request.method == "POST" and not number
    return render_partial(request, "personnel/reveal.html", "number", context, invalid=invalid)


def standing_of(dossier: Dossier) -> list[tuple[Any, ...]]:
    """Where the person stands: unit, body, quota, position, since when."""
    occupancy = dossier.occupancy
    if occupancy is None:
        return _standing_outside(dossier)
    document = occupancy.entry_document
    facts: list[tuple[Any, ...]] = [
        ("单位", dossier.unit(occupancy.organization_id), unit_page(occupancy.organization_id)),
        ("内设机构", dossier.body(occupancy.internal_body_id)),
        ("编制类型", quota_label(occupancy.quota_type)),
        ("职务", "、".join(each.position for each in dossier.positions)),
        ("职级（岗位等级）", grade_words(dossier.person)),
        ("入编时间", occupancy.valid_from.isoformat()),
        ("进入形式", codes("entry_mode").label(occupancy.entry_mode)),
        ("入编依据", document.doc_no, document_url(document)),
    ]
    if occupancy.slot is not None:
        facts.append(("核准名额", occupancy.slot.number, approval_url(occupancy.slot)))
    if occupancy.term_until is not None:
        facts.append(("使用期限", occupancy.term_until.isoformat()))
    if (month := retirement_month(dossier.person)) is not None:
        words = f"{month.year}年{month.month}月（{_remaining(months_until(dossier.day, month))}）"
        facts.append(("预计退休", words))
    return facts


def _standing_outside(dossier: Dossier) -> list[tuple[Any, ...]]:
    engagement, last = dossier.engagement, dossier.last_occupancy
    if engagement is not None:
        return [
            ("用工单位", dossier.unit(engagement.organization_id), unit_page(engagement.organization_id)),
            ("种类", engagement.get_kind_display()),
            ("岗位", engagement.position),
            ("开始日期", engagement.valid_from.isoformat()),
            ("依据文件", engagement.document.doc_no, document_url(engagement.document)),
        ]
    if last is None:
        return [("占编", "没有占编记录")]
    facts: list[tuple[Any, ...]] = [
        ("原单位", dossier.unit(last.organization_id), unit_page(last.organization_id)),
        ("出编类型", codes("exit_mode").label(last.exit_mode)),
        ("出编日期", last.valid_to.isoformat() if last.valid_to else ""),
        ("去向", last.exit_destination),
    ]
    if last.exit_document is not None:
        facts.append(("出编依据", last.exit_document.doc_no, document_url(last.exit_document)))
    return facts


def _remaining(months: int) -> str:
    if months < 0:
        return f"已过 {-months} 个月"
    return (
        "本月"
        if months == 0
        else f"还有 {months // 12} 年 {months % 12} 个月"
        if months >= 12
        else f"还有 {months} 个月"
    )


def _states(dossier: Dossier) -> list[str]:
    occupancy = dossier.occupancy
    if occupancy is not None:
        words = states_of(occupancy, dossier.duty, dossier.lent, dossier.day)
        if dossier.duty is not None and dossier.duty.reason:
            words.append(codes("off_duty_reason").label(dossier.duty.reason))
        flags = [(each.is_high_rank, "高配") for each in dossier.positions]
        flags += [(each.exceeds_posts, "超职数") for each in dossier.positions]
        return words + [word for is_so, word in flags if is_so]
    if dossier.engagement is not None:
        return [dossier.engagement.get_kind_display(), *(["超控制数"] if dossier.engagement.over_cap else [])]
    last = dossier.last_occupancy
    return states_of(last, None, None, dossier.day, left=True) if last is not None else ["不在编"]


def _identity(shown: Person, day: date) -> list[tuple[Any, ...]]:
    certified = shown.certified_born_on
    return [
        ("性别", codes("sex").label(shown.sex)),
        ("出生日期", f"{shown.born_on}（{age_on(shown.born_on, day)} 岁）"),
        ("档案认定出生日期", certified.isoformat() if certified else ("已认定" if shown.identity_certified else "")),
        ("民族", codes("ethnicity").label(shown.ethnicity)),
        ("籍贯", shown.native_place),
        ("政治面貌", codes("politics").label(shown.politics)),
        ("加入时间", _day(shown.joined_party_on)),
        ("备注", shown.remark),
    ]


def _day(value: date | None) -> str:
    return value.isoformat() if value else ""


def _career(shown: Person) -> list[tuple[Any, ...]]:
    in_service = f"{codes('schooling').label(shown.schooling_in_service)} {shown.school_in_service}".strip()
    full_time = f"{codes('schooling').label(shown.schooling_full_time)} {shown.school_full_time}".strip()
    return [
        ("人员身份", codes("person_identity").label(shown.identity)),
        ("参加工作时间", _day(shown.started_work_on)),
        ("公务员登记时间", _day(shown.civil_service_registered_on)),
        ("最高学历", schooling_words(shown)),
        ("全日制教育", full_time),
        ("全日制学位", codes("degree").label(shown.degree_full_time)),
        ("在职教育", in_service),
        ("在职学位", codes("degree").label(shown.degree_in_service)),
        ("专业技术资格", shown.professional_title),
        ("退休类别", codes("retirement_category").label(category_of(shown)) if shown.sex in ("1", "2") else ""),
    ]


def _timeline(dossier: Dossier) -> Iterator[Happening]:
    for movement in dossier.movements:
        unit = dossier.unit(movement.to_occupancy.organization_id) if movement.to_occupancy else ""
        left = dossier.unit(movement.from_occupancy.organization_id) if movement.from_occupancy else ""
        text = f"{left} → {unit}" if left and unit and left != unit else unit or left
        title = f"{movement.get_family_display()}·{mode_label(movement)}"
        yield Happening(movement.effective_on, title, text, movement.document, movement_url(movement))
    for appointment in dossier.appointments:
        if appointment.superseded_at is None:
            unit = dossier.unit(appointment.organization_id)
            yield Happening(appointment.valid_from, f"任{appointment.position}", unit, appointment.document)
            if appointment.valid_to is not None:
                document = appointment.end_document
                yield Happening(appointment.valid_to, f"免去{appointment.position}", unit, document)
    for duty in dossier.duties:
        if duty.superseded_at is None:
            reason = codes("off_duty_reason").label(duty.reason) or duty.note
            yield Happening(duty.valid_from, codes("duty_state").label(duty.state), reason, duty.document)
    yield from _changes_by_act(dossier)


def _changes_by_act(dossier: Dossier) -> list[Happening]:
    """Changes of one day and document as one line."""
    acts: dict[tuple[date, int | None], list[Any]] = {}
    for change in dossier.changes:
        acts.setdefault((change.effective_on, change.document_id), []).append(change)
    return [
        Happening(day, "信息变更", "、".join(field_label(each.field) for each in rows), rows[0].document)
        for (day, _), rows in acts.items()
    ]


def field_label(name: str) -> str:
    """How the field of a person is called."""
    return str(getattr(Person._meta.get_field(name), "verbose_name", name))


def _records(request: PageRequest, shown: Person) -> list[dict[str, Any]]:
    """The last acts upon the person, for the office; who looked at the ID number is among them."""
    if not request.user.sees_everything():
        return []
    rows = entries_about(shown)[:RECORDS_SHOWN]
    return [
        {"at": row.recorded_at, "actor": row.actor_name, "action": catalogue.label(row.action), "seq": row.seq}
        for row in rows
    ]


def back_to(found: Person) -> str:
    """The page of a person."""
    return reverse("personnel:person", args=[found.pk])

"""信息变更 of locked fields by a document (R14), and the unit's own fields without one (R15)."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import PageRequest, page
from bianzhi.documents.web.direct import DIRECT
from bianzhi.kernel.masking import mask_id_number
from bianzhi.personnel.models import Person, PersonChange
from bianzhi.personnel.services.persons import change_locked_fields, change_soft_fields
from bianzhi.personnel.web.acting import ActPage, Done, at_present
from bianzhi.personnel.web.forms.persons import LockedChangeForm, SoftChangeForm
from bianzhi.personnel.web.person import back_to, field_label, visible_person


@page("personnel.change", also=DIRECT)
@require_http_methods(["GET", "POST"])
@at_present
def change(request: PageRequest, pk: int) -> HttpResponse:
    """信息变更."""
    found = visible_person(request, pk)
    form = LockedChangeForm(
        request.POST or None, user=request.user, person=found, initial={"effective_on": request.today}
    )
    return _page(
        request,
        form,
        partial(_change_locked, request, form, found),
        found,
        title=f"{found.name}　信息变更",
        lead="姓名、身份证号、出生日期、参加工作时间、人员身份等为锁定信息，须凭文件变更，原值保留备查（R14）。",
    )


@page("personnel.change")
@require_http_methods(["GET", "POST"])
@at_present
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """The unit's own fields."""
    found = visible_person(request, pk)
    form = SoftChangeForm(request.POST or None, user=request.user, person=found)
    return _page(
        request,
        form,
        partial(_change_soft, request, form, found),
        found,
        title=f"{found.name}　更新一般信息",
        lead="学历、职级、岗位等信息变化后应在 10 个工作日内更新（R15）；原值保留备查。",
    )


def _change_locked(request: PageRequest, form: LockedChangeForm, found: Person) -> list[PersonChange]:
    basis = form.basis(form.approval_document(request.user))
    return change_locked_fields(actor=request.user, person_id=found.pk, changes=form.changes(), basis=basis)


def _change_soft(request: PageRequest, form: SoftChangeForm, found: Person) -> list[PersonChange]:
    return change_soft_fields(actor=request.user, today=request.today, person_id=found.pk, changes=form.changes())


def _page(request: PageRequest, form: Any, act: Any, found: Person, *, title: str, lead: str) -> HttpResponse:
    def done(rows: list[PersonChange]) -> Done:
        names = "、".join(field_label(row.field) for row in rows)
        return Done(back_to(found), f"已变更：{names}。" if rows else "没有需要变更的内容。")

    return ActPage(
        request=request,
        form=form,
        act=act,
        done=done,
        title=title,
        submit="登记变更",
        back=back_to(found),
        lead=lead,
        facts=[("姓名", found.name), ("身份证号", mask_id_number(found.id_number))],
        template="personnel/change.html",
        context={"crumb": (found.name, back_to(found)), "changes": _shown_changes(form) if form.is_bound else []},
    ).respond()


def _shown_changes(form: Any) -> list[dict[str, str]]:
    """Old and new of what would change, in words, for the reader to look over before it is done."""
    if not form.is_valid():
        return []
    return [
        {
            "label": field_label(name),
            "old": _in_words(form, name, getattr(form.person, name)),
            "new": _in_words(form, name, value),
        }
        for name, value in form.changes().items()
    ]


def _in_words(form: Any, name: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    labels = dict(getattr(form.fields[name], "choices", ()))
    return str(labels.get(value, value))

"""Setting up the archive: 全宗 and 门类."""

from collections.abc import Mapping
from typing import Any, Final

from bianzhi.accounts import policies
from bianzhi.archives.models import Category, Fonds, Retention
from bianzhi.archives.rules.archival_code import DEFAULT_PATTERN, objections_to_number, objections_to_pattern
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.kernel.objections import Objection, refuse_if

USUAL_CATEGORIES: Final = (
    ("WS", "文书", Retention.PERMANENT),
    ("ZY", "专业", Retention.THIRTY),
    ("KJ", "会计", Retention.THIRTY),
    ("SX", "声像", Retention.PERMANENT),
)
"""门类 of a 机关 by 机关档案管理规定 (国家档案局令第13号) with the term usually proposed."""


@unit_of_work
def open_fonds(
    *, actor: Actor, number: str, name: str, organization_id: int | None = None, pattern: str = DEFAULT_PATTERN
) -> Fonds:
    """A new 全宗. Its number begins every 档号 and never changes.

    Raises Denied without archives.manage, Refused: archives.fonds_number, archives.fonds_taken, archives.pattern.
    """
    policies.require(actor, "archives.manage")
    fonds = Fonds(number=number.strip(), name=name.strip(), organization_id=organization_id, pattern=pattern.strip())
    refuse_if([*_objections_to_fonds(fonds), *_objections_to_taken_number(fonds)])
    fonds.save()
    facts = {"number": fonds.number, "pattern": fonds.pattern}
    record("archives.fonds_opened", actor=actor, subject=fonds, wrote=[fonds], facts=facts)
    return fonds


@unit_of_work
def change_fonds(*, actor: Actor, fonds_id: int, changes: Mapping[str, Any]) -> Fonds:
    """Another name, body or pattern; codes given before keep their form. Raises as `open_fonds` and TypeError."""
    policies.require(actor, "archives.manage")
    if unknown := set(changes) - {"name", "organization_id", "pattern"}:
        raise TypeError(f"not changeable: {sorted(unknown)}")
    fonds = Fonds.objects.select_for_update().get(pk=fonds_id)
    before = {name: getattr(fonds, name) for name in changes}
    for name, value in changes.items():
        setattr(fonds, name, value.strip() if isinstance(value, str) else value)
    refuse_if(_objections_to_fonds(fonds))
    fonds.save()
    facts = {"before": before, "after": {name: getattr(fonds, name) for name in changes}}
    record("archives.fonds_changed", actor=actor, subject=fonds, wrote=[fonds], facts=facts)
    return fonds


@unit_of_work
def set_category(*, actor: Actor, code: str, name: str, retention: str, is_active: bool = True) -> Category:
    """Add a 门类, or change name, proposed term and use of one; its code stays. Raises Denied, Refused."""
    policies.require(actor, "archives.manage")
    category = Category.objects.select_for_update().filter(code=code.strip()).first() or Category(code=code.strip())
    category.name, category.retention, category.is_active = name.strip(), retention, is_active
    refuse_if(_objections_to_category(category))
    category.save()
    facts = {"code": category.code, "name": category.name, "retention": retention, "is_active": is_active}
    record("archives.category_set", actor=actor, subject=category, wrote=[category], facts=facts)
    return category


@unit_of_work
def set_up(*, actor: Actor, number: str, name: str, organization_id: int | None = None) -> Fonds:
    """The archive of an office from nothing: its fonds and the usual 门类. What is there already stays as it is."""
    known = Fonds.objects.filter(number=number).first()
    for code, title, retention in USUAL_CATEGORIES:
        if not Category.objects.filter(code=code).exists():
            set_category(actor=actor, code=code, name=title, retention=retention)
    return known or open_fonds(actor=actor, number=number, name=name, organization_id=organization_id)


def _objections_to_fonds(fonds: Fonds) -> list[Objection]:
    found = [*objections_to_number(fonds.number), *objections_to_pattern(fonds.pattern), *objections_to_lengths(fonds)]
    if not fonds.name:
        found.append(Objection("archives.fonds_name", "没有填写全宗名称。", next_step="请填写立档单位的全称"))
    return found


def _objections_to_taken_number(fonds: Fonds) -> list[Objection]:
    other = Fonds.objects.filter(number=fonds.number).first()
    if other is None:
        return []
    message = f"全宗号 {fonds.number} 已属于“{other.name}”。"
    return [Objection("archives.fonds_taken", message, next_step="请核对同级档案馆给定的全宗号")]


def _objections_to_category(category: Category) -> list[Objection]:
    found = objections_to_lengths(category)
    if not (category.code.isascii() and category.code.isalnum() and category.code.isupper()):
        message = f"门类代码“{category.code}”应为大写字母，如文书 WS（DA/T 13-2022）。"
        found.append(Objection("archives.category_code", message, next_step="请改用大写字母或字母加数字"))
    if not category.name:
        found.append(Objection("archives.category_name", "没有填写门类名称。", next_step="请填写，如“文书”"))
    if category.retention not in Retention.values:
        found.append(Objection("archives.retention", f"保管期限“{category.retention}”不在永久、30年、10年之内。"))
    return found

"""From draft to archive: a person confirms what an item is, filing gives its 档号, corrections keep their history."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.archives.models import Candidate, CheckOccasion, Fonds, Item, ItemSource, ItemState
from bianzhi.archives.rules.four_properties import Outcome
from bianzhi.archives.rules.marking import UNCHECKED
from bianzhi.archives.services.describing import DESCRIPTIVE, describe, objections_to_description
from bianzhi.archives.services.four_checks import keep_check, outcomes_of
from bianzhi.archives.services.numbers import next_code, series_of_item
from bianzhi.archives.services.relations import relate_by_number
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.kernel.secrecy import mark_in

MANAGE: Final = "archives.manage"
REASON_LENGTH: Final = 4


@unit_of_work
def confirm(*, actor: Actor, item_id: int, facts: Mapping[str, Any], taken: Collection[int] = ()) -> Item:
    """Describe a draft as a person confirms it: `facts` any of `describing.DESCRIBED`, `taken` ids of candidates used.

    The other candidates of a field of which one was taken are set aside. Raises Denied without archives.manage,
    Item.DoesNotExist, TypeError for an unknown name, Refused: archives.not_draft, R27, a text too long, a wrong term.
    """
    policies.require(actor, MANAGE)
    item = _locked(item_id)
    refuse_if(_unless_draft(item))
    changes = describe(item, facts)
    refuse_if(objections_to_description(item))
    item.save()
    fields = _take(item, taken)
    record("archives.described", actor=actor, subject=item, wrote=[item], facts={"changes": changes, "taken": fields})
    outbox.put("search.changed", key=item.pk, payload={"kind": "archives.item", "ids": [item.pk]})
    return item


def _take(item: Item, taken: Collection[int]) -> list[str]:
    chosen = item.candidates.filter(pk__in=list(taken))
    fields = sorted(set(chosen.values_list("field", flat=True)))
    item.candidates.filter(field__in=fields).exclude(pk__in=list(taken)).update(is_taken=False)
    chosen.update(is_taken=True)
    return fields


@unit_of_work
def set_candidate_aside(*, actor: Actor, candidate_id: int) -> Candidate:
    """State that a reading is wrong: it is proposed no longer. Raises Denied, Candidate.DoesNotExist, Refused."""
    policies.require(actor, MANAGE)
    candidate = Candidate.objects.select_related("item").get(pk=candidate_id)
    refuse_if(_unless_draft(candidate.item))
    candidate.is_taken = False
    candidate.save(update_fields=["is_taken"])
    facts = {"field": candidate.field, "value": candidate.value}
    record("archives.candidate_set_aside", actor=actor, subject=candidate.item, facts=facts)
    return candidate


@unit_of_work
def file(*, actor: Actor, item_id: int) -> Item:
    """File a described draft: check its four properties, give it the next 档号 of its series, say what it proves.

    The number is given once and never again; a refused filing uses none. Raises Denied without archives.manage,
    Item.DoesNotExist, Refused: archives.not_draft, archives.code_part, archives.secrecy_unjudged and
    archives.four_properties with every failed test.
    """
    policies.require(actor, MANAGE)
    item = _locked(item_id)
    refuse_if([*_unless_draft(item), *objections_to_description(item), *_unjudged_secrecy(item)])
    series = series_of_item(item)
    item.number, item.code = next_code(series)
    outcomes = outcomes_of(item)
    refuse_if(_objections_to(outcomes))
    item.state = ItemState.FILED
    item.filed_at = timezone.now()
    item.filed_by_id = actor.pk
    item.save()
    record("archives.filed", actor=actor, subject=item, wrote=[item], facts={"code": item.code})
    keep_check(actor=actor, item=item, occasion=CheckOccasion.FILING, outcomes=outcomes)
    relate_by_number(actor=actor, item=item)
    outbox.put("archives.filed", key=item.pk, payload={"id": item.pk, "code": item.code})
    outbox.put("search.changed", key=item.pk, payload={"kind": "archives.item", "ids": [item.pk]})
    return item


@unit_of_work
def correct(*, actor: Actor, item_id: int, changes: Mapping[str, Any], reason: str) -> Item:
    """Put right the description of a filed item (any of DESCRIPTIVE, and organization_id); old and new are kept.

    What the 档号 is made of stays: another term is a matter of appraisal. Raises Denied, Item.DoesNotExist, TypeError
    for another name, Refused: archives.not_filed, archives.no_reason, archives.unchanged, R27.
    """
    policies.require(actor, MANAGE)
    if fixed := set(changes) - {*DESCRIPTIVE, "organization_id"}:
        raise TypeError(f"not correctable: {', '.join(sorted(fixed))}")
    item = _locked(item_id)
    altered = describe(item, changes)
    refuse_if([*_objections_to_correction(item, altered, reason), *objections_to_description(item)])
    item.save()
    facts = {"reason": reason.strip(), "changes": altered}
    record("archives.corrected", actor=actor, subject=item, wrote=[item], facts=facts)
    if "doc_no" in altered:
        relate_by_number(actor=actor, item=item)
    outbox.put("search.changed", key=item.pk, payload={"kind": "archives.item", "ids": [item.pk]})
    return item


@unit_of_work
def index_only(*, actor: Actor, fonds_id: int, facts: Mapping[str, Any]) -> Item:
    """An entry for a record that stays outside: number, title and place of storage, no file (R27); filed at once.

    Raises Denied, Fonds.DoesNotExist, Refused as `file` does and without a place of storage.
    """
    policies.require(actor, MANAGE)
    item = Item(fonds=Fonds.objects.get(pk=fonds_id), source=ItemSource.INDEX_ONLY)
    describe(item, facts)
    refuse_if(objections_to_description(item))
    item.save()
    record("archives.index_entry_made", actor=actor, subject=item, wrote=[item], facts={"title": item.title})
    return file(actor=actor, item_id=item.pk)


def _locked(item_id: int) -> Item:
    related = ("fonds__organization", "category", "volume", "organization")
    return Item.objects.select_for_update(of=("self",)).select_related(*related).get(pk=item_id)


def _unless_draft(item: Item) -> list[Objection]:
    if item.state == ItemState.DRAFT:
        return []
    message = f"该件已是“{item.get_state_display()}”，档号 {item.code}，不能再著录或重新编号。"
    return [Objection("archives.not_draft", message, next_step="请用“更正著录”修改，修改前后都会留痕")]


def _unjudged_secrecy(item: Item) -> list[Objection]:
    """A reading of 秘密 or above that nobody has judged stands in the way, and a file nobody could read (R27)."""
    unjudged = item.candidates.filter(field="classification").exclude(is_taken=False)
    values = list(unjudged.values_list("value", flat=True))
    marks = [mark for value in values if (mark := mark_in(value))]
    if item.source == ItemSource.INDEX_ONLY or not (marks or UNCHECKED in values):
        return []
    if marks:
        message = f"页面上识别出密级“{marks[0]}”：秘密以上文件不得入库（R27）。"
        next_step = "请核对页面；如系误识，请先否定该条识别结果"
    else:
        message = "文件的文字无法识读，密级未能检查：秘密以上文件不得入库（R27）。"
        next_step = f"请打开原件核对；没有密级标志的，请先否定“{UNCHECKED}”"
    return [Objection("archives.secrecy_unjudged", message, next_step=next_step)]


def _objections_to(outcomes: list[Outcome]) -> list[Objection]:
    return [
        Objection(
            "archives.four_properties",
            f"四性检测（DA/T 70-2018）{outcome.property}“{outcome.label}”不合格：{outcome.told}。",
            figures={"test": outcome.code},
            next_step="请补正后再归档",
        )
        for outcome in outcomes
        if outcome.blocks and not outcome.passed
    ]


def _objections_to_correction(item: Item, altered: Mapping[str, Any], reason: str) -> list[Objection]:
    found = []
    if item.state != ItemState.FILED:
        message = f"该件为“{item.get_state_display()}”，只有已归档的档案才用更正。"
        found.append(Objection("archives.not_filed", message, next_step="待著录的件请直接著录"))
    if len(reason.strip()) < REASON_LENGTH:
        found.append(Objection("archives.no_reason", f"更正著录须写明理由（不少于 {REASON_LENGTH} 个字）。"))
    if not altered:
        found.append(Objection("archives.unchanged", "没有任何内容需要更正。", next_step="请修改后再提交"))
    return found

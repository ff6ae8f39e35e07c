"""Exact matches sent in without waiting for a clerk, where the office has enabled it: the basis is written and kept."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.exchange.models import Change, ChangeState
from bianzhi.exchange.parameters import AUTO_CONFIRM
from bianzhi.exchange.rules.signals import value_words
from bianzhi.exchange.selectors.words import change_words
from bianzhi.exchange.services.changes import CERTAIN, DECIDE, open_change_case
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case
from bianzhi.matters.rules.evidence import asked_for, evidence_from_json
from bianzhi.matters.services.attachments import attach
from bianzhi.matters.services.submitting import submit_case

REASON_LENGTH: Final = 200
LABELS: Final[Mapping[str, str]] = {
    "name": "姓名",
    "unit": "单位",
    "unit_code": "单位代码",
    "from_unit": "原单位",
    "to_unit": "现单位",
    "mode": "形式",
    "cause": "原因",
    "event_on": "发生日期",
    "effective_on": "生效日期",
    "document": "依据文号",
    "slot": "用编核准名额",
    "old": "原值",
    "new": "新值",
    "papers": "部门所存材料",
}
"""What of the evidence is written down, and what it is called."""


@unit_of_work
def confirm_exactly(*, actor: Actor, change_id: int, today: date) -> Case | None:
    """Open and send in the case of an exact change; None where the office has not enabled it or it is not exact.

    What the departments said goes with the case as a file, for the papers the department says it holds. A case that
    cannot be sent in stays a draft of the unit, and the change says why.
    """
    policies.require(actor, DECIDE)
    change = Change.objects.filter(pk=change_id, state=ChangeState.CANDIDATE).first()
    if not AUTO_CONFIRM.number or change is None or change.confidence < CERTAIN:
        return None
    try:
        case = open_change_case(actor=actor, change_id=change_id, today=today)
    except Refused as refused:
        _note(change_id, f"未能自动办理：{refused}")
        return None
    try:
        _send_in(actor, case, change, today)
    except Refused as refused:
        _note(change_id, f"未能自动提交，已转单位补充：{refused}")
    return case


@unit_of_work
def _send_in(by: Actor, case: Case, change: Change, today: date) -> None:
    """Attach the basis and send in; refused, the case is the draft it was."""
    held = change.evidence.get("papers")
    papers = [str(paper) for paper in held] if isinstance(held, Sequence) and not isinstance(held, str) else []
    for spec in asked_for(evidence_from_json(case.version.evidence), case.form):
        if spec.code in papers:
            name = f"{spec.label}（部门数据）.txt"
            attach(actor=by, case_id=case.pk, name=name, data=_basis(change), evidence=spec.code, today=today)
    submit_case(actor=by, case_id=case.pk, today=today)


def _basis(change: Change) -> bytes:
    """What the departments said, as a text file that people read: nobody's number stands in it."""
    evidence = change.evidence
    field = str(evidence.get("field") or "")
    shown = {**evidence, **{side: value_words(field, evidence.get(side)) for side in ("old", "new")}}
    told = [f"{label}：{_words(shown[name])}" for name, label in LABELS.items() if shown.get(name)]
    return "\n".join([change_words(change), *told]).encode()


def _words(value: object) -> str:
    return "、".join(map(str, value)) if isinstance(value, list) else str(value)


def _note(change_id: int, words: str) -> None:
    Change.objects.filter(pk=change_id).update(reason=words[:REASON_LENGTH])

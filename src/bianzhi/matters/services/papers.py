"""Papers of a case: issued with a number and a code anyone can have checked, revoked, never changed."""

import re
import secrets
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.models import Case, IssuedPaper

ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 O, 1 I L: a code is read off paper and typed."""
ID_NUMBER: Final = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
CODE_LENGTH: Final = 16
"""31^16 > 2^79: not to be guessed."""


@unit_of_work
def issue_paper(
    *, actor: Actor, case_id: int, kind: str, title: str, word: str, content: Mapping[str, Any], today: date
) -> IssuedPaper:
    """Issue a paper: 编核销〔2026〕0001号, without gaps within the year.

    Raises Denied without matters.handle and Refused for content with a full ID number.
    """
    policies.require(actor, "matters.handle")
    case = Case.objects.get(pk=case_id)
    if any(ID_NUMBER.search(text) for text in _texts(content)):
        message = "文书内容含完整身份证号"
        raise Refused([Objection("M31", message, Severity.BLOCK, {}, "请改用姓名、单位和业务编号")])
    serial = next_numbers(f"paper-{word}-{today.year}")[0]
    paper = IssuedPaper.objects.create(
        case=case,
        kind=kind,
        number=f"{word}〔{today.year}〕{serial:04d}号",
        code="".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH)),
        title=title,
        content=dict(content),
        issued_by_id=actor.pk,
    )
    record(
        "matters.paper_issued",
        actor=actor,
        subject=case,
        facts={"number": paper.number, "kind": kind, "title": title},
        wrote=[paper],
    )
    outbox.put("matters.paper_issued", key=paper.number, payload={"paper": paper.pk, "case": case.pk})
    return paper


@unit_of_work
def revoke_paper(*, actor: Actor, paper_id: int, reason: str) -> IssuedPaper:
    """Take a paper back: it keeps its number and says that it is void.

    Raises Denied without matters.handle, Refused without a reason or when it is void already, DoesNotExist.
    """
    policies.require(actor, "matters.handle")
    paper = IssuedPaper.objects.select_for_update().get(pk=paper_id)
    if paper.revoked_at is not None:
        raise Refused([Objection("M32", f"{paper.number} 已经作废", Severity.BLOCK)])
    if len(reason.strip()) < 4:
        raise Refused([Objection("M33", "作废文书须说明原因（不少于 4 个字）", Severity.BLOCK, {}, "请填写作废原因")])
    paper.revoked_at = timezone.now()
    paper.revoke_reason = reason.strip()[:200]
    paper.save(update_fields=["revoked_at", "revoke_reason"])
    facts = {"number": paper.number, "reason": paper.revoke_reason}
    record("matters.paper_revoked", actor=actor, subject=paper.case, facts=facts, wrote=[paper])
    outbox.put("matters.paper_revoked", key=paper.number, payload={"paper": paper.pk, "case": paper.case_id})
    return paper


def _texts(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list | tuple):
        return [text for part in value for text in _texts(part)]
    return [str(value)]

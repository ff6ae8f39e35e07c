"""What every personnel service does with objections: let through, refuse, or explain a refusal of the database."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import IntegrityError

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.personnel.models import Movement, Occupancy

P = ParamSpec("P")
R = TypeVar("R")

RETRY = "请刷新后重试"
PROMISES = (
    ("编制已无空额", "R02", "请刷新用编情况；可先办理出编、退回未用名额，或申请增加编制"),
    ("领导职数已满", "R09", "请刷新职数情况；可先免去现任"),
    ("控制数已满", "R22", "请先解除现有用工，或申请增加控制数"),
    ("占编期间重叠", "R04", "请先办理原单位出编，或按区内调动办理"),
    ("一人只能占用一个编制", "R04", "请先办理原单位出编，或按区内调动办理"),
    ("名额不能再用", "R01", "请重新申请用编核准"),
    ("尚未核准，不能入编", "R01", "请等待用编申请核准后再办理"),
    ("occupancy_one_open_per_person", "R04", "请先办理原单位出编，或按区内调动办理"),
    ("UNIQUE constraint failed: personnel_occupancy.person_id", "R04", "请先办理原单位出编，或按区内调动办理"),
    ("occupancy_slot_consumed_once", "R01", "请另行申请用编核准"),
    ("UNIQUE constraint failed: personnel_occupancy.slot_id", "R01", "请另行申请用编核准"),
    ("appointment_one_principal", "R09", "请登记为兼职，或先免去原职务"),
    ("UNIQUE constraint failed: personnel_appointment.person_id", "R09", "请登记为兼职，或先免去原职务"),
    ("UNIQUE constraint failed: personnel_engagement.person_id", "R22", "请先解除原用工"),
    ("engagement_one_open_per_person", "R22", "请先解除原用工"),
    ("UNIQUE constraint failed: personnel_person.id_fingerprint", "R04", "该身份证号已登记，请从已有人员中选择"),
    ("personnel_person_id_fingerprint", "R04", "该身份证号已登记，请从已有人员中选择"),
    ("UNIQUE constraint failed: personnel_movement.reverses_id", "R26", "该业务已冲正"),
    ("personnel_movement_reverses_id", "R26", "该业务已冲正"),
)
"""What the database says when it keeps a promise → the rule it kept and the next step."""

IN_WORDS = {
    "R01": "该核准名额已被使用",
    "R04": "该人员已在编或已登记，一人只能占用一个编制（R04）",
    "R09": "该人员已有主要职务（R09）",
    "R22": "该人员已有未结束的编外（员额）用工（R22）",
    "R26": "该业务已冲正，不能重复冲正（R26）",
}


@dataclass(frozen=True, slots=True)
class Override:
    """The director's decision to set rules of severity "override" aside, with the reason and its document."""

    codes: frozenset[str]
    reason: str
    document: ApprovalDocument | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A movement made, with the objections that were let through (warnings and overridden ones)."""

    movement: Movement
    remarks: tuple[Objection, ...] = ()

    @property
    def occupancy(self) -> Occupancy:
        """The occupancy the movement opened; LookupError when it opened none (an exit, a reversed entry)."""
        if self.movement.to_occupancy is None:
            raise LookupError(f"movement {self.movement.number} opened no occupancy")
        return self.movement.to_occupancy


def decide(objections: Iterable[Objection], *, by: Actor, override: Override | None) -> tuple[Objection, ...]:
    """Raise Refused with what stands, else return what is let through.

    An override needs the permission rules.override (Denied otherwise) and a reason.
    """
    if override is None:
        return tuple(refuse_if(objections))
    policies.require(by, "rules.override")
    if not override.reason.strip():
        raise Refused([Objection("D2", "放行须说明理由", Severity.BLOCK, {}, "请填写放行理由")])
    return tuple(refuse_if(objections, overrides=override.codes))


def as_facts(remarks: Iterable[Objection], override: Override | None) -> dict[str, object]:
    """What the audit record keeps of a decision."""
    facts: dict[str, object] = {"remarks": [remark.as_facts() for remark in remarks]}
    if override is not None:
        facts["override"] = {
            "codes": sorted(override.codes),
            "reason": override.reason,
            "document": override.document.doc_no if override.document else "",
        }
    return facts


def explained(function: Callable[P, R]) -> Callable[P, R]:
    """Turn a refusal of the database into the Refused an official can read.

    Two clerks at once may both pass the service's checks on rows that the other one changes a moment later; the
    database then keeps its promise, and the loser is told the same as if the service had seen it.
    """

    @wraps(function)
    def service(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except IntegrityError as error:
            raise Refused([_in_words(error)]) from error

    return service


def _in_words(error: IntegrityError) -> Objection:
    text = str(error)
    for fragment, code, step in PROMISES:
        if fragment in text:
            promise = text.split("\n", maxsplit=1)[0]
            message = promise if f"（{code}）" in promise else IN_WORDS[code]
            return Objection(code, message, Severity.BLOCK, {}, step)
    raise error

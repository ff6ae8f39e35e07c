"""What a rule says when it does not agree, and the refusal that carries it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How far an objection goes (domain.md §1.2: B, O, W)."""

    BLOCK = "block"
    OVERRIDE = "override"
    WARN = "warn"

    @property
    def label(self) -> str:
        """The word an official reads beside the objection."""
        return {"block": "不予办理", "override": "需主任批准", "warn": "提醒"}[self.value]


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against an act.

    `code` is the rule's stable name ("R02"). `message` is Chinese for officials: the fact, the figure, the rule.
    `figures` are the numbers behind it, for tests and machines. `next_step` says what the reader can do about it.
    """

    code: str
    message: str
    severity: Severity = Severity.BLOCK
    figures: Mapping[str, int | str] = field(default_factory=dict, hash=False)
    next_step: str = ""

    def __str__(self) -> str:
        return f"{self.message}{self.next_step}" if self.next_step else self.message

    def as_facts(self) -> dict[str, object]:
        """A plain dictionary for JSON, audit facts and command output."""
        return {
            "code": self.code,
            "message": self.message,
            "severity": self.severity.value,
            "figures": dict(self.figures),
            "next_step": self.next_step,
        }


class Refused(Exception):
    """An act was refused; carries every objection that stood against it."""

    def __init__(self, objections: Iterable[Objection]) -> None:
        self.objections: tuple[Objection, ...] = tuple(objections)
        super().__init__("；".join(str(objection).rstrip("。；") for objection in self.objections) + "。")

    @property
    def codes(self) -> list[str]:
        """Rule codes in the order they were raised."""
        return [objection.code for objection in self.objections]

    def __reduce__(self) -> tuple[type["Refused"], tuple[tuple[Objection, ...]]]:
        return (type(self), (self.objections,))


def standing(objections: Iterable[Objection], *, overrides: Collection[str] = ()) -> list[Objection]:
    """The objections that forbid the act: every block, and every override-severity one not in `overrides`."""
    return [
        objection
        for objection in objections
        if objection.severity is Severity.BLOCK
        or (objection.severity is Severity.OVERRIDE and objection.code not in overrides)
    ]


def warnings_among(objections: Iterable[Objection]) -> list[Objection]:
    """The objections that only warn; shown to the user, never in the way."""
    return [objection for objection in objections if objection.severity is Severity.WARN]


def refuse_if(objections: Iterable[Objection], *, overrides: Collection[str] = ()) -> list[Objection]:
    """Raise `Refused` with the standing objections, else return what was let through (warnings and overridden ones).

    `overrides` names the rule codes the director has overridden with a reason and a document; a block cannot be
    overridden. Callers record the returned objections in the audit facts.
    """
    raised = list(objections)
    against = standing(raised, overrides=overrides)
    if against:
        raise Refused(against)
    return raised

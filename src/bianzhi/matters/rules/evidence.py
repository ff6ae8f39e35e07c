"""The papers a matter asks for, as data."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.matters.rules.fields import Only

CODE = "M11"


SCAN: Final = "scan:"
"""Before the name of the field whose document a step of the office has scanned."""


def scan_code(field: str) -> str:
    """The code under which the scan of a document is kept among the files of a case."""
    return f"{SCAN}{field}"


@dataclass(frozen=True, slots=True)
class EvidenceSpec:
    """One kind of paper; `code` marks the attachments that are it, `only` says for which forms it is asked."""

    code: str
    label: str
    required: bool = True
    locked: bool = False
    only: Only | None = None
    help: str = ""

    def applies(self, form: Mapping[str, Any]) -> bool:
        """Whether the paper is asked for with this form."""
        return self.only is None or self.only.holds(form)

    def to_json(self) -> dict[str, Any]:
        """The paper as a version keeps it."""
        told: dict[str, Any] = {"code": self.code, "label": self.label, "required": self.required}
        if self.locked:
            told["locked"] = True
        if self.help:
            told["help"] = self.help
        if self.only is not None:
            told["only"] = {"field": self.only.field, "values": list(self.only.values)}
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "EvidenceSpec":
        """The paper a version keeps. Raises TypeError for what no paper has."""
        given = dict(told)
        if given.get("only"):
            given["only"] = Only(given["only"]["field"], tuple(given["only"]["values"]))
        return cls(**given)


def evidence_to_json(specs: Sequence[EvidenceSpec]) -> list[dict[str, Any]]:
    """Every paper of a matter, for a version."""
    return [spec.to_json() for spec in specs]


def evidence_from_json(told: Sequence[Mapping[str, Any]]) -> tuple[EvidenceSpec, ...]:
    """Every paper of a version."""
    return tuple(EvidenceSpec.from_json(each) for each in told)


def asked_for(specs: Sequence[EvidenceSpec], form: Mapping[str, Any]) -> list[EvidenceSpec]:
    """The papers this form needs."""
    return [spec for spec in specs if spec.applies(form)]


def objections_to_evidence(
    specs: Sequence[EvidenceSpec], form: Mapping[str, Any], given: Collection[str]
) -> list[Objection]:
    """One objection that names every missing paper at once (一次性告知); `given` are the codes of the attachments."""
    missing = [spec.label for spec in asked_for(specs, form) if spec.required and spec.code not in given]
    if not missing:
        return []
    message = f"缺少证明材料：{'、'.join(missing)}"
    return [Objection(CODE, message, Severity.BLOCK, {"缺少": len(missing)}, "请一次性补齐所列材料后提交")]

"""Classes of personal data, as data beside the models: what is masked by default, and who may see it whole.

An app declares in `field_classes.py` beside its models which class each of its columns has, and imports that module in
`AppConfig.ready`. Lists, exports, reveals and tests ask here; a test fails for a column whose name says what it holds
and that nobody declared.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from bianzhi.kernel.masking import mask_id_number, mask_phone

HIDDEN: Final = "（已隐藏）"


class FieldClass(StrEnum):
    """What kind of personal data a column holds."""

    IDENTITY = "identity"
    CONTACT = "contact"
    SENSITIVE = "sensitive"
    SECRET = "secret"  # noqa: S105 - the name of a class: what lets in or decrypts, shown to nobody

    @property
    def label(self) -> str:
        """How people call it."""
        return {"identity": "身份证号", "contact": "联系方式", "sensitive": "敏感信息", "secret": "密钥口令"}[
            self.value
        ]

    @property
    def permission(self) -> str:
        """The permission that lets somebody see it whole; none lets anybody see a secret."""
        return {
            "identity": "personnel.reveal",
            "contact": "personnel.reveal_contact",
            "sensitive": "personnel.reveal_sensitive",
            "secret": "",
        }[self.value]

    def mask(self, text: str) -> str:
        """What is shown instead."""
        masks: dict[str, Callable[[str], str]] = {"identity": mask_id_number, "contact": mask_phone}
        return masks.get(self.value, _hide)(text)


def _hide(text: str) -> str:
    return HIDDEN if text else ""


_declared: dict[str, dict[str, FieldClass]] = {}
_harmless: dict[str, str] = {}


def declare(model: str, fields: Mapping[str, FieldClass]) -> None:
    """Say the classes of a model's columns ("personnel.person"). Raises ValueError on a second time for a column."""
    known = _declared.setdefault(model.lower(), {})
    twice = known.keys() & fields.keys()
    if twice:
        raise ValueError(f"classified twice: {model} {sorted(twice)}")
    known.update(fields)


def declare_harmless(column: str, why: str) -> None:
    """Say why a column ("audit.auditentry.subject_id") holds no personal data although its name sounds like it."""
    _harmless[column.lower()] = why


def class_of(model: str, field: str) -> FieldClass | None:
    """The class of a column, None for one that is not personal data of any class."""
    return _declared.get(model.lower(), {}).get(field)


def declared() -> dict[str, dict[str, FieldClass]]:
    """Everything declared, by model."""
    return {model: dict(fields) for model, fields in _declared.items()}


def harmless() -> dict[str, str]:
    """Columns declared harmless, and why."""
    return dict(_harmless)


declare("common.savedview", {"query": FieldClass.SENSITIVE})

"""The papers of a case: what is asked for, what is there, and how an attached file is opened."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.template.defaultfilters import filesizeformat
from django.urls import reverse

from bianzhi.matters.models import Case, CaseAttachment
from bianzhi.matters.rules.evidence import SCAN, asked_for, evidence_from_json
from bianzhi.matters.selectors.drafts import attachments_of

OTHER: Final = "其他材料"


@dataclass(frozen=True, slots=True)
class File:
    """One attached file as a page lists it."""

    pk: int
    name: str
    url: str
    size_label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """One kind of paper with its files; code "" is for whatever else the applicant adds."""

    code: str
    label: str
    number: int
    required: bool = False
    help: str = ""
    files: tuple[File, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether the application cannot be sent in without it."""
        return self.required and not self.files


def file_of(row: CaseAttachment) -> File:
    """A file with its address and size."""
    return File(row.pk, row.name, reverse("matters:attachment", args=[row.pk]), filesizeformat(row.size))


def materials_of(case: Case, form: Mapping[str, Any]) -> list[Material]:
    """The papers this form asks for, those already given for another choice, and a place for others."""
    files: dict[str, list[File]] = {}
    for row in attachments_of(case):
        if row.evidence.startswith(SCAN):
            continue
        files.setdefault(row.evidence, []).append(file_of(row))
    specs = evidence_from_json(case.version.evidence)
    asked = {spec.code for spec in asked_for(specs, form)}
    found = []
    for number, spec in enumerate(specs, start=1):
        if spec.code in asked or spec.code in files:
            own = tuple(files.pop(spec.code, ()))
            required = spec.required and spec.code in asked
            found.append(Material(spec.code, spec.label, number, required, spec.help, own))
    others = tuple(file for own in files.values() for file in own)
    return [*found, Material("", OTHER, 0, files=others)]


def grouped(files: Iterable[Mapping[str, Any]], labels: Mapping[str, str]) -> list[tuple[str, list[File]]]:
    """Files as a submission lists them, under the names of their papers."""
    found: dict[str, list[File]] = {}
    for each in files:
        pk = int(each["id"])
        file = File(
            pk, str(each["name"]), reverse("matters:attachment", args=[pk]), filesizeformat(each.get("size", 0))
        )
        found.setdefault(labels.get(str(each["evidence"]), OTHER), []).append(file)
    return list(found.items())

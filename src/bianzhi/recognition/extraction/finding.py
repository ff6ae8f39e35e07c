"""What was read off a page for a field of the catalogue: a suggestion with its place and its reason, never a fact."""

from dataclasses import dataclass

from bianzhi.recognition.document import Box


@dataclass(frozen=True, slots=True)
class Finding:
    """A value proposed for a field.

    `confidence` is how often such a finding is right, 0 to 1. `page` counts from 1; `box` is where the value stands in
    fractions of the upright page. `method` says in Chinese by what it was found.
    """

    field: str
    value: str
    confidence: float
    page: int
    box: Box | None
    method: str

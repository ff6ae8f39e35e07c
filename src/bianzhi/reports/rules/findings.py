"""What a warning rule found, and what that means for the warnings already standing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from bianzhi.reports.rules.catalogue import Level

Row = TypeVar("Row")


class Key(NamedTuple):
    """What makes two findings the same standing warning on different days."""

    code: str
    subject_kind: str
    subject_id: str
    facet: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a warning is about: a unit, a person, an approval, a ledger entry, a total."""

    kind: str
    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Found:
    """One warning as computed on a day; `organization_id` is None for what concerns the whole district.

    `facet` parts warnings of one code on one subject (the quota type, the post level).
    """

    code: str
    level: Level
    subject: Subject
    organization_id: int | None
    message: str
    figures: Mapping[str, int | str] = field(default_factory=dict, hash=False)
    facet: str = ""

    @property
    def key(self) -> Key:
        """Identity over the days."""
        return Key(self.code, self.subject.kind, self.subject.id, self.facet)


@dataclass(frozen=True, slots=True)
class Difference(Generic[Row]):
    """What a new computation means: warnings to open, to carry on (with what they now say), to resolve."""

    opened: tuple[Found, ...]
    continued: tuple[tuple[Row, Found], ...]
    resolved: tuple[Row, ...]


def difference(standing: Mapping[Key, Row], found: Iterable[Found]) -> Difference[Row]:
    """Match what was found with what stands; a second finding with the same key is the same warning."""
    by_key = {each.key: each for each in found}
    return Difference(
        opened=tuple(each for key, each in by_key.items() if key not in standing),
        continued=tuple((standing[key], each) for key, each in by_key.items() if key in standing),
        resolved=tuple(row for key, row in standing.items() if key not in by_key),
    )

"""Precision, recall and what follows from them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Score:
    """How many there really are, how many were found, how many of those were right."""

    true: int
    found: int
    right: int

    @property
    def precision(self) -> float | None:
        """Share of what was found that is right; None where nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of what there is that was found; None where there is nothing."""
        return self.right / self.true if self.true else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both; None where either is unknown."""
        total = self.true + self.found
        return 2 * self.right / total if self.true and self.found else None

    def as_json(self) -> dict[str, int | float | None]:
        """Numbers for a JSON file."""
        return {
            "true": self.true,
            "found": self.found,
            "right": self.right,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
        }


@dataclass(frozen=True, slots=True)
class LanedScore:
    """The same class in the strict lane (what is said without asking) and in all lanes together."""

    strict: Score
    all: Score

    def as_json(self) -> dict[str, dict[str, int | float | None]]:
        """Numbers for a JSON file."""
        return {"strict": self.strict.as_json(), "all": self.all.as_json()}


@dataclass(frozen=True, slots=True)
class Joined:
    """Records with one kind of mistake, and how many of them came to their own person's other records."""

    records: int
    joined: int

    @property
    def recall(self) -> float | None:
        """Share that came home."""
        return self.joined / self.records if self.records else None

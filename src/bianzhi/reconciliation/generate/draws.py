"""Drawing by lot in SQL: a number in [0, 1) that depends on nothing but the seed, a stream and a key.

Digests, not `random()` or `hash()`: the first depends on threads, the second on the version of DuckDB.
"""

from dataclasses import dataclass

DIVISOR = "9007199254740992.0"


@dataclass(frozen=True, slots=True)
class Lots:
    """The lots of one seed."""

    seed: int

    def share(self, stream: str, key: str) -> str:
        """SQL of a number evenly spread over [0, 1); `key` is an SQL expression."""
        return f"((md5_number_lower('{self.seed}/{stream}/' || ({key})) >> 11) / {DIVISOR})"

    def below(self, count: str | int, stream: str, key: str) -> str:
        """SQL of a whole number from 0 to count - 1."""
        return f"CAST(floor({self.share(stream, key)} * ({count})) AS BIGINT)"

    def one_of(self, text: str, stream: str, key: str) -> str:
        """SQL of one character of a text, each place equally likely."""
        return f"substr('{text}', 1 + {self.below(len(text), stream, key)}, 1)"


def choose(share: str, chances: dict[str, float]) -> str:
    """SQL naming the chance a share falls into, NULL beyond all of them; the chances are mutually exclusive."""
    cases, edge = [], 0.0
    for name, chance in chances.items():
        edge += chance
        cases.append(f"WHEN {share} < {edge!r} THEN '{name}'")
    return f"CASE {' '.join(cases)} END"

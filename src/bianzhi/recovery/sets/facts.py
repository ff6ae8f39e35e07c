"""What a copy of a database holds, whichever engine it is of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """When it was made and by which version; tables with their rows, head of the audit chain, migrations."""

    made_at: str
    version: str
    tables: dict[str, int]
    audit: tuple[int, str]
    migrations: list[str]

"""Who must decide about an organisation (R10)."""

from collections.abc import Collection
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection

OPENING_DOCUMENT: Final = "register"
UPPER_LEVEL: Final = "upper"
BOUND_TO_DECISION: Final = frozenset(
    {
        "established",
        "renamed",
        "rank_changed",
        "nature_changed",
        "funding_changed",
        "affiliation_changed",
        "merged",
        "split",
        "transferred",
        "abolished",
    }
)
"""The acts R10 speaks of; duties, nameplates and internal bodies are decided by the office itself."""


def is_at_least(rank: str, lowest: str) -> bool:
    """Whether a rank code of `organization_rank` is `lowest` or above; ranks like 未定级 (19x) are below all."""
    return rank.isdigit() and lowest.isdigit() and int(rank) <= int(lowest)


def objections_to_decision(
    *, kind: str, name: str, ranks: Collection[str], issuer_level: str, document_kind: str, lowest: str
) -> list[Objection]:
    """R10: what concerns a body of `lowest` rank or above (before or after) needs a document of the upper level.

    The opening register (底册) only notes what exists, so it may establish any body.
    """
    if kind not in BOUND_TO_DECISION or issuer_level == UPPER_LEVEL:
        return []
    if kind == "established" and document_kind == OPENING_DOCUMENT:
        return []
    bound = [rank for rank in ranks if is_at_least(rank, lowest)]
    if not bound:
        return []
    table = codes("organization_rank")
    highest = table.label(min(bound, key=int))
    return [
        Objection(
            "R10",
            f"“{name}”为{highest}机构，{table.label(lowest)}以上机构的设立、撤并、更名和规格、性质、经费、隶属调整"
            "须有上级批准（备案）文件，所填文件不是上级文件。",
            figures={"rank": highest, "threshold": table.label(lowest)},
            next_step="请改填上级机构编制部门的文号；属建账登记的，文件种类请选“底册”。",
        )
    ]

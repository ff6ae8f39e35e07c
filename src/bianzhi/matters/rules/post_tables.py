"""Whether leadership posts are as many as is usual for a unit of so much quota: a remark, never a refusal (R09)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.rules.measures import counts_as_quota

LEADERS: Final = frozenset({"org_chief", "org_deputy", "other_leader"})
"""Posts of a unit's own leadership; those of its internal bodies are counted apart."""


@dataclass(frozen=True, slots=True)
class Band:
    """Up to so much quota, at least and at most so many posts; `up_to` 0 has no end."""

    up_to: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class PostTable:
    """One rule set of the trade, by the name an office chooses it by."""

    name: str
    label: str
    bands: tuple[Band, ...]

    def band(self, quota: int) -> Band:
        """The band a unit of so much quota falls into."""
        return next(band for band in self.bands if not band.up_to or quota <= band.up_to)


@cache
def post_tables() -> dict[str, PostTable]:
    """Every rule set by name."""
    text = resources.files("bianzhi.matters.data").joinpath("post_tables.toml").read_text(encoding="utf-8")
    return {
        name: PostTable(name, facts["label"], tuple(Band(*band) for band in facts["bands"]))
        for name, facts in tomllib.loads(text).items()
    }


def objections_to_leaders(
    table: PostTable | None, quota: Mapping[str, int], posts: Mapping[str, int]
) -> list[Objection]:
    """A remark when the leaders of a unit are fewer or more than its table says for its quota."""
    leaders = sum(number for level, number in posts.items() if level in LEADERS)
    total = sum(number for measure, number in quota.items() if counts_as_quota(measure))
    if table is None or not leaders:
        return []
    band = table.band(total)
    if band.least <= leaders <= band.most:
        return []
    message = f"编制 {total} 名，领导职数共 {leaders} 名；“{table.label}”一般为 {band.least} 至 {band.most} 名（R09）"
    figures: dict[str, int | str] = {"编制": total, "领导职数": leaders, "下限": band.least, "上限": band.most}
    return [Objection("R09", message, Severity.WARN, figures, "请核对；确有需要的，请在理由中说明")]


def objections_to_body_chiefs(bodies: int, posts: Mapping[str, int]) -> list[Objection]:
    """A remark when there are more chiefs of internal bodies than bodies."""
    chiefs = posts.get("body_chief", 0)
    if chiefs <= bodies:
        return []
    message = f"内设机构正职 {chiefs} 名，多于内设机构 {bodies} 个（R09）"
    figures: dict[str, int | str] = {"内设正职": chiefs, "内设机构": bodies}
    return [Objection("R09", message, Severity.WARN, figures, "请核对内设机构和职数")]

"""Leadership posts: how many per level, and whose rank fits (R09, domain dossier §2.6)."""

from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.codesets import codes
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.personnel.rules.capacity import QuotaUse

DEPUTY_OF: Final = {
    "111": "112",
    "112": "121",
    "121": "122",
    "122": "131",
    "131": "132",
    "132": "141",
    "141": "142",
    "142": "150",
    "151": "160",
}
"""The rank of a deputy in a body of a given rank (GB/T 12407; 151 正股级 stands below 科)."""

CLERK_RANK: Final = "150"
UNRANKED: Final = frozenset({"", "191", "192", "199"})


@dataclass(frozen=True, slots=True)
class Post:
    """An appointment about to be made."""

    unit: str
    level: str
    body_rank: str
    person_rank: str
    has_basis_document: bool
    counts: bool


def rank_of_post(level: str, body_rank: str) -> str:
    """The rank that belongs to a post of this level in a body (or unit) of this rank; "" when it cannot be said."""
    if body_rank in UNRANKED:
        return ""
    if level in ("org_chief", "body_chief"):
        return CLERK_RANK if body_rank in ("151", "152") else body_rank
    if level in ("org_deputy", "body_deputy", "other_leader"):
        return DEPUTY_OF.get(body_rank, "")
    return ""


def is_high_rank(level: str, body_rank: str, person_rank: str) -> bool:
    """高配: the person's rank stands above the rank of the post."""
    expected = rank_of_post(level, body_rank)
    if not expected or not person_rank.isdecimal() or person_rank > "199":
        return False
    return int(person_rank) < int(expected)


def objections_to_post(post: Post, use: QuotaUse) -> list[Objection]:
    """R09: the level has a free post, and a rank above the post has its document.

    兼职 is counted once, at the principal post: an appointment that does not count takes no post.
    """
    found: list[Objection] = []
    levels = codes("post_level")
    if post.level and post.level not in levels:
        found.append(Objection("D1", f"没有“{post.level}”这种职数类别", Severity.BLOCK, {}, "请从领导职务层级中选择"))
    elif post.counts and use.available < 1:
        message = (
            f"“{post.unit}”{levels.label(post.level)}核定 {use.approved} 名，已配 {use.occupied} 名，超职数（R09）"
        )
        step = "请先免去现任，或由编办主任凭文件放行并登记为超职数"
        found.append(Objection("R09", message, Severity.OVERRIDE, {"核定": use.approved, "已配": use.occupied}, step))
    if is_high_rank(post.level, post.body_rank, post.person_rank) and not post.has_basis_document:
        expected = codes("position_rank").label(rank_of_post(post.level, post.body_rank))
        message = (
            f"拟任人员职务层次为{codes('position_rank').label(post.person_rank)}，高于职位的{expected}，属于高配（R09）"
        )
        found.append(Objection("R09", message, Severity.BLOCK, {}, "请填写高配依据文件"))
    return found


def second_principal(position: str) -> Objection:
    """One person has one principal post; further ones are 兼职."""
    message = f"该人员已有主要职务“{position}”（R09）"
    return Objection("R09", message, Severity.BLOCK, {}, "请登记为兼职，或先免去原职务")

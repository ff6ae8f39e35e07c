"""What the form of a 机构编制 matter (P07–P10) says: amounts by type, posts by level, units, internal bodies.

Form values are JSON: ids, words, and tables as lists of rows. Rows nobody filled in are passed over.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.kernel.objections import Objection
from bianzhi.ledger.rules import measures

Form = Mapping[str, Any]
Row = Mapping[str, Any]

BLANK: Final[tuple[Any, ...]] = (None, "", [], {})
NO_RANK: Final = 199
"""The number of a unit without a rank (其他): below every rank there is."""
INSTITUTION: Final = "80"
NOT_ORGANS: Final = frozenset({INSTITUTION, "90"})


def rows(form: Form, table: str) -> list[Row]:
    """The rows of a table in which something is filled in."""
    found = form.get(table)
    if not isinstance(found, list):
        return []
    return [row for row in found if isinstance(row, Mapping) and any(value not in BLANK for value in row.values())]


def whole(value: Any) -> int | None:
    """A whole number; None for what was left out or, in a draft, can't be read yet."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def identifier(form: Form, name: str) -> int | None:
    """The id a field names; None when it is empty."""
    return whole(form.get(name))


def ids(form: Form, table: str, column: str) -> list[int]:
    """Ids named in a column, each once, in the order they were written."""
    named = (identifier(row, column) for row in rows(form, table))
    return list(dict.fromkeys(pk for pk in named if pk is not None))


def amounts(form: Form, table: str, *, measure: str = "quota_type", number: str = "amount") -> dict[str, int]:
    """Numbers by measure, several rows of one measure added up; rows of 0 are kept, for they may mean "none"."""
    found: dict[str, int] = {}
    for row in rows(form, table):
        value = whole(row.get(number))
        if row.get(measure) and value is not None:
            found[str(row[measure])] = found.get(str(row[measure]), 0) + value
    return found


def posts(form: Form, table: str = "posts") -> dict[str, int]:
    """Leadership posts by level."""
    return amounts(form, table, measure="post_level", number="number")


def in_words(numbers: Mapping[str, int]) -> str:
    """Numbers by their measures: 行政编制 10 名、副职 3 名."""
    return "、".join(f"{measures.label(measure)} {number} 名" for measure, number in numbers.items())


def text(form: Form, name: str) -> str:
    """The words of a field, "" when it is empty."""
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


def rank_number(ranks: Iterable[str]) -> int:
    """The highest of some rank codes as a number conditions can compare (142 is 副科); 19x and none are below all."""
    return min((int(rank) for rank in ranks if rank.isdigit()), default=NO_RANK)


def is_organ(org_type: str) -> bool:
    """Whether a type of organisation is a 党政群机关, not an institution or a company."""
    return bool(org_type) and org_type not in NOT_ORGANS


def objections_to_doubles(form: Form, table: str, column: str, label: str) -> list[Objection]:
    """A table names each unit, person or type once."""
    counted = Counter(str(row[column]) for row in rows(form, table) if row.get(column))
    doubled = sum(1 for number in counted.values() if number > 1)
    if not doubled:
        return []
    return [Objection("D2", f"{label}有 {doubled} 项重复填写。", figures={"重复": doubled}, next_step="请合并为一行。")]


def objections_to_missing(form: Form, wanted: Mapping[str, str], *, paper: str) -> list[Objection]:
    """What a formal paper must contain (domain.md §1.3), `wanted` by field with its Chinese name."""
    missing = [label for name, label in wanted.items() if form.get(name) in BLANK]
    if not missing:
        return []
    message = f"{paper}还缺{'、'.join(missing)}。"
    return [Objection("D2", message, figures={"缺项": len(missing)}, next_step="请补全后再提交。")]


def either(form: Form, names: Collection[str], words: str) -> list[Objection]:
    """Exactly one of some fields is to be filled in; `words` says which in Chinese."""
    filled = sum(1 for name in names if form.get(name) not in BLANK)
    if filled == 1:
        return []
    fact = "都没有填写" if not filled else "不能同时填写"
    return [Objection("D2", f"{words}{fact}。", next_step="请只填写其中一项。")]


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """How the office decided a case, as its steps wrote it into the form."""

    level: str
    document: Mapping[str, Any] | None
    upper_document: Mapping[str, Any] | None


ISSUER_OF_LEVEL: Final[Mapping[str, frozenset[str]]] = {
    "office": frozenset({"office", "commission"}),
    "commission": frozenset({"commission"}),
    "government": frozenset({"commission"}),
    "upper": frozenset({"office", "commission"}),
}
"""Whose paper answers the applicant at each level of the approver matrix."""
LEVEL_WORDS: Final[Mapping[str, str]] = {
    "office": "编办",
    "commission": "编委",
    "government": "编委审议、党委（政府）审定",
    "upper": "编委审议、报上级批准",
}


def objections_to_decision(decided: DecidedBy) -> list[Objection]:
    """The deciding papers are there, and of the level that the approver matrix demands."""
    found = []
    if not decided.document:
        found.append(Objection("D2", "还没有填写批复文件。", next_step="请在“拟文”环节填写文号、标题和日期。"))
    else:
        found += _wrong_issuer(decided.level, str(decided.document.get("issuer_level") or ""))
    if decided.level == "upper":
        found += _no_upper_document(decided.upper_document)
    return found


def _wrong_issuer(level: str, issuer_level: str) -> list[Objection]:
    if issuer_level in ISSUER_OF_LEVEL[level]:
        return []
    return [
        Objection(
            "R10",
            f"本件按审批权限须由{LEVEL_WORDS[level]}，所填批复文件不是该级文件。",
            figures={"level": level},
            next_step="请核对批复文件的发文层级。",
        )
    ]


def _no_upper_document(document: Mapping[str, Any] | None) -> list[Objection]:
    if document and document.get("issuer_level") == "upper":
        return []
    return [
        Objection(
            "R10",
            "本件须经上级机构编制部门批准，没有填写上级批准文件。",
            next_step="请在“上级批准”环节填写上级文件，发文层级选“上级”。",
        )
    ]

"""What quota types, leadership posts and a few closed lists are called in tables, read from `data/wordings.toml`."""

import tomllib
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Any, Final

from bianzhi.common.tabular.cells import folded
from bianzhi.common.tabular.kinds import Choices, Field, ValueKind
from bianzhi.kernel.codesets import SETS, codes

UNSETTLED: Final = "B"
"""事业编制 of which the table does not say how it is funded; see `settled_quota_type`."""

_NOTHING: Final = "-"
_SHORT: Final = 2
_UNTEMPLATED: Final = frozenset({"A3", "B", "C2", "D1", "D2"})


@cache
def wordings() -> dict[str, Any]:
    """The data file, read once."""
    return tomllib.loads(
        files("bianzhi.imports.recognition").joinpath("data", "wordings.toml").read_text(encoding="utf-8")
    )


@cache
def choices(name: str, *, closed: bool) -> Choices:
    """The closed list of that name: quota types, one of this file's lists, or a code set of the kernel."""
    if name == "quota_type":
        return _worded("编制类型", wordings()["quota_types"], closed=closed)
    if name in SETS:
        return _code_set(name, closed=closed)
    listed = dict(wordings()["choices"][name])
    return _worded(listed.pop("label"), listed, closed=closed)


def _worded(title: str, listed: dict[str, str], *, closed: bool) -> Choices:
    split = {code: text.split() for code, text in listed.items()}
    by_wording = {folded(word): code for code, words in split.items() for word in (code, *words)}

    def read(text: str) -> str | None:
        return by_wording.get(folded(text))

    return Choices(title, read, tuple(words[0] for words in split.values()), closed)


def _code_set(name: str, *, closed: bool) -> Choices:
    table = codes(name)

    def read(text: str) -> str | None:
        found = table.find(text)
        return None if found is None else found.code

    return Choices(table.title, read, tuple(label for _, label in table.choices()), closed)


def settled_quota_type(quota_type: str, *, funding_form: str = "", institution_class: str = "") -> str:
    """The quota type meant by 事业编制 without more: 参公 by the class of the institution, else by how it is funded.

    Fully funded when nothing is said, as most are. Other codes come back unchanged.
    """
    if quota_type != UNSETTLED:
        return quota_type
    if institution_class == "81":
        return "B4"
    return {"partial": "B2", "self": "B3", "enterprise": "B3"}.get(funding_form, "B1")


def quota_label(code: str) -> str:
    """The wording shown for a quota type, "B" included."""
    label: str = wordings()["quota_types"][code].split()[0]
    return label


def generated_fields(family: str) -> tuple[Field, ...]:
    """The columns of one family: a count for each quota type (approved.A1 …) or post level (posts.org_chief …)."""
    listed = wordings()["posts" if family.startswith("posts") else "quota_types"]
    return tuple(_MAKERS[family](family, code, tuple(text.split())) for code, text in listed.items())


def _sides(heading: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = wordings()["headings"][heading]
    before, after = (
        tuple("" if word == _NOTHING else word for word in found[side].split()) for side in ("before", "after")
    )
    return before, after


def _combined(words: tuple[str, ...], before: tuple[str, ...], after: tuple[str, ...]) -> tuple[str, ...]:
    """Every heading made of a word with something before it, with something after it, or with both 「核定…数」."""
    leading = [start + word for start, word in product(before, words)]
    trailing = [word + end for word, end in product(words, after)]
    counted = [start + word + end for start, word, end in product(before, words, ("数", "人数"))]
    return tuple(dict.fromkeys([*leading, *trailing, *counted]))


def _with_and_without(words: tuple[str, ...], heading: str) -> tuple[str, ...]:
    """Long words may stand alone as a heading; short ones (行政, 正) only together with what is counted."""
    before, after = _sides(heading)
    long_words = tuple(word for word in words if len(word) > _SHORT)
    short_words = tuple(word for word in words if len(word) <= _SHORT)
    bare_before = tuple(word for word in before if word)
    bare_after = tuple(word for word in after if word and word != "数")
    return _combined(long_words, before, after) + _combined(short_words, bare_before, bare_after)


def _approved(family: str, code: str, words: tuple[str, ...]) -> Field:
    return Field(
        f"{family}.{code}",
        f"核定{words[0]}",
        ValueKind.COUNT,
        synonyms=_with_and_without(words, "approved"),
        weak=tuple(word for word in words if len(word) <= _SHORT),
        never=tuple(wordings()["headings"]["approved"]["never"].split()),
        by_resemblance=False,
        hint="核定数，填整数；没有这种编制就留空",
        in_template=code not in _UNTEMPLATED,
    )


def _actual(family: str, code: str, words: tuple[str, ...]) -> Field:
    synonyms = _combined(words, *_sides("actual"))
    return Field(
        f"{family}.{code}",
        f"实有{words[0]}",
        ValueKind.COUNT,
        synonyms=synonyms,
        lenient=True,
        by_resemblance=False,
        in_template=False,
    )


def _posts(family: str, code: str, words: tuple[str, ...]) -> Field:
    return Field(
        f"{family}.{code}",
        f"{words[0]}职数",
        ValueKind.COUNT,
        synonyms=_with_and_without(words, "posts"),
        weak=tuple(word for word in words if len(word) == _SHORT and word != "其他"),
        never=tuple(wordings()["headings"]["approved"]["never"].split()),
        by_resemblance=False,
        hint="核定领导职数，填整数；没有就留空",
    )


_CHANGE_LABELS: Final = {
    "increase": "增",
    "decrease": "减",
    "delta": "增减",
    "balance": "结存",
    "posts_delta": "职数增减",
}


def _change(family: str, code: str, words: tuple[str, ...]) -> Field:
    kind = ValueKind.COUNT if family == "increase" else ValueKind.SIGNED_COUNT
    synonyms = _combined(words, *_sides(family))
    label = f"{words[0]}{_CHANGE_LABELS[family]}"
    return Field(
        f"{family}.{code}",
        label,
        kind,
        synonyms=synonyms,
        lenient=family == "balance",
        by_resemblance=False,
        in_template=False,
    )


_MAKERS: Final = {
    "approved": _approved,
    "actual": _actual,
    "posts": _posts,
    "increase": _change,
    "decrease": _change,
    "delta": _change,
    "balance": _change,
    "posts_delta": _change,
}

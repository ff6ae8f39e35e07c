"""档号 by DA/T 13-2022 and DA/T 22-2015: the pattern of a fonds, and the codes of items and volumes made of it.

Within a code "-" parts levels and "·" parts what is of one level. The default of DA/T 22 is
全宗号-门类·年度-保管期限-机构(问题)-件号. An item bound into a volume is numbered within it: 案卷档号-件号.
"""

import re
from dataclasses import dataclass
from string import Formatter
from typing import Final

from bianzhi.kernel.objections import Objection

PLACEHOLDERS: Final = ("fonds", "category", "year", "retention", "unit", "item")
"""What a pattern may name; without `item` two items would get one code."""
DEFAULT_PATTERN: Final = "{fonds}-{category}·{year}-{retention}-{unit}-{item:04}"
VOLUME_PATTERN: Final = "{fonds}-{category}·{year}-{retention}-{item:04}"
"""全宗号-类别号-案卷号: DA/T 13-2022 for archives kept by volumes; `item` is the number of the volume."""
_WITHIN_VOLUME: Final = "{volume}-{item:03}"
_WIDTH: Final = re.compile(r"0[1-9]")
_STANDING: Final = "#"
"""What stands for the number in the name of a series; no part of a code may hold it."""
_PART: Final = re.compile(r"[\w.]+")
LONGEST: Final = 100
"""Characters of a code; the column takes 120."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeParts:
    """What a code is made of, the number apart; `unit` is the code of the organisation (机构) or ""."""

    fonds: str
    category: str
    year: int
    retention: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """The codes that differ in their number only: numbers are counted within one, without a gap."""

    template: str
    name: str
    """The code with "#" for the number; two series that could give one code have one name, and so one counter."""

    def code(self, number: int) -> str:
        """The code with that number; numbers begin at 1."""
        return self.template.format(item=number)


def objections_to_pattern(pattern: str) -> list[Objection]:
    """What is wrong with the pattern of a fonds: an unknown part, no number, a number that is not padded with zeros."""
    try:
        parsed = list(Formatter().parse(pattern))
    except ValueError:
        return [_wrong(f"档号格式“{pattern}”的花括号不成对。")]
    fields = [(name, spec or "", conversion) for _, name, spec, conversion in parsed if name is not None]
    names = [name for name, _, _ in fields]
    unknown = [name for name in names if name not in PLACEHOLDERS]
    if unknown:
        return [_wrong(f"档号格式中的“{unknown[0]}”不是可用的组成部分。")]
    if names.count("item") != 1:
        return [_wrong(f"档号格式须有且只有一个件号 {{item}}，现有 {names.count('item')} 个。")]
    if "fonds" not in names:
        return [_wrong("档号须以全宗号起头，格式中没有 {fonds}。")]
    if any(conversion or (spec and not _is_width_of_number(name, spec)) for name, spec, conversion in fields):
        return [_wrong("档号格式中只有件号可以写位数，如 {item:04}。")]
    if _STANDING in pattern:
        return [_wrong(f"档号格式中不能有“{_STANDING}”。")]
    return []


def _is_width_of_number(name: str, spec: str) -> bool:
    return name == "item" and _WIDTH.fullmatch(spec) is not None


def _wrong(message: str) -> Objection:
    step = f"可用的组成部分：{'、'.join(PLACEHOLDERS)}；DA/T 22-2015 的格式为 {DEFAULT_PATTERN}"
    return Objection("archives.pattern", message, next_step=step)


def objections_to_parts(pattern: str, parts: CodeParts) -> list[Objection]:
    """Parts the pattern asks for and that are missing or cannot stand in a code."""
    given = _texts(parts)
    labels = {"fonds": "全宗号", "category": "门类", "year": "年度", "retention": "保管期限", "unit": "机构"}
    found = []
    for _, name, _, _ in Formatter().parse(pattern):
        if name in labels and not _PART.fullmatch(given[name].replace("-", "")):
            told = f"“{given[name]}”不能用作档号" if given[name] else "还没有"
            message = f"档号由全宗号、门类、年度、保管期限、机构和件号组成，{labels[name]}{told}（DA/T 13-2022）。"
            found.append(Objection("archives.code_part", message, next_step=f"请先著录{labels[name]}"))
    return found


def series_of(pattern: str, parts: CodeParts) -> Series:
    """The series an item of these parts belongs to. Raises ValueError for a pattern or parts that make no code."""
    if objections_to_pattern(pattern) or objections_to_parts(pattern, parts):
        raise ValueError(f"no code can be made of {pattern!r} and {parts}")
    texts = _texts(parts)
    pieces = []
    for literal, name, spec, _ in Formatter().parse(pattern):
        pieces.append(_escaped(literal))
        if name == "item":
            pieces.append(f"{{item:{spec}}}" if spec else "{item}")
        elif name is not None:
            pieces.append(texts[name])
    return _series("".join(pieces))


def volume_series(parts: CodeParts) -> Series:
    """The series of 案卷 of a fonds, category, year and term."""
    return series_of(VOLUME_PATTERN, parts)


def series_within(volume_code: str) -> Series:
    """The series of the items bound in a volume."""
    return _series(_WITHIN_VOLUME.replace("{volume}", _escaped(volume_code)))


def series_in(code: str, number: int | None) -> str | None:
    """The name of the series a code belongs to; None when the number is not in it."""
    places = [match for match in re.finditer(r"\d+", code) if int(match[0]) == number]
    return f"{code[: places[-1].start()]}{_STANDING}{code[places[-1].end() :]}" if places else None


def _series(template: str) -> Series:
    return Series(template, re.sub(r"\{item[^}]*\}", _STANDING, template).replace("{{", "{").replace("}}", "}"))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _texts(parts: CodeParts) -> dict[str, str]:
    return {
        "fonds": parts.fonds,
        "category": parts.category,
        "year": f"{parts.year:04d}" if parts.year else "",
        "retention": parts.retention,
        "unit": parts.unit,
    }


def objections_to_number(number: str) -> list[Objection]:
    """What is wrong with a 全宗号: letters, digits and hyphens only."""
    if re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", number):
        return []
    message = f"全宗号“{number}”应由字母、数字和连字符组成（DA/T 13-2022）。" if number else "没有填写全宗号。"
    return [Objection("archives.fonds_number", message, next_step="全宗号由同级档案馆给定，请照填")]

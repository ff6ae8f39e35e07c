"""Reads a folder of rosters whose names and headings tell which department each is of."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.reconciliation.contracts.defaults import default_schema
from bianzhi.reconciliation.reading.digests import sha256_of
from bianzhi.reconciliation.reading.limited import read_file
from bianzhi.reconciliation.reading.limits import LOCAL, ReadingLimits
from bianzhi.reconciliation.reading.opening import SUFFIXES
from bianzhi.reconciliation.reading.report import ReadingReport
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, DEPARTMENTS, ESTABLISHMENT, FINANCE, HR, ORGANIZATION

NAMES: Final[dict[str, tuple[str, ...]]] = {
    ESTABLISHMENT: ("编办", "编制", "实名制", "establishment", "bianban"),
    ORGANIZATION: ("组织部", "干部", "organization", "organisation", "zuzhibu"),
    HR: ("人社", "人力资源", "社保", "参保", "hr", "renshe"),
    FINANCE: ("财政", "工资", "供养", "统发", "finance", "caizheng"),
}
"""Words in a file's name that tell its department, in the order in which they are asked."""

TELLING: Final[dict[str, tuple[str, ...]]] = {
    FINANCE: ("应发", "实发", "预算单位", "供养", "发薪", "供给方式"),
    HR: ("参保", "社会保障", "社保", "缴费"),
    ESTABLISHMENT: ("编制类别", "编制类型", "编制性质", "占用编制", "编制所在单位", "入编时间", "占编"),
    ORGANIZATION: ("任职机构", "任职单位", "现任职务", "任现职", "任职时间", "干部"),
}
"""Words in headings that only one department uses, asked in this order."""


def read_folder(folder: Path, out: Path, *, limits: ReadingLimits = LOCAL) -> dict[str, list[Path]]:
    """Department → rosters (Parquet), for every roster file directly in `folder`.

    Each roster lies in `out` beside its `….report.json`. Raises UnreadableFile, naming the file, for one that cannot be
    read or whose department nothing tells, and when there is no roster at all.
    """
    out.mkdir(parents=True, exist_ok=True)
    rosters: dict[str, list[Path]] = {}
    for path in files_in(folder):
        try:
            department, roster = _read(path, out, limits)
        except UnreadableFile as refusal:
            raise UnreadableFile(refusal.fault, f"{path.name}：{refusal}") from refusal
        rosters.setdefault(department, []).append(roster)
    if not rosters:
        raise UnreadableFile(Fault.EMPTY, f"{folder} 中没有名册文件（{'、'.join(SUFFIXES)}）。")
    return rosters


def files_in(folder: Path) -> Iterator[Path]:
    """The roster files directly in a folder, by name; what Excel and editors leave behind is passed over."""
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", ".")):
            yield path


def department_named(name: str) -> str:
    """The department a file's name tells, "" for none."""
    plain = name.casefold()
    for code, words in NAMES.items():
        if any(_contains(plain, word) for word in words):
            return code
    return ""


def department_headed(report: ReadingReport) -> str:
    """The department the headings of a file tell, "" for none."""
    headings = " ".join(column.heading for column in report.columns)
    for code, words in TELLING.items():
        if any(word in headings for word in words):
            return code
    return ""


def _contains(name: str, word: str) -> bool:
    """A short Latin word counts only when it stands alone: "hr" is not in "chrome"."""
    at = name.find(word)
    if at < 0 or not word.isascii():
        return at >= 0
    before, after = name[:at][-1:], name[at + len(word) :][:1]
    return not (before.isascii() and before.isalpha()) and not (after.isascii() and after.isalpha())


def _read(path: Path, out: Path, limits: ReadingLimits) -> tuple[str, Path]:
    digest = sha256_of(path)
    named = department_named(path.stem)
    roster = out / f"{path.stem}.{digest[:12]}.parquet"
    schema = default_schema(named) if named else general_schema()
    report = _into(path, roster, schema, named or ESTABLISHMENT, digest, limits)
    department = named or department_headed(report)
    if not department:
        roster.unlink()
        labels = "、".join(label for _, label in DEPARTMENTS)
        raise UnreadableFile(
            Fault.UNRECOGNISED, f"文件名和列名都看不出是哪个部门的名册。请在文件名中写明部门（{labels}）。"
        )
    if not named:
        report = _into(path, roster, default_schema(department), department, digest, limits)
    roster.with_suffix(".report.json").write_text(
        json.dumps({"file": path.name, "department": department, **report.as_json()}, ensure_ascii=False, indent=1),
        encoding="utf-8",
    )
    return department, roster


def _into(
    path: Path, roster: Path, schema: Mapping[str, Any], department: str, digest: str, limits: ReadingLimits
) -> ReadingReport:
    return read_file(path, contract=schema, department=department, delivery=digest, out=roster, limits=limits)


def general_schema() -> dict[str, Any]:
    """A contract that knows the headings of every department, for a file of which nothing is known yet."""
    schema = default_schema(ESTABLISHMENT)
    fields = {one["hub"]["column"]: one for one in schema["fields"]}
    for code in DEPARTMENT_CODES:
        for one in default_schema(code)["fields"]:
            known = fields.setdefault(one["hub"]["column"], one)
            named = [known["title"], *known["hub"]["headings"]]
            known["hub"]["headings"] = list(dict.fromkeys([*named[1:], one["title"], *one["hub"]["headings"]]))
    schema["fields"] = list(fields.values())
    return schema

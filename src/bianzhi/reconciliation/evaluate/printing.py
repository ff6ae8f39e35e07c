"""An evaluation as a table in Chinese, for a terminal."""

import unicodedata
from collections.abc import Iterable

from bianzhi.reconciliation.evaluate.evaluation import Evaluation
from bianzhi.reconciliation.evaluate.scores import LanedScore, Score

MISTAKES = {
    "none": "无差错", "id_substitution": "身份证号错一位", "id_transposition": "身份证号相邻两位颠倒",
    "id_check": "校验码错", "id_missing": "身份证号缺失", "id_borrowed": "填了他人身份证号",
    "id_reissued": "填了旧身份证号", "id_rounded": "被表格软件截尾（…000）", "id_fifteen": "15 位身份证号",
    "id_spaced": "身份证号中有空格", "id_decorated": "身份证号全角或带引号", "id_lower": "小写 x",
    "name_variant": "繁体或异体", "name_spaced": "姓名中有空格", "name_wrong": "姓名错一字",
    "name_note": "姓名带括号说明", "surname_change": "改姓", "minority_dot": "间隔号写法不同",
    "rare_character": "生僻字丢失", "birth_wrong": "出生日期错", "row_twice": "重复行",
}  # fmt: skip
EVENTS = {"hire": "入编", "transfer": "调动", "exit": "出编", "attribute": "信息变更"}


def table(evaluation: Evaluation, labels: dict[str, str] | None = None) -> str:
    """The whole evaluation; `labels` are the Chinese names of classes of findings, where known."""
    names = labels or {}
    parts = [
        f"记录 {evaluation.records:,} 行，{evaluation.persons:,} 人"
        + (f"；其中 {evaluation.unread:,} 行不在运行结果中" if evaluation.unread else ""),
        _pairs(evaluation),
        f"误并：{evaluation.wrong_merges} 行，每百万行 {evaluation.wrong_merges_per_million:.1f}",
        f"待人工判断：疑似同一人 {evaluation.review.pairs} 对，待核差异 {evaluation.review.findings} 项，"
        f"合计每百万人 {evaluation.review.per_million:.0f} 项；另有待佐证的变动 {evaluation.review.events} 项",
        _mistakes(evaluation),
        _classes("差异类别", "认定", evaluation.findings, names),
    ]
    if evaluation.events:
        parts.append(_classes("变动种类", "待登记", evaluation.events, EVENTS))
        parts.append("整建制划转 {} 人，其中识别为个人调动 {} 人".format(*evaluation.merged))
    return "\n\n".join(parts)


def _pairs(evaluation: Evaluation) -> str:
    rows = [("关联", "真实对数", "判为同一人", "准确率", "召回率", "F1")]
    for label, score in (("自动", evaluation.auto), ("含待核", evaluation.with_review)):
        rows.append(
            (label, f"{score.true:,}", f"{score.found:,}", _fine(score.precision), _fine(score.recall), _fine(score.f1))
        )
    return _aligned(rows)


def _mistakes(evaluation: Evaluation) -> str:
    rows = [("差错", "记录数", "归到本人", "召回率")]
    for kind, joined in evaluation.mistakes.items():
        rows.append((MISTAKES.get(kind, kind), f"{joined.records:,}", f"{joined.joined:,}", _share(joined.recall)))
    return _aligned(rows)


def _classes(title: str, certain: str, scores: dict[str, LanedScore], names: dict[str, str]) -> str:
    rows = [(title, "真实", certain, "准确率", "召回率", "含待核", "准确率", "召回率")]
    for kind, score in scores.items():
        strict, both = (_found_of(part, is_scored=bool(score.all.true)) for part in (score.strict, score.all))
        label = names.get(kind, kind) + ("" if score.all.true else "（无真值）")
        rows.append((label, f"{score.all.true:,}", *strict, *both))
    return _aligned(rows)


def _found_of(score: Score, *, is_scored: bool) -> tuple[str, str, str]:
    """Found, precision, recall; no precision for a class the truth does not label."""
    return f"{score.found:,}", _share(score.precision) if is_scored else "-", _share(score.recall)


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _fine(value: float | None) -> str:
    return "-" if value is None else f"{value:.6f}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _aligned(rows: Iterable[tuple[str, ...]]) -> str:
    """Rows in columns: the first to the left, numbers to the right; a Chinese character is two wide."""
    cells = list(rows)
    widths = [max(_width(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = []
    for row in cells:
        first = row[0] + " " * (widths[0] - _width(row[0]))
        rest = [" " * (width - _width(text)) + text for text, width in zip(row[1:], widths[1:], strict=True)]
        lines.append("  ".join([first, *rest]))
    return "\n".join(lines)

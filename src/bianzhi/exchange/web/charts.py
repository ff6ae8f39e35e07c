"""The hub's charts as configurations of the chart component (docs/reference/components.md)."""

from collections.abc import Mapping
from typing import Any

from bianzhi.exchange.web import words
from bianzhi.reconciliation.sources import DEPARTMENTS

MOST_CLASSES = 10


def by_kind(counts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """Unsettled findings of each class, the most first, parted by the department asked to act."""
    kinds = kinds_of(counts)[:MOST_CLASSES]
    return {
        "kind": "hbar",
        "stacked": True,
        "labels": [words.kind_label(kind) for kind in kinds],
        "label_name": "差异",
        "unit": "项",
        "series": [
            {"name": label, "data": [counts.get((kind, code), 0) for kind in kinds]}
            for code, label in DEPARTMENTS
            if any(owner == code for _, owner in counts)
        ],
    }


def kinds_of(counts: Mapping[tuple[str, str], int]) -> list[str]:
    """The classes that occur, the most frequent first."""
    sums: dict[str, int] = {}
    for (kind, _), number in counts.items():
        sums[kind] = sums.get(kind, 0) + number
    return sorted(sums, key=lambda kind: (-sums[kind], kind))


def height_of(config: Mapping[str, Any]) -> int:
    """Pixels a chart of bars needs."""
    return 60 + 30 * max(3, len(config["labels"]))


def ages(counts: Mapping[int, int]) -> dict[str, Any]:
    """Unsettled findings by how long they have stood; `counts` by the first day of the band."""
    return {
        "kind": "bar",
        "labels": [label.removesuffix(" 天") for label, _, _ in words.AGES.values()],
        "label_name": "天数",
        "unit": "项",
        "series": [{"name": "未了结", "data": [counts.get(first, 0) for _, first, _ in words.AGES.values()]}],
    }

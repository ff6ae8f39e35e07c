"""What may be delivered, and when a delivery waits for a person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from bianzhi.kernel.objections import Objection, Severity

MOST_PARTS: Final = 99
NAME_LENGTH: Final = 200
MEBIBYTE: Final = 1024 * 1024
WRONG_PART: Final = "X61"
NOT_DELIVERABLE: Final = "X62"
NO_CONTRACT: Final = "X63"
TOO_LARGE: Final = "X64"
REJECTED_BEFORE: Final = "X65"
NOT_HELD: Final = "X66"
NO_REASON: Final = "X67"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def clean_name(name: str) -> str:
    """The last part of a file's name, without folders, control characters or marks that turn the writing round."""
    last = PureWindowsPath(PurePosixPath(name.replace("\x00", "")).name).name
    plain = _CONTROL.sub("", last).strip(" .")
    return (plain or "未命名")[-NAME_LENGTH:]


def objections_to_part(part: int, parts: int) -> list[Objection]:
    """Part n of m, both counted from 1."""
    if 1 <= part <= parts <= MOST_PARTS:
        return []
    message = f"第 {part} 部分（共 {parts} 部分）填写有误"
    return [Objection(WRONG_PART, message, Severity.BLOCK, {}, f"请填写第 1 至 {MOST_PARTS} 部分中的一个")]


def objections_to_twin(part: int, parts: int, there: Sequence[int]) -> list[Objection]:
    """One content is one part of a division; `there` are the parts it was delivered as and counts for."""
    if not there:
        return []
    message = f"该文件已作为第 {there[0]} 部分（共 {parts} 部分）报送，不能又作为第 {part} 部分"
    step = f"请选对第 {part} 部分的文件；原来填错的，请先把第 {there[0]} 部分的文件报送一次，再报送本文件"
    return [Objection(WRONG_PART, message, next_step=step)]


def objections_to_size(size: int, most: int) -> list[Objection]:
    """A file of `most` bytes at the most, and not empty."""
    if size == 0:
        return [Objection(TOO_LARGE, "文件是空的，没有任何内容", next_step="请确认选对了文件后重新报送")]
    if size > most:
        message = f"文件有 {size / MEBIBYTE:.1f} MB，超过上限 {most // MEBIBYTE} MB"
        return [Objection(TOO_LARGE, message, figures={"size": size}, next_step="请分成几部分报送")]
    return []


def objections_to_reason(reason: str) -> list[Objection]:
    """Whoever decides about a held delivery says why."""
    if reason.strip():
        return []
    return [Objection(NO_REASON, "没有填写理由", next_step="请写明接收或退回的理由，例如已向对方核实")]


@dataclass(frozen=True, slots=True)
class UnitLoss:
    """A unit that has fewer people than in the last accepted delivery."""

    unit: str
    before: int
    after: int

    @property
    def gone(self) -> int:
        """How many are no longer there."""
        return self.before - self.after

    @property
    def percent(self) -> int:
        """How many of a hundred are gone, rounded down."""
        return self.gone * 100 // self.before if self.before else 0


LEAST_GONE: Final = 5
"""Fewer people than this never hold a delivery up: in a unit of three, one who leaves is a third."""


def breaking_losses(losses: Sequence[UnitLoss], percent: int, least: int = LEAST_GONE) -> list[UnitLoss]:
    """The losses that hold a delivery up: more than `percent` of a unit, and at least `least` people of it."""
    broken = [loss for loss in losses if loss.gone >= least and loss.gone * 100 > loss.before * percent]
    return sorted(broken, key=lambda loss: (-loss.gone, loss.unit))


def words_of_losses(losses: Sequence[UnitLoss], total: UnitLoss, percent: int, shown: int = 5) -> str:
    """Units and figures for the person who decides; of the whole, when it has itself shrunk beyond measure."""
    named = "；".join(
        f"{loss.unit} 上次 {loss.before} 人、本次 {loss.after} 人（少 {loss.gone} 人，{loss.percent}%）"
        for loss in losses[:shown]
    )
    more = f"；另有 {len(losses) - shown} 个单位" if len(losses) > shown else ""
    units = f"{len(losses)} 个单位的人数明显减少：{named}{more}" if losses else ""
    if not breaking_losses([total], percent):
        return units
    whole = f"全部人员上次 {total.before} 人、本次 {total.after} 人（少 {total.percent}%），可能是文件不全"
    return f"{whole}；{units}" if units else whole

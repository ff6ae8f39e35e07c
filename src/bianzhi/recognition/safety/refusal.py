"""Why a file is not taken, and how much one file may cost."""

from dataclasses import dataclass
from typing import Final

MEGA: Final = 2**20


class Unacceptable(Exception):
    """A file the archive does not take; `reason` is Chinese: the fact, the figure, what to do."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class SafetyLimits:
    """Ceilings for one file: sizes in bytes, areas in pixels."""

    file_bytes: int = 2_000 * MEGA
    pages: int = 3_000
    page_pixels: int = 300_000_000
    """An A0 sheet at 400 dpi has 250 million."""
    objects: int = 1_000_000
    stream_bytes: int = 512 * MEGA
    unpacked_bytes: int = 4_096 * MEGA
    ratio: int = 250
    ratio_floor_bytes: int = 32 * MEGA
    members: int = 2_000
    text_bytes: int = 50 * MEGA


LIMITS: Final = SafetyLimits()


def damaged(what: str) -> Unacceptable:
    """The refusal of a file that is broken or was not sent whole."""
    return Unacceptable(f"{what}已损坏或没有传完整，不能长期保存。请用原软件打开核对，重新导出或重新扫描后再上传。")


def encrypted(what: str) -> Unacceptable:
    """The refusal of a file under a password or other lock."""
    return Unacceptable(
        f"{what}设有密码或加密保护，无法检查，也不能长期保存（归档文件不得加密，DA/T 70）。请解除保护后另存，再上传。"
    )


def active(what: str, found: str) -> Unacceptable:
    """The refusal of a file that could do something by itself."""
    return Unacceptable(
        f"{what}内含{found}，打开时可能自动执行，已拒绝接收并隔离。请打印为 PDF 或另存为不含该内容的文件。"
    )


def bomb(what: str, figure: str) -> Unacceptable:
    """The refusal of a file that grows beyond all measure when it is opened."""
    return Unacceptable(f"{what}{figure}，疑似压缩炸弹，已拒绝接收并隔离。请核对文件来源。")


def two_natures(what: str, other: str) -> Unacceptable:
    """The refusal of a file that is something else as well."""
    return Unacceptable(f"{what}中夹带{other}，一个文件同时是两种格式，已拒绝接收并隔离。请核对文件来源。")

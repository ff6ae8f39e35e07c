"""Unified social credit codes (统一社会信用代码, GB 32100-2015) and the organisation code inside them (GB 11714)."""

import re
import string
from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.characters import compact

ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS: Final = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
AUTHORITIES: Final = {"1": "机构编制", "5": "民政", "9": "市场监督管理", "A": "外交", "N": "农业农村", "Y": "其他"}
ESTABLISHMENT_KINDS: Final = {"1": "机关", "2": "事业单位", "3": "编办直接管理的群众团体", "9": "其他"}

_ORGANISATION_VALUES: Final = {character: int(character, 36) for character in string.digits + string.ascii_uppercase}


class CreditCodeError(ValueError):
    """A text is not a unified social credit code; the message says why, in Chinese."""


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A readable code. `flags` lists failed check characters; it is empty for a sound code."""

    value: str
    flags: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.value

    @property
    def is_sound(self) -> bool:
        """True when both check characters agree."""
        return not self.flags

    @property
    def authority(self) -> str:
        """The registering authority in Chinese, or "" when the standard names none for the first character."""
        return AUTHORITIES.get(self.value[0], "")

    @property
    def kind(self) -> str:
        """For codes issued by establishment offices: 机关, 事业单位…; "" for others."""
        return ESTABLISHMENT_KINDS.get(self.value[1], "") if self.value[0] == "1" else ""

    @property
    def region(self) -> str:
        """Six digits of the registering place."""
        return self.value[2:8]

    @property
    def organisation_code(self) -> str:
        """The nine characters of GB 11714."""
        return self.value[8:17]


def check_character(body: str) -> str:
    """The 18th character for the first 17 (GB 32100 §4.2.6). Raises ValueError for a character outside the alphabet."""
    total = sum(ALPHABET.index(character) * weight for character, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(body: str) -> str:
    """The 9th character of an organisation code for its first 8 (GB 11714): "X" stands for ten."""
    total = sum(
        _ORGANISATION_VALUES[character] * weight for character, weight in zip(body, ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X"[(11 - total % 11) % 11]


def parse_credit_code(text: str, *, allow_flagged: bool = False) -> CreditCode:
    """Read a code in any usual writing (full-width, spaces, hyphens, lower case).

    Raises CreditCodeError. With `allow_flagged`, a code of the right shape whose check characters fail is returned with
    the failures in `flags`: a few codes of the pilot years break the check and are nevertheless in force.
    """
    plain = re.sub(r"[-－—]", "", compact(text)).upper()
    if not plain:
        raise CreditCodeError("未填写统一社会信用代码")
    if len(plain) != 18:
        raise CreditCodeError(f"统一社会信用代码应为 18 位，现为 {len(plain)} 位")
    strange = sorted(set(plain) - set(ALPHABET))
    if strange:
        raise CreditCodeError(f"统一社会信用代码不使用字符「{'、'.join(strange)}」，请核对是否把 1 写成 I、把 0 写成 O")
    if not plain[2:8].isdigit():
        raise CreditCodeError("统一社会信用代码第 3 至 8 位应为行政区划数字，请核对")
    flags = _failed_checks(plain)
    if flags and not allow_flagged:
        raise CreditCodeError(f"统一社会信用代码{'、'.join(flags)}，请与证书逐位核对；早年试点赋码可选“按证书登记”")
    return CreditCode(plain, flags)


def _failed_checks(value: str) -> tuple[str, ...]:
    failed = []
    if organisation_check_character(value[8:16]) != value[16]:
        failed.append("第 17 位（主体标识码校验码）不符")
    if check_character(value[:17]) != value[17]:
        failed.append("第 18 位（校验码）不符")
    return tuple(failed)


def make_credit_code(kind: str, region: str, serial: int) -> CreditCode:
    """A sound code issued by an establishment office, for demonstrations and tests.

    `kind` is a key of ESTABLISHMENT_KINDS, `region` six digits, `serial` below 100 million; else ValueError.
    """
    if kind not in ESTABLISHMENT_KINDS or not re.fullmatch(r"\d{6}", region) or not 0 <= serial < 10**8:
        raise ValueError(f"cannot make a credit code of {kind!r}, {region!r}, {serial}")
    organisation = f"{serial:08d}"
    body = f"1{kind}{region}{organisation}{organisation_check_character(organisation)}"
    return CreditCode(body + check_character(body))

"""Resident identity numbers (公民身份号码, GB 11643-1999; check character ISO 7064 MOD 11-2)."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from bianzhi.kernel.characters import compact

WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_CHARACTERS: Final = "10X98765432"
UNALLOCATED_REGION: Final = "330699"  # never issued, so no demonstration number can belong to a living person
EARLIEST_BIRTH: Final = date(1900, 1, 1)

_SEPARATORS: Final = str.maketrans("", "", "-－—_'’‘`\"“”,，.。·")
_SCIENTIFIC: Final = re.compile(r"\d(\.\d+)?[Ee]\+?\d{1,2}")
_HONG_KONG_MACAO: Final = re.compile(r"[HM]\d{8}(\d{2})?|[A-Z]{1,2}\d{6}\(?[0-9A]\)?|[157]\d{6}\(\d\)")
_TAIWAN: Final = re.compile(r"[A-Z][12]\d{8}")
_FOREIGN_PERMIT: Final = re.compile(r"[A-Z]{3}\d{12}|9\d{16}[\dX]")  # the second is the card issued since 2023
_RESIDENCE_PERMIT: Final = re.compile(r"8[123]0000\d{11}[\dX]")


class IdNumberFault(StrEnum):
    """Why a text is not a resident identity number."""

    EMPTY = "empty"
    DAMAGED = "damaged"
    FOREIGN = "foreign"
    LENGTH = "length"
    CHARACTERS = "characters"
    BIRTH = "birth"
    CHECKSUM = "checksum"


class IdNumberError(ValueError):
    """A text is not a resident identity number; the message says why, in Chinese and without the number itself."""

    def __init__(self, fault: IdNumberFault, message: str) -> None:
        self.fault = fault
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A valid 18-character number, with what it says about its holder."""

    value: str
    was_fifteen: bool = False

    def __str__(self) -> str:
        return self.value

    @property
    def region(self) -> str:
        """Six digits of the place of first registration; old places stay valid for ever, so they are not looked up."""
        return self.value[:6]

    @property
    def birth(self) -> date:
        """Date of birth as printed on the card (the personnel file may say otherwise, see R16)."""
        return date(int(self.value[6:10]), int(self.value[10:12]), int(self.value[12:14]))

    @property
    def sex(self) -> str:
        """GB/T 2261.1 code: "1" male, "2" female."""
        return "1" if int(self.value[16]) % 2 else "2"

    @property
    def ends_in_zeros(self) -> bool:
        """True for a sound number ending in 000: rarely genuine, and what Excel leaves of one in eleven it destroys.

        Importers warn, and refuse it when other numbers of the same column are damaged.
        """
        return self.value.endswith("000")


def check_character(body: str) -> str:
    """The 18th character for the first 17 digits."""
    total = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True))
    return CHECK_CHARACTERS[total % 11]


def normalise_id_number(text: str) -> str:
    """Write a number as usual: half-width, without spaces and separators, upper-case X. Judges nothing."""
    return compact(text).upper().replace("Χ", "X").replace("Х", "X").replace("×", "X").lstrip("'‘’`")


def looks_damaged(text: str) -> bool:
    """True for numbers Excel has destroyed: scientific notation, or 18 digits rounded to end in 000.

    Excel keeps fifteen digits. The last three are gone for good and cannot be computed back (the serial and the sex
    are among them), so such a number is reported and never repaired.
    """
    plain = normalise_id_number(text)
    if _SCIENTIFIC.fullmatch(plain):
        return True
    digits = plain.removesuffix(".0")
    return len(digits) == 18 and digits.isdecimal() and digits.endswith("000") and not _is_sound(digits)


def _is_sound(value: str) -> bool:
    return check_character(value[:17]) == value[17]


def parse_id_number(value: str | float) -> IdNumber:
    """Read a number in any usual writing; a 15-digit one is lengthened to 18.

    A spreadsheet cell that holds a number instead of text may be passed as it is: beyond fifteen digits it is damaged
    for certain. Raises IdNumberError naming the fault. Rule R16; domain.md §2.9.
    """
    is_numeric = not isinstance(value, str)
    plain = normalise_id_number(str(value))
    if not plain:
        raise IdNumberError(IdNumberFault.EMPTY, "未填写身份证号")
    if looks_damaged(plain) or (is_numeric and abs(float(value)) >= 10**15):
        raise IdNumberError(
            IdNumberFault.DAMAGED,
            "身份证号已被表格软件损坏（末三位变为 000 或显示为科学计数法），无法还原，"
            "请先把该列设为文本格式，再按证件原件重新填写",
        )
    _refuse_foreign(plain)
    plain = plain.removesuffix(".0").translate(_SEPARATORS)
    if not re.fullmatch(r"\d{15}|\d{17}[\dX]", plain):
        raise _misshapen(plain)
    was_fifteen = len(plain) == 15
    value_18 = _lengthened(plain) if was_fifteen else plain
    _require_birth(value_18)
    if not _is_sound(value_18):
        raise IdNumberError(IdNumberFault.CHECKSUM, "身份证号校验码不符，其中至少有一位填写有误，请与证件原件逐位核对")
    return IdNumber(value_18, was_fifteen)


def _refuse_foreign(plain: str) -> None:
    for pattern, what in (
        (_FOREIGN_PERMIT, "外国人永久居留身份证号"),
        (_RESIDENCE_PERMIT, "港澳台居民居住证号"),
        (_HONG_KONG_MACAO, "港澳居民证件号"),
        (_TAIWAN, "台湾居民身份证号"),
    ):
        if pattern.fullmatch(plain):
            raise IdNumberError(
                IdNumberFault.FOREIGN, f"这是{what}，不是居民身份证号；机构编制实名登记只接受居民身份证号"
            )


def _misshapen(plain: str) -> IdNumberError:
    if len(plain) in (15, 18):
        return IdNumberError(
            IdNumberFault.CHARACTERS, "身份证号只能由数字组成，仅第 18 位可以是 X，请检查是否混入字母或汉字"
        )
    return IdNumberError(
        IdNumberFault.LENGTH, f"身份证号应为 18 位（旧证 15 位），现为 {len(plain)} 位，请补全或删去多余字符"
    )


def _lengthened(fifteen: str) -> str:
    """15 to 18: the century is always the 20th, since no 15-digit number was issued to those born after 1999."""
    body = f"{fifteen[:6]}19{fifteen[6:]}"
    return body + check_character(body)


def _require_birth(value: str) -> None:
    digits = value[6:14]
    written = f"{digits[:4]}年{digits[4:6]}月{digits[6:]}日"
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        message = f"身份证号中的出生日期「{written}」不存在，请核对第 7 至 14 位"
        raise IdNumberError(IdNumberFault.BIRTH, message) from None
    if birth < EARLIEST_BIRTH:
        raise IdNumberError(IdNumberFault.BIRTH, f"身份证号中的出生日期「{written}」过早，请核对第 7 至 14 位")


def make_id_number(region: str, birth: date, serial: int) -> IdNumber:
    """A valid number for demonstrations and tests; pass UNALLOCATED_REGION so it can be nobody's.

    `serial` is 0 to 999; odd is male. Raises ValueError outside that range or for a region that is not six digits.
    """
    if not re.fullmatch(r"\d{6}", region) or not 0 <= serial <= 999:
        raise ValueError(f"region must be six digits and serial 0–999, got {region!r} and {serial}")
    body = f"{region}{birth:%Y%m%d}{serial:03d}"
    return IdNumber(body + check_character(body))

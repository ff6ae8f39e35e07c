"""Document numbers (发文字号, 文号), as GB/T 9704-2012 writes them: 虞编办〔2025〕12号.

Decisions. Brackets around the year become 〔〕, digits half-width, spaces and 「第」 go, 「号」 is added. Leading zeros
of the serial go, because the standard has none (不编虚位) and 012 and 12 are the same document; a 「字」 that ends the
agency's code stays, because old codes own it. A number of any other shape is kept as it was written, only trimmed: the
register never destroys what an old document says of itself.
"""

import re
from dataclasses import dataclass
from typing import Final

from bianzhi.kernel.characters import half_width, without_invisible, without_spaces

_OPENING: Final = r"[\[(【〈《{〔［（﹝「『〖<]"
_CLOSING: Final = r"[\])】〉》}〕］）﹞」』〗>]"
_STANDARD: Final = re.compile(
    rf"(?P<agency>.*?\D){_OPENING}(?P<year>(?:19|20)\d\d)年?{_CLOSING}第?(?:№|No\.?)?(?P<serial>\d+)号?",
    re.IGNORECASE | re.DOTALL,
)
_AGENCY: Final = re.compile(r"[\w（）()、·]+")
_FOLDED_AWAY: Final = str.maketrans("", "", "[](){}〔〕【】〈〉《》［］（）﹝﹞「」『』〖〗<>第字")


@dataclass(frozen=True, slots=True)
class DocumentNumber:
    """A document number: in parts when it is of the standard shape, else as written."""

    text: str
    agency: str = ""
    year: int | None = None
    serial: int | None = None

    def __str__(self) -> str:
        return self.text

    @property
    def is_standard(self) -> bool:
        """True for 机关代字〔年〕序号."""
        return self.year is not None

    @property
    def matching_key(self) -> str:
        """What two writings of one number have in common; for finding documents, never for showing."""
        return without_spaces(half_width(self.text)).translate(_FOLDED_AWAY).removesuffix("号").casefold()

    @property
    def remark(self) -> str:
        """Why the number is not of the standard shape, for the person who entered it; "" when it is."""
        if self.is_standard:
            return ""
        if not self.text:
            return "未填写文号"
        return f"文号「{self.text}」不是“机关代字〔年份〕序号”的规范写法，已按原样保留，请核对"


def parse_document_number(text: str) -> DocumentNumber:
    """Read a document number in any usual writing. Never fails: an unusual one comes back as written."""
    kept = " ".join(without_invisible(text).split())
    plain = without_spaces(half_width(text))
    found = _STANDARD.fullmatch(plain)
    if found is None:
        return DocumentNumber(kept)
    agency = found["agency"]
    if not _AGENCY.fullmatch(agency):
        return DocumentNumber(kept)
    return standard_document_number(agency, int(found["year"]), int(found["serial"]))


def standard_document_number(agency: str, year: int, serial: int) -> DocumentNumber:
    """Write a number in the standard form from its parts."""
    return DocumentNumber(f"{agency}〔{year}〕{serial}号", agency, year, serial)

"""What an official document says, before it is put on pages: its header, its body, its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

_DIGITS: Final = "〇一二三四五六七八九"


class Form(StrEnum):
    """How a document is laid out."""

    DOCUMENT = "document"
    LETTER = "letter"
    MINUTES = "minutes"
    BULLETIN = "bulletin"
    TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Table:
    """A ruled table; `widths` are shares of the page's text width."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One document. `figures` are what a reader may take from it: `quota:A1`, `increase:B1`, `post:org_chief` …"""

    form: Form = Form.DOCUMENT
    language: str
    banner: str
    doc_no: str
    title: str
    issuer: str
    dated_on: date
    body: tuple[str | Table, ...]
    addressee: str = ""
    signer: str = ""
    classification: str = ""
    urgency: str = ""
    attachments: tuple[str, ...] = ()
    note: str = ""
    copies_to: str = ""
    keywords: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    has_seal: bool = True
    unit: str = ""
    figures: Mapping[str, int] = field(default_factory=dict)

    @property
    def fields(self) -> dict[str, str]:
        """What a careful cataloguer writes down, under the names of the catalogue's fields; nothing for what is not
        on the paper.
        """
        told = {
            "doc_no": self.doc_no,
            "title": self.title,
            "responsible": self.issuer,
            "addressee": self.addressee,
            "dated_on": self.dated_on.isoformat(),
            "classification": self.classification,
            "signer": self.signer,
            "attachments": "；".join(self.attachments),
            "keywords": "、".join(self.keywords),
            "persons": "、".join(self.persons),
            "language": self.language,
        }
        return {name: value for name, value in told.items() if value} | {
            name: str(value) for name, value in self.figures.items()
        }

    @property
    def written_date(self) -> str:
        """The date as papers of that form bear it: Arabic since 2012, Chinese figures before."""
        day = self.dated_on
        if self.form is not Form.TYPED:
            return f"{day.year}年{day.month}月{day.day}日"
        year = "".join(_DIGITS[int(digit)] for digit in str(day.year))
        return f"{year}年{in_chinese(day.month)}月{in_chinese(day.day)}日"


def in_chinese(number: int) -> str:
    """1 to 99 in Chinese: 三十一. Raises ValueError beyond."""
    if not 0 < number < 100:
        raise ValueError(f"not between 1 and 99: {number}")
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")

"""Taking personal data out of a text before it is logged.

A log line is written for whoever looks after the server, who has no business with persons. What a line may carry is
English words of the program, names of types, tables and columns, keys of rows and figures. Everything a person could
have typed in is masked: long numbers, Chinese text, quoted values, the values a database error repeats, the query of
an address. A name in Latin letters without quotation marks can't be told from a word of the program.
"""

from __future__ import annotations

import re
from typing import Final

_CHINESE: Final = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"

_RULES: Final[tuple[tuple[re.Pattern[str], str], ...]] = (
    # PostgreSQL repeats the refused row in DETAIL and the statement in CONTEXT and LINE.
    (re.compile(r"^(DETAIL|CONTEXT|HINT|LINE \d+):.*$", re.MULTILINE), r"\1: …"),
    (re.compile(r"=\([^)]*\)"), "=(…)"),
    # Values between quotation marks, unless they are one word of a program (a column, a module, a format).
    (re.compile(r"'(?![A-Za-z_][\w.:/-]{0,80}')[^'\n]*'"), "'…'"),
    (re.compile(r'"(?![A-Za-z_][\w.:/-]{0,80}")[^"\n]*"'), '"…"'),
    (re.compile(r"\?[^\s'\"]*=[^\s'\"]*"), "?…"),
    (re.compile(r"(?:%[0-9A-Fa-f]{2})+"), "%…"),
    (re.compile(r"(?:\\u[0-9a-fA-F]{4}|\\U[0-9a-fA-F]{8}|\\x[0-9a-fA-F]{2})+"), "…"),
    (re.compile(r"[^\s<>'\"(]+@[^\s<>'\")]+\.[A-Za-z]+"), "…@…"),
    (re.compile(rf"[{_CHINESE}](?:[·•.\s]?[{_CHINESE}])*"), "＊"),
    # Numbers in groups as people write them, then whatever is as long as an identity number, telephone or bank card.
    (re.compile(r"(?<!\d)1[3-9]\d[ -]\d{4}[ -]\d{4}(?!\d)"), "1****"),
    (re.compile(r"(?<!\d)\d{6}[ -]\d{8}[ -]\d{3}[\dXx](?!\d)"), "****"),
    (re.compile(r"(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)"), "0****"),
    (re.compile(r"(?<!\d)(\d{3})\d{5,}([\dXx]{3})(?![\dXx])"), r"\1****\2"),
    (re.compile(r"(?<![0-9A-Za-z])\d{8,10}(?![0-9A-Za-z])"), "****"),
)


def masked(text: str) -> str:
    """The text without what could be about a person."""
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text

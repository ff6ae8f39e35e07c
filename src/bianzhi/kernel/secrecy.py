"""Marks of secrecy on papers: what is marked 秘密 or above stays outside this platform (R27)."""

import re
from typing import Final

from bianzhi.kernel.characters import half_width, without_invisible, without_spaces

# 「国家秘密载体」 and 「密码机密钥」 speak of a matter, they do not mark a paper.
_MARK: Final = re.compile(r"绝密|机密(?![钥码])|(?<!国家)(?<!商业)(?<!工作)秘密")


def mark_in(text: str) -> str:
    """The secrecy mark a text carries, "" when there is none; 「秘 密」 and full-width spaces are seen through."""
    found = _MARK.search(without_spaces(without_invisible(half_width(text))))
    return found[0] if found else ""

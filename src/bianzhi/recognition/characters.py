"""Kinds of characters, as far as reading a page depends on them."""

import re

_CHINESE = re.compile("[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")


def is_chinese(char: str) -> bool:
    """Whether it is a Chinese character or full-width sign, beside which no space is written."""
    return _CHINESE.match(char) is not None

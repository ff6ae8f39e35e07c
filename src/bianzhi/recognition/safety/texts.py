"""Plain texts, and texts that only pretend to be plain."""

import re
from pathlib import Path
from typing import Final

from bianzhi.recognition.safety.refusal import LIMITS, SafetyLimits, Unacceptable, active

_MARKUP: Final = re.compile(rb"<\s*(?:!doctype|html|svg|script|iframe|body|\?xml|\?php)", re.IGNORECASE)
_HEAD: Final = 1_024
_PROGRAM: Final = (b"#!", b"MZ", b"\x7fELF", b"@echo", b"%!PS")


def refuse_markup(head: bytes, what: str) -> None:
    """Refuse a file whose first thousand bytes hold a page, a drawing with scripts, or a program."""
    if _MARKUP.search(head[:_HEAD]):
        raise active(what, "网页或脚本代码（HTML、SVG、XML 等）")


def refuse_program(data: bytes, what: str) -> None:
    """Refuse a file that begins as a program or a script does."""
    if data.lstrip().lower().startswith(tuple(each.lower() for each in _PROGRAM)):
        raise active(what, "程序或命令")


def inspect_text(path: Path, limits: SafetyLimits = LIMITS) -> None:
    """Refuse what is no plain text: programs, markup, unknown encodings. Raises Unacceptable."""
    if path.stat().st_size > limits.text_bytes:
        raise Unacceptable(f"文本文件超过 {limits.text_bytes // 2**20} MB，不像公文。请分成几个文件上传。")
    data = path.read_bytes()
    refuse_program(data, "文件")
    refuse_markup(data, "文件")
    if b"\x00" in data or not _decodes(data):
        raise Unacceptable("文件内容不是文本，也不是可以接收的格式。请用原软件另存为 PDF 后上传。")


def _decodes(data: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return True
    return False

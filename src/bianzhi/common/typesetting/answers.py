"""How the compiler's process answers: one line, a blank line, and the PDF."""

from typing import Final

OK: Final = "ok"
NO_FONT: Final = "no-font"
MISSING: Final = "missing"
FAILED: Final = "failed"
SEPARATOR: Final = b"\n\n"

"""Pieces of SQL text shared by the emitters, and the characters every reader leaves out."""

from typing import Final

from bianzhi.kernel.characters import FULL_WIDTH, INVISIBLE

HAN: Final = "一-鿿"
SPACES: Final = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + ("\u2028\u2029\u202f\u205f\u3000")
)
UNSEEN: Final = "".join(sorted(INVISIBLE))
SELECTORS: Final = "".join(map(chr, range(0xFE00, 0xFE10)))
LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_WIDE: Final = {chr(code): chr(plain) for code, plain in FULL_WIDTH.items() if code != 0x3000}


def quoted(text: str) -> str:
    """The text as an SQL literal. Backslashes are refused: the two engines read them differently."""
    if "\\" in text:
        raise ValueError("a backslash means different things to the two engines")
    return "'" + text.replace("'", "''") + "'"


def folding(kept: dict[str, str], dropped: str) -> dict[str, str | None]:
    """A table for `folded` and `translate_sql`: width and case folded, `kept` mapped, `dropped` left out."""
    table: dict[str, str | None] = {wide: plain.upper() for wide, plain in _WIDE.items()}
    table |= {small: small.upper() for small in LOWER}
    table |= kept
    table |= dict.fromkeys(SPACES + UNSEEN + dropped)
    for wide, plain in _WIDE.items():
        if plain in table:
            table[wide] = table[plain]
    return {character: image for character, image in table.items() if "\\" not in (character, image)}


def folded(text: str, table: dict[str, str | None]) -> str:
    """The text with each character replaced or left out as the table says."""
    return "".join(image for character in text if (image := table.get(character, character)) is not None)


def translate_sql(expression: str, table: dict[str, str | None]) -> str:
    """SQL of `folded`: `translate` leaves out the characters it has no image for."""
    mapped = [(character, image) for character, image in table.items() if image is not None]
    source = "".join(character for character, _ in mapped) + "".join(c for c, image in table.items() if image is None)
    return f"translate({expression}, {quoted(source)}, {quoted(''.join(image for _, image in mapped))})"

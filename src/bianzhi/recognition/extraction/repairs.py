"""What recognition takes for what: letters read for figures, marks read for 年, 月, 日 and 号."""

from typing import Final

LIKE_FIGURES: Final = str.maketrans("OoQDlI|iZzSsB", "0000111122558")
FIGURES: Final = "0-9OoQDlI|iZzSsB"
"""For the inside of a pattern's brackets: what a figure may have become."""
YEAR, MONTH, DAY, NUMBER = "[年牛午]", "[月目]", "[日曰口]", "[号亏弓吕]"


def figures(text: str) -> str:
    """A run of figures with letters that stand for figures put right."""
    return text.translate(LIKE_FIGURES)


def distance(first: str, second: str, limit: int) -> int:
    """How many characters have to be changed, added or left out between two texts; `limit` + 1 for any more."""
    if abs(len(first) - len(second)) > limit:
        return limit + 1
    row = list(range(len(second) + 1))
    for number, one in enumerate(first, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(second, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (one != other))
        if min(row) > limit:
            return limit + 1
    return row[-1]

"""Traditional and variant characters and the plain ones they are folded to.

The table (variants.csv) comes from the OpenCC dictionaries (Apache-2.0: TSCharacters, TWVariants, HKVariants) and from
Unicode's compatibility ideographs and Kangxi radicals. Folding serves comparison only and is never shown.
"""

import csv
from functools import cache
from pathlib import Path
from typing import Final

TABLE: Final = Path(__file__).with_name("variants.csv")


@cache
def variants() -> dict[str, str]:
    """Every variant character with its plain form; a plain form is never itself a variant."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["variant"]: row["plain"] for row in csv.DictReader(file)}

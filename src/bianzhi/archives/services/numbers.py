"""Giving 档号: counted per series, without a gap, once and never again."""

from bianzhi.archives.models import Item, Volume
from bianzhi.archives.rules.archival_code import (
    CodeParts,
    Series,
    objections_to_parts,
    series_of,
    series_within,
    volume_series,
)
from bianzhi.common.numbering import next_numbers
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.objections import refuse_if

_LONGEST_COUNTER = 60


def counter_of(series: Series) -> str:
    """The name of a series' counter."""
    return counter_named(series.name)


def counter_named(series: str) -> str:
    """The name of the counter of a series by name: the series itself where the column takes it, else its digest."""
    name = f"archives:{series}"
    return name if len(name) <= _LONGEST_COUNTER else f"archives:{sm3_hex(series)[:48]}"


def next_code(series: Series) -> tuple[int, str]:
    """The next number of a series and its code.

    The counter is locked to the end of the transaction: two writers never get one number, and a filing that is refused
    leaves no gap.
    """
    number = next_numbers(counter_of(series)).start
    return number, series.code(number)


def series_of_item(item: Item) -> Series:
    """Where an item is counted: in its volume, else by the pattern of its fonds. Raises Refused for a part missing."""
    if item.volume is not None:
        return series_within(item.volume.code)
    parts = _parts(item)
    refuse_if(objections_to_parts(item.fonds.pattern, parts))
    return series_of(item.fonds.pattern, parts)


def series_of_volume(volume: Volume) -> Series:
    """Where a volume is counted."""
    return volume_series(
        CodeParts(
            fonds=volume.fonds.number,
            category=volume.category.code,
            year=volume.year,
            retention=volume.retention,
        )
    )


def _parts(item: Item) -> CodeParts:
    unit = item.organization or item.fonds.organization
    return CodeParts(
        fonds=item.fonds.number,
        category=item.category.code if item.category else "",
        year=item.year or 0,
        retention=item.retention,
        unit=unit.code if unit else "",
    )

"""Taking a checked bag in: what it stands in is found or made, then items, files, pages, words and relations."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from bianzhi.archives.models import (
    Candidate,
    Category,
    Fonds,
    FourPropertyCheck,
    Item,
    ItemFile,
    Original,
    OriginalState,
    Page,
    Relation,
    Volume,
)
from bianzhi.archives.rules.archival_code import objections_to_number, objections_to_pattern, series_in
from bianzhi.archives.rules.package_counters import COUNTERS, LARGEST, raised_to
from bianzhi.archives.selectors.naming import id_of
from bianzhi.archives.services.describing import objections_to_description
from bianzhi.archives.services.fonds import open_fonds, set_category
from bianzhi.archives.services.numbers import counter_named
from bianzhi.archives.services.packages.proving import refused
from bianzhi.archives.services.packages.records import CANDIDATE, CHECK, FILE, ITEM, PAGE, RELATION
from bianzhi.archives.services.packages.units import found_units
from bianzhi.archives.storage import name_of
from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record as note
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.models import SerialCounter
from bianzhi.kernel.objections import refuse_if
from bianzhi.organizations.models import Organization
from bianzhi.recognition.identify import FORMATS, Format

DAYS: Final = frozenset({"dated_on"})
MOMENTS: Final = frozenset({"created_at", "filed_at", "added_at", "kept_at", "made_at", "checked_at"})


@dataclass
class Frame:
    """What items stand in, by number and code."""

    fonds: dict[str, Fonds] = field(default_factory=dict)
    categories: dict[str, Category] = field(default_factory=dict)
    units: dict[str, Organization] = field(default_factory=dict)
    volumes: dict[str, Volume] = field(default_factory=dict)
    originals: dict[str, Original] = field(default_factory=dict)
    formats: Mapping[str, Format] = field(default_factory=dict)
    """What each original whose bytes came is, by digest."""
    fresh: set[str] = field(default_factory=set)
    """Digests of originals the archive did not have before."""


@unit_of_work
def frame_of(
    *,
    actor: Actor,
    told: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    formats: Mapping[str, Format],
    creates_units: bool,
) -> Frame:
    """Find or make what the items stand in. What is there already stays as it is here."""
    frame = Frame(formats=formats)
    here = set(Fonds.objects.values_list("number", flat=True))
    rows = [*records, *told["volumes"], *told["fonds"]]
    used = {row["unit"] for row in rows if row["unit"]}
    frame.units = found_units(actor=actor, told=told["units"], used=used, creates=creates_units)
    for row in told["fonds"]:
        refuse_if([*objections_to_number(row["number"]), *objections_to_pattern(row["pattern"])])
        frame.fonds[row["number"]] = Fonds.objects.filter(number=row["number"]).first() or open_fonds(
            actor=actor,
            number=row["number"],
            name=row["name"],
            pattern=row["pattern"],
            organization_id=frame.units[row["unit"]].pk if row["unit"] else None,
        )
    for row in told["categories"]:
        frame.categories[row["code"]] = Category.objects.filter(code=row["code"]).first() or set_category(
            actor=actor, **row
        )
    for row in told["volumes"]:
        frame.volumes[row["code"]] = Volume.objects.filter(code=row["code"]).first() or _volume(actor, row, frame)
    shown = _shown([*records, *told["volumes"]])
    _raise_counters(raised_to(_told_numbers(told["counters"]), shown, here=here, new=frame.fonds.keys() - here))
    return frame


def _volume(actor: Actor, row: Mapping[str, Any], frame: Frame) -> Volume:
    volume = Volume(
        fonds=frame.fonds[row["fonds"]],
        category=frame.categories[row["category"]],
        organization=frame.units[row["unit"]] if row["unit"] else None,
        **{name: row[name] for name in ("year", "retention", "number", "code", "title", "remark")},
    )
    refuse_if(objections_to_lengths(volume))
    volume.save()
    note("archives.volume_opened", actor=actor, subject=volume, wrote=[volume], facts={"code": volume.code})
    return volume


def _raise_counters(counters: Mapping[str, int]) -> None:
    """No number the package shows as given is given again."""
    for series, last in sorted(counters.items()):
        SerialCounter.objects.get_or_create(series=series)
        counter = SerialCounter.objects.select_for_update().get(series=series)
        counter.last = max(counter.last, last)
        counter.save(update_fields=["last"])


def _told_numbers(counters: Mapping[str, Any]) -> dict[str, int]:
    """How far the package says its series are given. Raises Refused for what is no number of an archive."""
    for series, last in counters.items():
        if not series.startswith(COUNTERS):
            raise refused(f"编号序列 {series[:40]} 不属于档案")
        if type(last) is not int or not 0 <= last <= LARGEST:
            raise refused(f"编号序列 {series[:40]} 的号数不合规")
    return dict(counters)


def _shown(rows: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """The highest number of each counter among the codes of a package. Raises Refused for a code without its number."""
    shown: dict[str, int] = {}
    for row in rows:
        code, number = row["code"], row["number"]
        series = series_in(code, number)
        if series is None or type(number) is not int or not 0 < number <= LARGEST:
            raise refused(f"档号 {code[:60]} 与其中的号数 {number} 不符")
        counter = counter_named(series)
        shown[counter] = max(number, shown.get(counter, 0))
    return shown


@unit_of_work
def take_item(*, actor: Actor, record: Mapping[str, Any], frame: Frame) -> Item:
    """Write an item of a bag as its record has it, and note it. Raises Refused: R27, and for what fits no column."""
    item = Item(
        fonds=frame.fonds[record["fonds"]],
        category=frame.categories[record["category"]] if record["category"] else None,
        volume=frame.volumes[record["volume"]] if record["volume"] else None,
        organization=frame.units[record["unit"]] if record["unit"] else None,
        **_values(record, ITEM),
    )
    refuse_if(objections_to_description(item))
    item.save()
    wrote: list[SealedModel] = [item, *_take_files(item, record, frame), *_take_relations(item, record, actor)]
    Candidate.objects.bulk_create(Candidate(item=item, **_values(row, CANDIDATE)) for row in record["candidates"])
    FourPropertyCheck.objects.bulk_create(
        FourPropertyCheck(item=item, **_values(row, CHECK)) for row in record["checks"]
    )
    facts = {"code": item.code, "filed_by": record["filed_by"]}
    note("archives.imported", actor=actor, subject=item, wrote=wrote, facts=facts)
    return item


def _take_files(item: Item, record: Mapping[str, Any], frame: Frame) -> list[SealedModel]:
    wrote: list[SealedModel] = []
    placed: dict[tuple[int, int], ItemFile] = {}
    for told in record["files"]:
        original = frame.originals.get(told["sha256"])
        if original is None:
            original = frame.originals[told["sha256"]] = _original(told, frame)
            wrote.append(original)
        file = ItemFile.objects.create(item=item, original=original, **_values(told, FILE))
        placed[file.version, file.position] = file
        wrote.append(file)
    pages = [Page(item=item, file=placed[tuple(row["file"])], **_values(row, PAGE)) for row in record["pages"]]
    Page.objects.bulk_create(pages, batch_size=200)
    return wrote


def _original(told: Mapping[str, Any], frame: Frame) -> Original:
    """The row of an original, made or found; one whose bytes came back with the package is intact again.

    What it is was seen in its bytes. Of a destroyed one there are none: it is as the package tells, if there are such.
    """
    sha256 = told["sha256"]
    came = frame.formats.get(sha256)
    kind = came or _format_told(told)
    original = Original.objects.select_for_update().filter(sha256=sha256).first()
    if came is not None and (original is None or original.state == OriginalState.DISPOSED):
        frame.fresh.add(sha256)
    if original is None:
        facts = {"sm3": told["sm3"], "size": told["size"], "kept_at": datetime.fromisoformat(told["kept_at"])}
        kinds = {"media_type": kind.media_type, "extension": kind.extension}
        original = Original(sha256=sha256, **facts, **kinds, state=OriginalState.DISPOSED)
        refuse_if(objections_to_lengths(original))
    if came is not None:
        original.state = OriginalState.INTACT
    original.save()
    return original


def _format_told(told: Mapping[str, Any]) -> Format:
    """The format a package names of a destroyed original. Raises ValueError for one the archive never takes."""
    name_of(told["sha256"])
    for known in FORMATS.values():
        if (known.media_type, known.extension) == (told["media_type"], told["extension"]):
            return known
    raise ValueError(f"no format: {told['media_type']}")


def _take_relations(item: Item, record: Mapping[str, Any], actor: Actor) -> list[Relation]:
    """Relations to what this register knows; the others keep what they are called."""
    rows = [
        Relation(
            item=item,
            subject_id=id_of(row["subject_kind"], row["subject"]) or "",
            made_by_id=actor.pk,
            **_values(row, RELATION),
        )
        for row in record["relations"]
    ]
    refuse_if(objections_to_lengths(*rows))
    return Relation.objects.bulk_create(rows)


def _values(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: _read(name, row[name]) for name in names}


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in DAYS:
        return date.fromisoformat(value)
    if name == "box":
        return _box(value)
    return datetime.fromisoformat(value) if name in MOMENTS else value


def _box(value: Any) -> list[float]:
    """A place on a page. Raises ValueError for what is none."""
    edges = [float(edge) for edge in value]
    if len(edges) != len(("left", "top", "width", "height")) or not all(0 <= edge <= 1 for edge in edges):
        raise ValueError(f"no place on a page: {edges}")
    return edges

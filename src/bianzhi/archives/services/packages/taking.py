"""Taking a checked bag in: what it stands in is found or made, then items, files, pages, words and relations."""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from bianzhi.archives.derivatives import keep_words
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
from bianzhi.archives.rules.archival_code import objections_to_number, objections_to_pattern
from bianzhi.archives.selectors.naming import id_of
from bianzhi.archives.services.fonds import open_fonds, set_category
from bianzhi.archives.services.packages.checking import BAD, OpenBag
from bianzhi.archives.services.packages.records import CANDIDATE, CHECK, FILE, ITEM, PAGE, RELATION
from bianzhi.archives.services.packages.units import found_units
from bianzhi.archives.storage import originals
from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import record as note
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.field_limits import objections_to_lengths
from bianzhi.common.models import SerialCounter
from bianzhi.common.working_files import workspace
from bianzhi.intake import malware
from bianzhi.kernel.file_digests import PIECE, digests_of
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.organizations.models import Organization
from bianzhi.recognition.document import PageText
from bianzhi.recognition.identify import Unacceptable
from bianzhi.recognition.workshop import WorkFailed, Workshop

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


def keep_originals(bag: OpenBag, records: Sequence[Mapping[str, Any]]) -> None:
    """Keep the bytes of a bag's originals, each looked at as if it had been uploaded.

    Content-addressed and written once: what is kept of a bag that is refused later harms nothing. Raises Refused for a
    file of a forbidden kind, one malware was found in, and for names that are not its digests.
    """
    with Workshop() as shop, workspace("archive-") as folder:
        for file in _files(records).values():
            name = f"data/originals/{file['sha256']}.{file['extension']}"
            path = folder / "original"
            with bag.open(name) as stream, path.open("wb") as target:
                shutil.copyfileobj(stream, target, PIECE)
            told = digests_of(path)
            if (told.sha256, told.sm3, told.size) != (file["sha256"], file["sm3"], file["size"]):
                raise _refused(f"{name} 的摘要或大小与著录不符")
            _look_at(shop, path, file)
            originals().keep(path)


def _look_at(shop: Workshop, path: Path, file: Mapping[str, Any]) -> None:
    try:
        shop.identify(path, file["name"])
    except (Unacceptable, WorkFailed) as error:
        raise _refused(f"“{file['name']}”不能接收：{error}") from None
    if not malware.is_set_up():
        return
    try:
        found = malware.found_in(path)
    except malware.ScannerDown as error:
        raise _refused(f"“{file['name']}”未能查毒：{error}") from None
    if found:
        raise _refused(f"“{file['name']}”含恶意程序 {found}")


def keep_page_words(bag: OpenBag) -> None:
    """Keep the words of pages with their places. Raises Refused for words that are none."""
    for name in bag.names:
        parts = name.split("/")
        if len(parts) == 4 and parts[:2] == ["data", "words"]:
            try:
                keep_words(parts[2], PageText.from_data(bag.json(name)))
            except (KeyError, TypeError, ValueError):
                raise _refused(f"{name} 不是页面文字") from None


@unit_of_work
def frame_of(
    *, actor: Actor, told: Mapping[str, Any], records: Sequence[Mapping[str, Any]], creates_units: bool
) -> Frame:
    """Find or make what the items stand in. What is there already stays as it is here."""
    frame = Frame()
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
    _raise_counters(told["counters"])
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
    """No number the package knows as given is given again."""
    for series, last in counters.items():
        if not series.startswith("archives:"):
            raise _refused(f"编号序列 {series[:40]} 不属于档案")
        counter, _ = SerialCounter.objects.select_for_update().get_or_create(series=series)
        counter.last = max(counter.last, int(last))
        counter.save(update_fields=["last"])


@unit_of_work
def take_item(*, actor: Actor, record: Mapping[str, Any], frame: Frame) -> Item:
    """Write an item of a bag as its record has it, and note it. Raises Refused for what fits no column."""
    item = Item(
        fonds=frame.fonds[record["fonds"]],
        category=frame.categories[record["category"]] if record["category"] else None,
        volume=frame.volumes[record["volume"]] if record["volume"] else None,
        organization=frame.units[record["unit"]] if record["unit"] else None,
        **_values(record, ITEM),
    )
    refuse_if(objections_to_lengths(item))
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
            original = frame.originals[told["sha256"]] = _original(told, record)
            wrote.append(original)
        file = ItemFile.objects.create(item=item, original=original, **_values(told, FILE))
        placed[file.version, file.position] = file
        wrote.append(file)
    pages = [Page(item=item, file=placed[tuple(row["file"])], **_values(row, PAGE)) for row in record["pages"]]
    Page.objects.bulk_create(pages, batch_size=200)
    return wrote


def _original(told: Mapping[str, Any], record: Mapping[str, Any]) -> Original:
    """The row of an original, made or found; one whose bytes came back with the package is intact again."""
    state = OriginalState.DISPOSED if record["state"] == "disposed" else OriginalState.INTACT
    facts = {name: told[name] for name in ("sm3", "size", "media_type", "extension")}
    kept_at = datetime.fromisoformat(told["kept_at"])
    original, made = Original.objects.get_or_create(
        sha256=told["sha256"], defaults={**facts, "kept_at": kept_at, "state": state}
    )
    if not made and state == OriginalState.INTACT and original.state != OriginalState.INTACT:
        original.state = state
        original.save(update_fields=["state"])
    return original


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


def _files(records: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {file["sha256"]: file for record in records if record["state"] != "disposed" for file in record["files"]}


def _values(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: _read(name, row[name]) for name in names}


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name in DAYS:
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name in MOMENTS else value


def _refused(told: str) -> Refused:
    return Refused([Objection(BAD, f"移交包不合格：{told}。", next_step="请移交方更正后重新导出")])

"""Writing a bag: everything in one zip, digests of both kinds taken while the bytes go by."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

from bianzhi.archives.derivatives import all_words
from bianzhi.archives.models import Category, Fonds, Item, OriginalState, Volume
from bianzhi.archives.rules.bagit import ALGORITHMS, DECLARATION, bag_info, manifest
from bianzhi.archives.rules.eep import written
from bianzhi.archives.services.packages.catalogues import write_catalogue
from bianzhi.archives.services.packages.records import record_of
from bianzhi.archives.services.packages.units import units_of
from bianzhi.archives.storage import originals
from bianzhi.common.models import SerialCounter
from bianzhi.kernel import clock
from bianzhi.kernel.digests import running_sm3, sm3_hex
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.organizations.models import Organization

ROOT: Final = "archive/"
PIECE: Final = 2**20
COUNTERS: Final = "archives:"
Progress = Callable[[int, int, str], None]


def no_progress(done: int, total: int, message: str) -> None:
    """For whoever does not watch."""


class Written(NamedTuple):
    """What a bag holds: `bytes` of its payload."""

    items: int
    originals: int
    files: int
    bytes: int


class Bag:
    """A bag being written into a zip file."""

    def __init__(self, target: zipfile.ZipFile) -> None:
        self._zip = target
        self.payload: dict[str, dict[str, str]] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.size = 0

    def put(self, name: str, content: bytes) -> None:
        """A file of the payload that fits in memory."""
        self.payload[f"data/{name}"] = self._write(f"data/{name}", content)
        self.size += len(content)

    def copy(self, name: str, stream: BinaryIO) -> dict[str, str]:
        """A file of the payload of any size; returns its digests."""
        sha256, sm3 = hashlib.sha256(), running_sm3()
        info = zipfile.ZipInfo(f"{ROOT}data/{name}", clock.now().timetuple()[:6])
        with self._zip.open(info, "w", force_zip64=True) as target:
            while piece := stream.read(PIECE):
                target.write(piece)
                sha256.update(piece)
                sm3.update(piece)
                self.size += len(piece)
        digests = {"sha256": sha256.hexdigest(), "sm3": sm3.hexdigest()}
        self.payload[f"data/{name}"] = digests
        return digests

    def close(self, info: Mapping[str, str]) -> None:
        """Write the tag files: declaration, description, manifests and their own manifests."""
        self._tag("bagit.txt", DECLARATION)
        self._tag("bag-info.txt", bag_info({**info, "Payload-Oxum": f"{self.size}.{len(self.payload)}"}))
        for algorithm in ALGORITHMS:
            self._tag(f"manifest-{algorithm}.txt", manifest(self.payload, algorithm))
        for algorithm in ALGORITHMS:
            self._write(f"tagmanifest-{algorithm}.txt", manifest(self.tags, algorithm).encode())

    def _tag(self, name: str, text: str) -> None:
        self.tags[name] = self._write(name, text.encode())

    def _write(self, name: str, content: bytes) -> dict[str, str]:
        info = zipfile.ZipInfo(f"{ROOT}{name}", clock.now().timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        self._zip.writestr(info, content)
        return {"sha256": hashlib.sha256(content).hexdigest(), "sm3": sm3_hex(content)}


def write_bag(
    target: Path,
    items: Sequence[Item],
    *,
    checks: Mapping[int, Mapping[str, Any]],
    title: str,
    by: str,
    progress: Progress,
) -> Written:
    """Write a bag of items to a zip file: EEP, record, originals, words and catalogue.

    `checks` are those just made for the transfer, by item, as records have them. Raises Refused (archives.damaged) for
    an original that is not what its digest says: only sound bytes travel.
    """
    moment = clock.now()
    with zipfile.ZipFile(target, "w", allowZip64=True) as archive:
        bag = Bag(archive)
        records = list(_put_items(bag, items, checks, made_at=moment.isoformat(), made_by=by, progress=progress))
        kept = _put_originals(bag, records, progress)
        bag.put("catalogue.json", _json(_frame(items)))
        sheet = BytesIO()
        write_catalogue(records, "移交目录", sheet)
        bag.put("catalogue.xlsx", sheet.getvalue())
        info = {
            "Source-Organization": by,
            "External-Description": title,
            "Bagging-Date": moment.date().isoformat(),
            "Internal-Sender-Description": "DA/T 48-2009",
        }
        bag.close(info)
    return Written(len(records), kept, len(bag.payload), bag.size)


def _put_items(
    bag: Bag,
    items: Sequence[Item],
    checks: Mapping[int, Mapping[str, Any]],
    *,
    made_at: str,
    made_by: str,
    progress: Progress,
) -> Iterator[dict[str, Any]]:
    for number, item in enumerate(items, 1):
        record = record_of(item)
        record["checks"] += [checks[item.pk]] if item.pk in checks else []
        bag.put(f"items/{number:06d}/eep.xml", written(record, made_at=made_at, made_by=made_by))
        bag.put(f"items/{number:06d}/record.json", _json(record))
        progress(number, 2 * len(items), f"正在写入 {item.code}")
        yield record


def _put_originals(bag: Bag, records: Sequence[Mapping[str, Any]], progress: Progress) -> int:
    files = {file["sha256"]: file for record in records for file in record["files"] if record["state"] != "disposed"}
    for done, (sha256, file) in enumerate(sorted(files.items()), 1):
        _put_original(bag, sha256, file)
        for page in all_words(sha256):
            bag.put(f"words/{sha256}/{page.number:05d}.json", _json(page.as_data()))
        progress(len(files) + done, 2 * len(files), "正在写入原件")
    return len(files)


def _put_original(bag: Bag, sha256: str, file: Mapping[str, Any]) -> None:
    try:
        with originals().open(sha256) as stream:
            told = bag.copy(f"originals/{sha256}.{file['extension']}", stream)
        state = OriginalState.INTACT if told == {"sha256": sha256, "sm3": file["sm3"]} else OriginalState.DAMAGED
    except FileNotFoundError:
        state = OriginalState.MISSING
    if state != OriginalState.INTACT:
        message = f"原件“{file['name']}”（{sha256[:12]}…）{state.label}，不能装入移交包。"
        raise Refused([Objection("archives.damaged", message, next_step="请先从备份恢复该原件，再导出")])


def _frame(items: Sequence[Item]) -> dict[str, Any]:
    """What the items stand in: fonds, categories, volumes, units, and how far numbers are given."""
    fonds = Fonds.objects.filter(pk__in={item.fonds_id for item in items}).select_related("organization")
    volumes = Volume.objects.filter(pk__in={item.volume_id for item in items if item.volume_id})
    named = volumes.select_related("fonds", "category", "organization")
    units = {unit.pk: unit for unit in _units(items, fonds, named)}
    return {
        "format": "bianzhi-archive/1",
        "fonds": [_fonds(row) for row in fonds],
        "categories": list(Category.objects.values("code", "name", "retention", "is_active")),
        "volumes": [_volume(row) for row in named],
        "units": units_of(units.values()),
        "counters": dict(_counters(fonds)),
    }


def _counters(fonds: Iterable[Fonds]) -> Iterator[tuple[str, int]]:
    """How far the numbers of these fonds are given, so that the next archive gives none of them again."""
    starts = tuple(f"{COUNTERS}{row.number}-" for row in fonds)
    for series, last in SerialCounter.objects.filter(series__startswith=COUNTERS).values_list("series", "last"):
        if series.startswith(starts) or "#" not in series:
            yield series, last


def _units(items: Iterable[Item], fonds: Iterable[Fonds], volumes: Iterable[Volume]) -> Iterator[Organization]:
    rows: list[Item | Fonds | Volume] = [*items, *fonds, *volumes]
    for row in rows:
        if row.organization is not None:
            yield row.organization


def _fonds(row: Fonds) -> dict[str, Any]:
    unit = row.organization.code if row.organization else None
    return {"number": row.number, "name": row.name, "pattern": row.pattern, "unit": unit}


def _volume(row: Volume) -> dict[str, Any]:
    return {
        "fonds": row.fonds.number,
        "category": row.category.code,
        "unit": row.organization.code if row.organization else None,
        **{name: getattr(row, name) for name in ("year", "retention", "number", "code", "title", "remark")},
    }


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1).encode()

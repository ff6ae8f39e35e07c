"""移交包: what is exported comes back whole into an empty archive, and nothing that was touched on the way comes in."""

import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.db import connection, transaction
from openpyxl import load_workbook

from bianzhi.accounts.policies import Denied
from bianzhi.archives import search_source
from bianzhi.archives.derivatives import all_words, keep_words, words_of
from bianzhi.archives.models import Category, Fonds, FourPropertyCheck, Item, Original, Volume
from bianzhi.archives.rules.package_counters import raised_to
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services import filing
from bianzhi.archives.services.packages import exporting, proving
from bianzhi.archives.services.packages.checking import opened
from bianzhi.archives.services.packages.exporting import export_items, packed
from bianzhi.archives.services.packages.records import record_of
from bianzhi.archives.services.packages.taking import frame_of, take_item
from bianzhi.archives.services.packages.units import found_units
from bianzhi.archives.services.packages.writing import write_bag
from bianzhi.archives.services.volumes import bind, open_volume
from bianzhi.archives.storage import originals
from bianzhi.common.integrity import findings
from bianzhi.common.models import SerialCounter
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.file_digests import digests_of
from bianzhi.kernel.objections import Refused
from bianzhi.organizations.models import Organization
from bianzhi.recognition.document import Block, PageText, Word
from bianzhi.search.jobs.rebuilding import rebuild
from bianzhi.search.selectors.searching import Wish, find
from tests.archives.holdings import ARCHIVIST, Holdings, exported, hold, read_off, taken_in
from tests.cast import Cast, Limited, assemble

pytestmark = pytest.mark.django_db

Snapshot = dict[str, Any]
WORDS = PageText(
    number=1, width=1654, height=2339, dpi=200, rotation=0, skew=0.1, is_blank=False, origin="ocr",
    blocks=(Block("title", (0.1, 0.1, 0.8, 0.05), (Word("关于核定机构编制的批复", (0.1, 0.1, 0.8, 0.05), 0.98),)),),
)  # fmt: skip


READ: dict[str, Any] = {
    "field": "quota:A1", "value": "10", "confidence": 0.9, "page": 1, "box": None, "method": "", "is_taken": None,
}  # fmt: skip


def pdf(pages: int) -> bytes:
    """A PDF like no other."""
    document, target = pikepdf.new(), io.BytesIO()
    for _ in range(pages):
        document.add_blank_page()
    document.docinfo["/Title"] = f"{Original.objects.count()}"
    document.save(target)
    return target.getvalue()


def fill(cast: Cast) -> Holdings:
    """Two items of their own, two in a volume, one entry without file, relations and corrections."""
    holdings = hold(cast.bureau)
    first = holdings.described(content=pdf(2), pages=2, text="第二页写有\x0b控制字符与“引号” <尖括号>")
    read_off(first, "quota:A1", "10", page=2, box=[0.1, 0.2, 0.3, 0.05])
    filing.file(actor=ARCHIVIST, item_id=first.pk)
    keep_words(first.files.get().original.sha256, WORDS)
    filing.correct(actor=ARCHIVIST, item_id=first.pk, changes={"keywords": "编制 核定"}, reason="补主题词")
    holdings.filed(content=pdf(1), organization_id=cast.school.pk, retention="D10", doc_no="虞编〔2021〕4号")
    place: dict[str, Any] = {
        "fonds_id": holdings.fonds.pk,
        "category_id": holdings.category.pk,
        "year": 2020,
        "retention": "Y",
    }
    volume = open_volume(actor=ARCHIVIST, **place, title="批复卷", remark="齐全")
    for _ in range(2):
        item = holdings.described(content=pdf(1))
        bind(actor=ARCHIVIST, volume_id=volume.pk, item_ids=[item.pk])
        filing.file(actor=ARCHIVIST, item_id=item.pk)
    secret = holdings.facts(classification="秘密", storage_place="保密室")
    filing.index_only(actor=ARCHIVIST, fonds_id=holdings.fonds.pk, facts=secret)
    return holdings


def all_exported() -> Path:
    package = exported(*Item.objects.all())
    out = Path(django_settings.HOME) / "exported.zip"
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(PACKAGES.read(package.sha256))
    return out


def snapshot() -> Snapshot:
    """What makes the archive: catalogue, bytes, words and what search would find."""
    items = list(Item.objects.order_by("code"))
    records = [record_of(item) for item in items]
    for record in records:
        record.pop("history")
        record.pop("filed_by")
        record["checks"] = [check for check in record["checks"] if check["occasion"] == "filing"]
    entries = [
        (entry.title, entry.page, entry.body, entry.numbers, entry.year, entry.retention, entry.dated_on)
        for item in items
        for entry in search_source.entries([item.pk])
    ]
    digests = Original.objects.order_by("sha256").values_list("sha256", "sm3", "size", "media_type")
    return {
        "records": records,
        "entries": entries,
        "digests": list(digests),
        "bytes": {sha256: content_of(sha256) for sha256, *_ in digests},
        "words": {sha256: words_of(sha256, 1) for sha256, *_ in digests},
        "fonds": list(Fonds.objects.values("number", "name", "pattern", "organization__code")),
        "categories": list(Category.objects.values("code", "name", "retention")),
        "volumes": list(Volume.objects.values("code", "number", "title", "remark")),
        "counters": dict(SerialCounter.objects.filter(series__startswith="archives:").values_list("series", "last")),
    }


def content_of(sha256: str) -> bytes:
    with originals().open(sha256) as stream:
        return stream.read()


def moved(tmp_path: Path, settings: Any, build: Callable[[Cast], Any]) -> tuple[Path, Snapshot]:
    """Build and export; then the database and the store are empty again, and only the package is left."""
    settings.HOME = tmp_path / "there"
    with transaction.atomic():
        build(assemble())
        before, path = snapshot(), all_exported()
        kept = tmp_path / "package.zip"
        kept.write_bytes(path.read_bytes())
        transaction.set_rollback(True)
    settings.HOME = tmp_path / "here"
    assert not Item.objects.exists()
    assert not Organization.objects.exists()
    return kept, before


def refused(act: Callable[[], Any]) -> Refused:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value


def test_what_is_exported_comes_back_whole_into_an_empty_instance(tmp_path, settings):
    path, before = moved(tmp_path, settings, fill)
    taken_in(path, creates_units=True)
    after = snapshot()
    for record in (*before["records"], *after["records"]):
        for relation in record["relations"]:
            relation.pop("subject")  # neither document nor ledger came along: only what they are called
    assert after == before
    assert findings(("audit.rows", "audit.chain")) == []


QUESTIONS = (
    "核定机构编制",
    "虞编〔2020〕3号",
    "虞编[2021]4号",
    "控制字符",
    "批",
    "hd",
    "330699-WS·2020-Y-0001-002",
    "没有的话",
)


def found() -> dict[str, Any]:
    """What an archivist finds, in an index built anew; keys of rows differ from one database to the other."""
    rebuild(lambda done, total, message: None)
    answers = {question: find(ARCHIVIST, Wish(question, {"kind": ("archives.item",)})) for question in QUESTIONS}
    return {
        question: (
            answer.total,
            sorted((hit.title.text, hit.page or 0, hit.snippet.text, hit.numbers, hit.year) for hit in answer.hits),
        )
        for question, answer in answers.items()
    }


def test_what_was_found_there_is_found_here(tmp_path, settings):
    there: dict[str, Any] = {}

    def build(cast: Cast) -> None:
        fill(cast)
        there.update(found())

    settings.SEARCH_ROOT = tmp_path / "index-there"
    path, _ = moved(tmp_path, settings, build)
    settings.SEARCH_ROOT = tmp_path / "index-here"
    taken_in(path, creates_units=True)
    assert found() == there
    assert there["虞编[2021]4号"][0] > 0
    assert there["没有的话"][0] == 0


def test_into_the_same_register_relations_find_their_subjects(tmp_path, settings):
    settings.HOME = tmp_path / "there"
    cast = assemble()
    with transaction.atomic():
        fill(cast)
        before, path = snapshot(), all_exported()
        kept = tmp_path / "package.zip"
        kept.write_bytes(path.read_bytes())
        transaction.set_rollback(True)
    settings.HOME = tmp_path / "here"
    taken_in(kept)
    assert snapshot() == before


def test_the_numbers_go_on_where_they_stood(tmp_path, settings):
    path, _ = moved(tmp_path, settings, fill)
    taken_in(path, creates_units=True)
    holdings = Holdings(Fonds.objects.get(), Category.objects.get(code="WS"), Organization.objects.get(code="T001"))
    assert holdings.filed().code == "330699-WS·2020-Y-T001-0003"


def test_units_are_not_invented_unless_asked_for(tmp_path, settings):
    path, _ = moved(tmp_path, settings, fill)
    refusal = refused(lambda: taken_in(path))
    assert refusal.codes == ["archives.units_missing"]
    assert "测试区财政局" in str(refusal)
    assert not Item.objects.exists()


def test_a_package_is_taken_in_once(tmp_path, settings):
    path, _ = moved(tmp_path, settings, fill)
    taken_in(path, creates_units=True)
    assert refused(lambda: taken_in(path)).codes == ["archives.codes_taken"]


def test_both_sides_check_the_four_properties(tmp_path, settings):
    path, _ = moved(tmp_path, settings, fill)
    taken_in(path, creates_units=True)
    checks = FourPropertyCheck.objects.filter(occasion="transfer")
    assert checks.count() == Item.objects.count() * 2
    assert all(check.passed for check in checks)


@pytest.fixture
def package(tmp_path, settings) -> Path:
    """A small package."""
    return moved(tmp_path, settings, lambda cast: hold(cast.bureau).filed(content=pdf(1)))[0]


def test_the_bag_is_a_bag(package):
    with zipfile.ZipFile(package) as archive:
        names = {name.removeprefix("archive/") for name in archive.namelist()}
        assert {"bagit.txt", "bag-info.txt", "manifest-sha256.txt", "manifest-sm3.txt"} <= names
        for algorithm, digest in (("sha256", lambda data: hashlib.sha256(data).hexdigest()), ("sm3", sm3_hex)):
            for line in archive.read(f"archive/manifest-{algorithm}.txt").decode().splitlines():
                told, name = line.split("  ")
                assert digest(archive.read(f"archive/{name}")) == told
        sheet = load_workbook(io.BytesIO(archive.read("archive/data/catalogue.xlsx")))["数据"]
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0][:3] == ("档号", "题名", "文件编号")
    assert lines[1][0] == "330699-WS·2020-Y-T001-0001"


def altered(package: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The package with its members changed."""
    with zipfile.ZipFile(package) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    path = package.with_name("altered.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def original_of(members: dict[str, bytes]) -> str:
    return next(name for name in members if name.startswith("archive/data/originals/"))


def flip_a_byte(members: dict[str, bytes]) -> None:
    name = original_of(members)
    members[name] = members[name][:-1] + bytes([members[name][-1] ^ 1])


def lose_an_original(members: dict[str, bytes]) -> None:
    del members[original_of(members)]


def add_a_file(members: dict[str, bytes]) -> None:
    members["archive/data/extra.txt"] = b"x"


def climb_out(members: dict[str, bytes]) -> None:
    members["archive/../../evil.txt"] = b"x"


def spread_out(members: dict[str, bytes]) -> None:
    members["other/evil.txt"] = b"x"


def forget_the_declaration(members: dict[str, bytes]) -> None:
    del members["archive/bagit.txt"]


def touch_a_manifest(members: dict[str, bytes]) -> None:
    members["archive/manifest-sm3.txt"] += b"nonsense\n"


TOUCHED = (
    (flip_a_byte, "SHA256 与清单不符"),
    (lose_an_original, "缺少文件"),
    (add_a_file, "不在 SHA256 清单中"),
    (climb_out, "文件名不安全"),
    (spread_out, "一个顶层文件夹"),
    (forget_the_declaration, "没有 bagit.txt"),
    (touch_a_manifest, "不合规的行"),
)


def test_a_package_somebody_touched_is_refused(package):
    for change, told in TOUCHED:
        refusal = refused(partial(taken_in, altered(package, change), creates_units=True))
        assert refusal.codes[0] == "archives.package", change
        assert told in str(refusal), change
    assert not Item.objects.exists()


def resealed(package: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """A package whose forger wrote new manifests."""

    def forge(members: dict[str, bytes]) -> None:
        change(members)
        payload = {name: data for name, data in members.items() if name.startswith("archive/data/")}
        for algorithm, digest in (("sha256", lambda data: hashlib.sha256(data).hexdigest()), ("sm3", sm3_hex)):
            lines = [f"{digest(data)}  {name.removeprefix('archive/')}\n" for name, data in payload.items()]
            members[f"archive/manifest-{algorithm}.txt"] = "".join(lines).encode()
            members[f"archive/tagmanifest-{algorithm}.txt"] = b""
        size = sum(map(len, payload.values()))
        members["archive/bag-info.txt"] = f"Payload-Oxum: {size}.{len(payload)}\n".encode()

    return altered(package, forge)


def rename_the_item(members: dict[str, bytes]) -> None:
    record = json.loads(members["archive/data/items/000001/record.json"])
    members["archive/data/items/000001/record.json"] = json.dumps({**record, "title": "另一题名"}).encode()


def put_a_script(members: dict[str, bytes]) -> None:
    name = "archive/data/items/000001/record.json"
    record, script = json.loads(members[name]), b"MZ\x90\x00 not a document"
    del members[original_of(members)]
    file = record["files"][0]
    old = file["sha256"]
    file |= {"sha256": hashlib.sha256(script).hexdigest(), "sm3": sm3_hex(script), "size": len(script)}
    members[name] = json.dumps(record).encode()
    members[f"archive/data/originals/{file['sha256']}.pdf"] = script
    eep = "archive/data/items/000001/eep.xml"
    members[eep] = members[eep].replace(old.encode(), file["sha256"].encode())


def xml_bomb(members: dict[str, bytes]) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'
    members["archive/data/items/000001/eep.xml"] = bomb


FORGED = ((rename_the_item, "题名不一致"), (put_a_script, "不能接收"), (xml_bomb, "不是可接受的 XML"))


def test_a_forged_package_does_not_come_in(package):
    for change, told in FORGED:
        refusal = refused(partial(taken_in, resealed(package, change), creates_units=True))
        assert told in str(refusal), change
    assert not Item.objects.exists()


RECORD = "archive/data/items/000001/record.json"
CATALOGUE = "archive/data/catalogue.json"


def told_otherwise(name: str, change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, bytes]], None]:
    """A change of what a JSON file of the bag says."""

    def rewrite(members: dict[str, bytes]) -> None:
        told = json.loads(members[name])
        change(told)
        members[name] = json.dumps(told).encode()

    return rewrite


def recorded(change: Callable[[dict[str, Any]], Any]) -> Callable[[dict[str, bytes]], None]:
    return told_otherwise(RECORD, change)


def words_that_say(text: str) -> Callable[[dict[str, bytes]], None]:
    def put(members: dict[str, bytes]) -> None:
        sha256 = json.loads(members[RECORD])["files"][0]["sha256"]
        line = Word(text, (0.1, 0.1, 0.8, 0.05), 0.98)
        page = replace(WORDS, blocks=(Block("title", (0.1, 0.1, 0.8, 0.05), (line,)),))
        members[f"archive/data/words/{sha256}/00001.json"] = json.dumps(page.as_data()).encode()

    return put


SECRET = (
    recorded(lambda record: record["files"][0].update(name="机密批复.pdf")),
    recorded(lambda record: record["pages"][0].update(text="机密★1年\n关于核定编制的批复")),
    words_that_say("秘密★长期"),
)


def test_what_is_marked_secret_does_not_come_in_by_a_package_either(package):
    for change in SECRET:
        assert set(refused(partial(taken_in, resealed(package, change), creates_units=True)).codes) == {"R27"}
    assert not Item.objects.exists()


WRONG = (
    (recorded(lambda record: record.update(state="draft")), "没有归档"),
    (recorded(lambda record: record.update(filed_at=None)), "没有归档"),
    (recorded(lambda record: record.update(source="index_only")), "仅目录档案，却带有文件"),
    (recorded(lambda record: record.update(source="elsewhere")), "不在代码表内"),
    (recorded(lambda record: record.update(filed_at="yesterday")), "不合规"),
    (recorded(lambda record: record.update(year=202444)), "年度"),
    (recorded(lambda record: record.update(number=7)), "不符"),
    (recorded(lambda record: record["pages"][0].update(text="\x00", number=-1)), "不合规"),
    (recorded(lambda record: record["candidates"].append({**READ, "box": "abcd"})), "不合规"),
    (recorded(lambda record: record["candidates"].append({**READ, "box": [0, 0, 0, 7]})), "不合规"),
    (recorded(lambda record: record.pop("storage_place")), "缺少项目"),
    (told_otherwise(CATALOGUE, lambda told: told.pop("volumes")), "缺少项目"),
    (told_otherwise(CATALOGUE, lambda told: told["counters"].update({"archives:x": "many"})), "号数不合规"),
    (told_otherwise(CATALOGUE, lambda told: told["counters"].update({"ledger:x": 1})), "不属于档案"),
)


def test_a_badly_made_package_is_refused_in_words_and_whole(package):
    for change, words in WRONG:
        assert words in str(refused(partial(taken_in, resealed(package, change), creates_units=True))), words
    assert not Item.objects.exists()


def test_the_file_of_a_refused_package_is_not_kept(package):
    path = resealed(package, SECRET[1])
    digest = PACKAGES.keep(path)
    refused(partial(taken_in, path, creates_units=True))
    assert not PACKAGES.exists(digest)
    taken = taken_in(package, creates_units=True)
    refused(partial(taken_in, package))
    assert PACKAGES.exists(taken.sha256), "the one that was taken in stays"


def test_what_an_original_is_is_seen_in_its_bytes(package):
    forged = recorded(lambda record: record["files"][0].update(media_type="text/html"))
    taken_in(resealed(package, forged), creates_units=True)
    assert Original.objects.get().media_type == "application/pdf"


def test_a_package_never_replaces_what_was_read_here(package):
    path = resealed(package, words_that_say("另外一句话"))
    with zipfile.ZipFile(path) as archive:
        content = archive.read(next(name for name in archive.namelist() if "/originals/" in name))
    holdings = hold(assemble().bureau)
    sha256 = holdings.draft(content=content).files.get().original.sha256
    keep_words(sha256, WORDS)
    taken_in(path)
    assert words_of(sha256, 1) == WORDS


def test_a_package_brings_words_for_its_own_pages_and_only_once_it_is_taken_in(package):
    other = hashlib.sha256(b"of somebody else").hexdigest()

    def plant(members: dict[str, bytes]) -> None:
        words_that_say("包内的话")(members)
        (own,) = (name for name in members if "/words/" in name)
        members[f"archive/data/words/{other}/00001.json"] = members[own]
        members[own.replace("00001", "00009")] = members[own].replace(b'"number": 1,', b'"number": 9,')

    path = resealed(package, plant)
    refused(partial(taken_in, path))
    with zipfile.ZipFile(path) as archive:
        sha256 = json.loads(archive.read(RECORD))["files"][0]["sha256"]
    assert words_of(sha256, 1) is None, "units are missing, so nothing of it is here"
    taken_in(path, creates_units=True)
    assert [page.text for page in all_words(sha256)] == ["包内的话"]
    assert all_words(other) == []


def test_a_package_moves_no_counter_beyond_what_it_shows(package):
    def boast(told: dict[str, Any]) -> None:
        told["counters"] = {"archives:330699-WS·2020-Y-T001-#": 900, "archives:330699-WS·2021-Y-T001-#": 900}

    holdings = hold(assemble().bureau)
    taken_in(resealed(package, told_otherwise(CATALOGUE, boast)))
    assert holdings.filed().code == "330699-WS·2020-Y-T001-0002"
    assert holdings.filed(year=2021).number == 1


@pytest.mark.parametrize(
    ("told", "here", "new", "raised"),
    [
        ({"archives:1-WS-#": 9}, set(), {"1"}, {"archives:1-WS-#": 9}),
        ({"archives:1-WS-#": 9}, {"1"}, set(), {"archives:1-WS-#": 3}),
        ({"archives:1-2-WS-#": 9}, {"1-2"}, {"1"}, {"archives:1-WS-#": 3}),
        ({"archives:1-WS-#": 2}, set(), {"1"}, {"archives:1-WS-#": 3}),
        ({"archives:0123456789abcdef": 9}, set(), {"1"}, {"archives:1-WS-#": 3}),
    ],
)
def test_counters_are_believed_of_fonds_that_are_new_here(told, here, new, raised):
    assert raised_to(told, {"archives:1-WS-#": 3}, here=here, new=new) == raised


def test_what_changes_while_it_is_packed_is_not_exported(tmp_path, settings):
    settings.HOME = tmp_path
    item = hold(assemble().bureau).filed(content=pdf(1))
    with packed(by=ARCHIVIST, title="移交", item_ids=[item.pk]) as bag:
        filing.correct(actor=ARCHIVIST, item_id=item.pk, changes={"signer": "另一人"}, reason="签发人有误")
        refusal = refused(lambda: export_items(actor=ARCHIVIST, bag=bag))
    assert refusal.codes == ["archives.changed_meanwhile"]
    assert not PACKAGES.exists(bag.digest), "what nobody registered is not kept"


def test_bags_are_written_and_read_outside_any_transaction(transactional_db, tmp_path, settings, monkeypatch):
    settings.HOME = tmp_path / "there"
    seen = []

    def noted(act: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*given: Any, **named: Any) -> Any:
            seen.append(connection.in_atomic_block)
            return act(*given, **named)

        return watched

    monkeypatch.setattr(exporting, "write_bag", noted(write_bag))
    monkeypatch.setattr(proving, "digests_of", noted(digests_of))
    item = hold(assemble().bureau).filed(content=pdf(1))
    path = tmp_path / "package.zip"
    path.write_bytes(PACKAGES.read(exported(item).sha256))
    monkeypatch.setattr(proving, "codes_taken", lambda records: [])
    assert refused(partial(taken_in, path)).codes == ["archives.codes_taken"], "asked again where it counts"
    assert seen == [False, False]


def test_a_damaged_original_is_not_exported(tmp_path, settings):
    settings.HOME = tmp_path
    item = hold(assemble().bureau).filed(content=pdf(1))
    sha256 = item.files.get().original.sha256
    place = tmp_path / "archive" / "originals" / sha256[:2] / sha256[2:4] / sha256
    place.chmod(0o600)
    place.write_bytes(place.read_bytes() + b"x")
    refusal = refused(all_exported)
    assert refusal.codes == ["archives.four_properties"]
    assert "与摘要不符" in str(refusal)


def test_nothing_chosen_and_no_name_are_refused(db):
    assert refused(exported).codes == ["archives.package"]
    assert refused(lambda: exported(Item(pk=1), title=" ")).codes == ["archives.package"]


def test_what_is_no_zip_is_refused(tmp_path):
    path = tmp_path / "x.zip"
    path.write_bytes(b"not a zip")
    assert refused(lambda: taken_in(path)).codes == ["archives.package"]


def test_a_record_that_fits_no_column_is_refused(package):
    with opened(package) as bag:
        told, (record,) = bag.json("data/catalogue.json"), tuple(bag.records())
        frame = frame_of(actor=ARCHIVIST, told=told, records=[record], formats={}, creates_units=True)
        refusal = refused(lambda: take_item(actor=ARCHIVIST, record=record | {"title": "长" * 301}, frame=frame))
        secret = refused(lambda: take_item(actor=ARCHIVIST, record=record | {"classification": "机密"}, frame=frame))
    assert (refusal.codes, secret.codes) == (["field.too_long"], ["R27"])
    assert not Item.objects.exists()


def test_units_are_found_by_their_codes_and_entered_only_by_who_may(package):
    with opened(package) as bag:
        told = bag.json("data/catalogue.json")["units"]
    keeper = Limited(frozenset({"archives.manage"}))
    asked: dict[str, Any] = {"told": told, "used": {"T001"}, "creates": True}
    with pytest.raises(Denied):
        found_units(actor=keeper, **asked)
    made = found_units(actor=ARCHIVIST, **asked)["T001"]
    assert found_units(actor=keeper, **asked)["T001"] == made


def test_the_commands_export_verify_and_take_in(tmp_path, settings, capsys):
    settings.HOME = tmp_path / "there"
    target = tmp_path / "out.zip"
    with transaction.atomic():
        hold(assemble().bureau).filed(content=pdf(1))
        call_command("archive", "export", str(target), "--year", "2020", "--json")
        transaction.set_rollback(True)
    settings.HOME = tmp_path / "here"
    call_command("archive", "verify", str(target))
    with pytest.raises(SystemExit):
        call_command("archive", "import", str(target))
    call_command("archive", "import", str(target), "--create-units", "--json")
    told = capsys.readouterr()
    first, last = told.out.splitlines()[0], told.out.splitlines()[-1]
    assert json.loads(first)["sha256"] == json.loads(last)["sha256"]
    assert "移交包完好：1 件" in told.out
    assert "机构树中没有" in told.err
    assert Item.objects.get().code == "330699-WS·2020-Y-T001-0001"

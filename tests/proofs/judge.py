"""A second opinion on a file the gate let through: is it truly a harmless document of the kind it was taken for?

Shares no code with the gate, and where it can no library either: PDFs are searched in their inflated bytes instead of
being parsed, pictures are fully decoded by Pillow, packages are read member by member with zipfile and expat.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from xml.parsers import expat

from PIL import Image

EICAR_MARK = b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE"
PROGRAMS = (
    b"MZ\x90",
    b"\x7fELF",
    b"#!",
    b"@echo",
    b"<?php",
    b"<!DOCTYPE html",
    b"<html",
    b"<svg",
    b"<script",
    b"L\0\0\0\x01\x14\x02",
)
PDF_ACTS = re.compile(
    rb"/(?:JavaScript|JS|Launch|SubmitForm|ImportData|EmbeddedFiles?|RichMedia\w*|XFA|Movie|GoToE|Rendition)(?=[\s/<\[(>\])]|$)"
)
STREAM = re.compile(rb"stream\r?\n")
MOST_INFLATED = 32 * 2**20
PIXELS = 300_000_000
OLE_BAD = ("VBA", "_VBA_PROJECT", "Macros", "\x01Ole10Native", "EncryptedPackage")
"""Names of what acts. ObjectPool alone holds tables and formulas put into a document: it harms nobody."""
KINDS_OF_PICTURE = {"jpeg": "JPEG", "png": "PNG", "tiff": "TIFF"}


def complaints(content: bytes, code: str) -> list[str]:
    """Why a file is no harmless document of that kind; [] when it is one."""
    found = ["the test signature of every scanner"] if EICAR_MARK in content else []
    judge = JUDGES.get(code)
    if judge is None:
        return [*found, f"a kind nobody judges: {code}"]
    return found + judge(content)


def _pdf(content: bytes) -> list[str]:
    found = [] if content.startswith(b"%PDF-") else ["does not begin as a PDF"]
    found += [
        f"a {what} inside the PDF"
        for mark, what in ((b"PK\x05\x06", "zip"), (b"\nMZ\x90", "program"))
        if mark in content
    ]
    text = content + b"\n".join(_inflated(content))
    text = re.sub(rb"#([0-9A-Fa-f]{2})", lambda hexed: bytes([int(hexed[1], 16)]), text)
    found += sorted({f"{match[0].decode()} in the PDF" for match in PDF_ACTS.finditer(text)})
    if b"/Encrypt" in content.rpartition(b"trailer")[2]:
        found.append("encrypted")
    return found


def _inflated(content: bytes) -> list[bytes]:
    """Streams that hold objects or scripts, unpacked; pictures and other large ones are left alone."""
    out, left = [], MOST_INFLATED
    for match in STREAM.finditer(content):
        try:
            piece = zlib.decompressobj().decompress(content[match.end() :], min(left, 2**22))
        except zlib.error:
            continue
        out.append(piece)
        left -= len(piece)
        if left <= 0:
            break
    return out


def _picture(code: str) -> Callable[[bytes], list[str]]:
    def judge(content: bytes) -> list[str]:
        try:
            with Image.open(io.BytesIO(content), formats=[KINDS_OF_PICTURE[code]]) as image:
                if image.width * image.height > PIXELS:
                    return ["more pixels than a sheet of paper has"]
                image.load()
        except Exception as error:  # noqa: BLE001 - a picture Pillow cannot decode is no picture
            return [f"no whole picture: {error!r}"]
        end = {"jpeg": b"\xff\xd9", "png": b"IEND\xaeB`\x82"}.get(code)
        behind = content.rpartition(end)[2] if end else b""
        return ["something behind the picture"] if behind.strip(b"\0\r\n ") else []

    return judge


def _package(*, needs: str, forbidden: re.Pattern[str]) -> Callable[[bytes], list[str]]:
    def judge(content: bytes) -> list[str]:
        if not content.startswith(b"PK\x03\x04"):
            return ["something before the package"]
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as package:
                return _members(package, needs, forbidden)
        except Exception as error:  # noqa: BLE001 - a package that cannot be read is none
            return [f"no whole package: {error!r}"]

    return judge


def _members(package: zipfile.ZipFile, needs: str, forbidden: re.Pattern[str]) -> list[str]:
    found, total = [], 0
    names = package.namelist()
    if needs and not any(re.fullmatch(needs, name) for name in names):
        found.append(f"nothing in it is {needs}")
    for entry in package.infolist():
        with package.open(entry) as stream:
            data = stream.read(MOST_INFLATED + 1)
        total += len(data)
        if total > MOST_INFLATED:
            return [*found, "swells beyond all measure"]
        if forbidden.search(entry.filename):
            found.append(f"{entry.filename} in the package")
        if EICAR_MARK in data:
            found.append("the test signature of every scanner")
        if needs and entry.filename.lower().endswith((".xml", ".rels")):
            found += _declarations(entry.filename, data)
    return found


def _declarations(name: str, data: bytes) -> list[str]:
    """Document types and entities, in whatever encoding the part is written; external templates; DDE."""
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = lambda *_: found.append(f"a document type in {name}")
    parser.EntityDeclHandler = lambda *_: found.append(f"an entity in {name}")
    with suppress(expat.ExpatError):  # a damaged part harms nobody; whoever opens it is told
        parser.Parse(data, True)
    text = data.replace(b"\0", b"")
    if re.search(rb"attachedTemplate.{0,400}External", text, re.S) or re.search(rb"instrText[^>]*>\s*DDE", text):
        found.append(f"loads or runs something from {name}")
    return found


def _compound(content: bytes) -> list[str]:
    if not content.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return ["does not begin as an old Office file"]
    return [f"{name!r} in the old Office file" for name in OLE_BAD if name.encode("utf-16-le") + b"\0\0" in content]


def _text(content: bytes) -> list[str]:
    head = content.lstrip().lower()
    found = [f"begins like {mark!r}" for mark in PROGRAMS if head.startswith(mark.lower())]
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        found.append("no text")
    return found


MACROS = re.compile(r"vbaProject|activeX/|embeddings/.*\.bin|macrosheets/", re.IGNORECASE)
LOCKS = re.compile(r"(?:^|/)Encryptions?\.xml$", re.IGNORECASE)
NOTHING = re.compile(r"(?!)")
JUDGES: dict[str, Callable[[bytes], list[str]]] = {
    "pdf": _pdf,
    **{code: _picture(code) for code in KINDS_OF_PICTURE},
    "docx": _package(needs=r"word/.*\.xml", forbidden=MACROS),
    "xlsx": _package(needs=r"xl/.*\.xml", forbidden=MACROS),
    "ofd": _package(needs=r"OFD\.xml", forbidden=LOCKS),
    "zip": _package(needs="", forbidden=NOTHING),
    "doc": _compound,
    "xls": _compound,
    "wps": _compound,
    "txt": _text,
    "csv": _text,
}

"""Files as they come to an archive: a typed paper, a scan, and every kind that must be refused."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pikepdf
import typst
from PIL import Image


@cache
def typed(*pages: str) -> bytes:
    """A PDF of typed pages; the text of each is one argument."""
    body = "#pagebreak()\n".join("\n\n".join(page.split("\n")) for page in pages)
    with TemporaryDirectory() as folder:
        source = Path(folder) / "paper.typ"
        source.write_text(f'#set page(paper: "a4")\n#set text(size: 16pt)\n{body}', encoding="utf-8")
        return bytes(typst.compile(str(source)))


def approval(number: int = 9) -> bytes:
    """A 批复 on two pages."""
    return typed(
        f"中共测试区委机构编制委员会文件\n测编〔2026〕{number}号\n关于核定测试区财政局人员编制的批复\n区财政局：",
        "核定你局行政编制10名。\n中共测试区委机构编制委员会\n2026年3月2日",
    )


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 560), pages: int = 1) -> bytes:
    """An empty scan."""
    out = io.BytesIO()
    image = Image.new("RGB", size, "white")
    more = {"save_all": True, "append_images": [image] * (pages - 1)} if pages > 1 else {}
    image.save(out, kind, **more)
    return out.getvalue()


def archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return out.getvalue()


def word(body: str = "关于机构编制事项的通知", more: Mapping[str, bytes] | None = None) -> bytes:
    """A small docx."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{line}</w:t></w:r></w:p>" for line in body.split("\n"))
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return archive(
        {
            "[Content_Types].xml": (
                '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
                '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
                f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>'
            ).encode(),
            "_rels/.rels": (
                b'<?xml version="1.0"?><Relationships '
                b'xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
                b'<Relationship Id="r1" Target="word/document.xml" Type="http://schemas.openxmlformats.org/'
                b'officeDocument/2006/relationships/officeDocument"/></Relationships>'
            ),
            "word/document.xml": (
                f'<?xml version="1.0"?><w:document xmlns:w="{main}"><w:body>{paragraphs}</w:body></w:document>'
            ).encode(),
            **{f"word/{name}": content for name, content in (more or {}).items()},
        }
    )


def boxed_word(part: str, text: str) -> bytes:
    """A docx with a text box in a part of it, told twice as Word and WPS do: for new programs and for old ones."""
    main = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    compatible = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    box = f"<w:txbxContent><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:txbxContent>"
    anchored = (
        "<w:p><w:r><w:t>关于某事的通知</w:t></w:r><w:r><mc:AlternateContent>"
        f'<mc:Choice Requires="wps">{box}</mc:Choice>'
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    root, inside = ("document", f"<w:body>{anchored}</w:body>") if part == "document.xml" else ("hdr", anchored)
    content = f'<w:{root} xmlns:w="{main}" xmlns:mc="{compatible}">{inside}</w:{root}>'
    return word(more={part: content.encode()})


def changed_pdf(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    """A PDF of one page after `change(pdf)`."""
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    change(pdf)
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def with_action(**action: Any) -> bytes:
    """A PDF that does something when it is opened."""

    def act(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = pdf.make_indirect(pikepdf.Dictionary(**action))

    return changed_pdf(act)


def with_attachment() -> bytes:
    def attach(pdf: pikepdf.Pdf) -> None:
        pdf.attachments["x.exe"] = b"MZ"

    return changed_pdf(attach)


def locked_pdf(user: str = "") -> bytes:
    pdf = pikepdf.new()
    pdf.add_blank_page()
    out = io.BytesIO()
    pdf.save(out, encryption=pikepdf.Encryption(owner="owner", user=user))
    return out.getvalue()


def pdf_bomb(megabytes: int = 64) -> bytes:
    """A page whose stream is packed twice and unpacks to many megabytes."""

    def fill(pdf: pikepdf.Pdf) -> None:
        packed = zlib.compress(zlib.compress(b"\0" * megabytes * 2**20, 9), 9)
        pdf.pages[0].Contents = pikepdf.Stream(
            pdf, packed, Filter=pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name.FlateDecode])
        )

    pdf = pikepdf.new()
    pdf.add_blank_page()
    fill(pdf)
    out = io.BytesIO()
    pdf.save(out, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


def endless_pdf() -> bytes:
    """A PDF whose pages lead back to themselves."""
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\n"
    first, second = head.index(b"1 0 obj"), head.index(b"2 0 obj")
    table = f"xref\n0 3\n0000000000 65535 f \n{first:010} 00000 n \n{second:010} 00000 n \n".encode()
    return head + table + b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n" + str(len(head)).encode() + b"\n%%EOF\n"


def huge_picture() -> bytes:
    """A PNG of 900 million pixels in a few kilobytes: one row, told to be thirty thousand."""
    out = io.BytesIO()
    Image.new("1", (30_000, 20)).save(out, "PNG")
    data = bytearray(out.getvalue())
    data[20:24] = struct.pack(">I", 30_000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


def endless_tiff() -> bytes:
    """A TIFF whose only page says that it is followed by itself."""
    data = bytearray(picture("TIFF", (16, 16)))
    place = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, place)[0]
    struct.pack_into("<I", data, place + 2 + entries * 12, place)
    return bytes(data)


def swollen_zip(megabytes: int = 48) -> bytes:
    return archive({"a.txt": b"0" * megabytes * 2**20})


def overlapping_zip() -> bytes:
    """A zip of which two members share their data."""
    data = bytearray(archive({"a.txt": b"x" * 100, "b.txt": b"x" * 100}))
    first = data.index(b"PK\x01\x02")
    second = data.index(b"PK\x01\x02", first + 4)
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    return bytes(data)


def locked_zip() -> bytes:
    data = bytearray(archive({"a.txt": b"x"}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def compound(*names: str) -> bytes:
    """An old Office file with these streams, all of them empty."""
    sector = 512
    entries = b""
    for place, name in enumerate(("Root Entry", *names)):
        text = name.encode("utf-16-le")
        entry = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, 5 if place == 0 else 2, 1)
        entry += struct.pack("<III", 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF) + b"\0" * 36
        entries += entry + struct.pack("<IQ", 0xFFFFFFFE, 0)
    directory = entries.ljust(-(-len(entries) // sector) * sector, b"\0")
    count = len(directory) // sector
    chain = [0xFFFFFFFD, *range(2, count + 1), 0xFFFFFFFE]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(sector, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)[:36]
    header = header[:76].ljust(76, b"\0") + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header.ljust(sector, b"\0") + table + directory

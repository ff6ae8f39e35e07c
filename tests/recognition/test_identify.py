"""What files are, and which ones are refused: damaged, locked, endless, huge, of two natures, swollen, active."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest

from bianzhi.recognition.identify import Unacceptable, expand_zip, identify
from bianzhi.recognition.safety.refusal import SafetyLimits
from tests.archives import papers

SOUND: dict[str, tuple[Callable[[], bytes], str, int | None]] = {
    "批复.pdf": (papers.approval, "pdf", 2),
    "scan.png": (papers.picture, "png", 1),
    "scan.jpg": (lambda: papers.picture("JPEG"), "jpeg", 1),
    "scan.tif": (lambda: papers.picture("TIFF", pages=3), "tiff", 3),
    "通知.docx": (papers.word, "docx", None),
    "旧文.doc": (lambda: papers.compound("WordDocument"), "doc", None),
    "旧文.wps": (lambda: papers.compound("WordDocument"), "wps", None),
    "旧表.xls": (lambda: papers.compound("Workbook"), "xls", None),
    "说明.txt": (lambda: "编制说明".encode("gb18030"), "txt", None),
    "一批.zip": (lambda: papers.archive({"甲.txt": b"x"}), "zip", None),
    "公文.ofd": (lambda: papers.archive({"OFD.xml": b"<OFD/>"}), "ofd", None),
}


def shifted(content: bytes, place: int) -> bytes:
    """One byte too many, and everything behind it out of step."""
    return content[:place] + b"\x06" + content[place:]


def unclosed(content: bytes) -> bytes:
    """A script whose text has no end: the object that holds it can't be read."""
    return content.replace(rb"1\))", rb"1\)M")


def commented(content: bytes) -> bytes:
    """A sound JPEG that carries something in a comment."""
    whole = papers.picture("JPEG")
    return whole[:2] + b"\xff\xfe" + (len(content) + 2).to_bytes(2, "big") + content + whole[2:]


ELSEWHERE = b'<Relationship Type="x/attachedTemplate" Target="http://x" TargetMode="External"/>'
JS, LAUNCH = {"S": pikepdf.Name.JavaScript, "JS": "app.alert(1)"}, {"S": pikepdf.Name.Launch, "F": "cmd.exe"}
HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "空.pdf": (lambda: b"", "空文件"),
    "半截.pdf": (lambda: papers.approval()[: len(papers.approval()) // 2], "损坏"),
    "锁.pdf": (lambda: papers.locked_pdf("secret"), "加密"),
    "限制.pdf": (papers.locked_pdf, "加密"),
    "脚本.pdf": (lambda: papers.with_action(**JS), "JavaScript"),
    "启动.pdf": (lambda: papers.with_action(**LAUNCH), "外部程序"),
    "附件.pdf": (papers.with_attachment, "嵌入的其他文件"),
    "无尽.pdf": (papers.endless_pdf, "损坏"),
    "炸弹.pdf": (papers.pdf_bomb, "压缩炸弹"),
    "两面.pdf": (lambda: papers.approval() + papers.archive({"a": b"x"}), "两种格式"),
    "网页.pdf": (lambda: b"%PDF-1.4\n<html><script>" + papers.approval()[9:], "脚本"),
    "半截.png": (lambda: papers.picture()[:-20], "损坏"),
    "半截.jpg": (lambda: papers.picture("JPEG")[:-200], "损坏"),
    "半截.tif": (lambda: papers.picture("TIFF")[:-4000], "损坏"),
    "巨大.png": (papers.huge_picture, "压缩炸弹"),
    "无尽.tif": (papers.endless_tiff, "没有尽头"),
    "夹带.png": (lambda: papers.picture() + papers.archive({"a": b"x"}), "两种格式"),
    "夹带.jpg": (lambda: papers.picture("JPEG") + papers.archive({"a": b"x" * 90}), "两种格式"),
    "假图.jpg": (lambda: papers.picture("JPEG") + b"\xff\xd8" + papers.archive({"a": b"x" * 90}), "两种格式"),
    "次图后.jpg": (lambda: papers.picture("JPEG") * 2 + papers.archive({"a": b"x" * 90}), "两种格式"),
    "次图坏.jpg": (lambda: papers.picture("JPEG") + b"\xff\xd8\xff" + b"x" * 200, "损坏"),
    "图中.jpg": (lambda: commented(papers.archive({"a": b"x" * 90})), "两种格式"),
    "断包.png": (lambda: papers.picture("PNG") + papers.archive({"a": b"x" * 90})[:40], "两种格式"),
    "命令.png": (lambda: papers.picture("PNG") + b"@echo off", "程序"),
    "断脚本.pdf": (lambda: unclosed(papers.with_action(S=pikepdf.Name.JavaScript, JS="app.alert(1)")), "损坏"),
    "夹带.tif": (lambda: papers.picture("TIFF") + papers.archive({"a": b"x"}), "两种格式"),
    "图.svg": (lambda: b'<svg onload="alert(1)"/>', "不能识别"),
    "网页.txt": (lambda: b"<html><script>alert(1)</script>", "脚本"),
    "程序.txt": (lambda: b"#!/bin/sh\nrm -rf /", "程序"),
    "程序.exe": (lambda: b"MZ\x90\x00" + b"\0" * 60, "不能识别"),
    "改名.jpg": (papers.approval, "内容却是 PDF"),
    "宏.docx": (lambda: papers.word(more={"vbaProject.bin": b"x"}), "宏"),
    "控件.docx": (lambda: papers.word(more={"activeX/activeX1.xml": b"<a/>"}), "ActiveX"),
    "对象.docx": (lambda: papers.word(more={"embeddings/oleObject1.bin": b"x"}), "程序对象"),
    "实体16.docx": (lambda: papers.word(more={"a.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a/>'.encode("utf-16")}), "实体"),
    "实体.docx": (lambda: papers.word(more={"a.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "实体"),
    "模板.docx": (
        lambda: papers.word(more={"_rels/settings.xml.rels": ELSEWHERE}),
        "外部模板",
    ),
    "炸弹.zip": (papers.swollen_zip, "压缩炸弹"),
    "重叠.zip": (papers.overlapping_zip, "重叠|损坏"),
    "锁.zip": (papers.locked_zip, "加密"),
    "前缀.zip": (lambda: b"PK\x03\x04" + b"x" * 50 + papers.archive({"a": b"x"}), "之前|损坏"),
    "宏.doc": (lambda: papers.compound("WordDocument", "Macros", "VBA"), "宏"),
    "锁.doc": (lambda: papers.compound("EncryptionInfo", "EncryptedPackage"), "加密"),
    "截断.doc": (lambda: papers.compound("WordDocument", "ObjectPool", "\x01Ole10Native")[:-45], "程序对象"),
    "错位.doc": (lambda: shifted(papers.compound("WordDocument", "ObjectPool", "\x01Ole10Native"), 1280), "程序对象"),
    "程序.xls": (lambda: papers.compound("Workbook", "\x01Ole10Native"), "程序对象"),
    "演示.pptx": (lambda: papers.archive({"[Content_Types].xml": b"<a/>", "ppt/a.xml": b"<a/>"}), "演示"),
    "加密.ofd": (lambda: papers.archive({"OFD.xml": b"<OFD/>", "Doc_0/Encryptions.xml": b"<a/>"}), "加密"),
}


@pytest.mark.parametrize("name", SOUND)
def test_a_sound_file_is_known_by_its_content(tmp_path: Path, name):
    make, code, pages = SOUND[name]
    (tmp_path / name).write_bytes(make())
    found = identify(tmp_path / name, name)
    assert (found.code, found.pages) == (code, pages)


def test_further_pictures_a_camera_puts_behind_the_first_are_no_second_nature(tmp_path: Path):
    (tmp_path / "a.jpg").write_bytes(papers.picture("JPEG") + b"\x00" * 100 + papers.picture("JPEG") + b"\x00\x00")
    assert identify(tmp_path / "a.jpg", "a.jpg").code == "jpeg"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_reason_and_a_next_step(tmp_path: Path, name):
    make, words = HOSTILE[name]
    (tmp_path / "content").write_bytes(make())
    with pytest.raises(Unacceptable, match=words) as refused:
        identify(tmp_path / "content", name)
    assert refused.value.reason.endswith("。")
    assert "请" in refused.value.reason


def test_a_file_larger_than_the_limit_is_refused_unread(tmp_path: Path):
    (tmp_path / "a.pdf").write_bytes(papers.approval())
    with pytest.raises(Unacceptable, match="超过 0 MB"):
        identify(tmp_path / "a.pdf", "a.pdf", SafetyLimits(file_bytes=1000))


def test_too_many_pages_are_refused(tmp_path: Path):
    (tmp_path / "a.pdf").write_bytes(papers.approval())
    with pytest.raises(Unacceptable, match="有 2 页，超过 1 页"):
        identify(tmp_path / "a.pdf", "a.pdf", SafetyLimits(pages=1))


def test_a_blank_scan_inside_a_pdf_is_no_bomb(tmp_path: Path):
    """White paper packs a thousandfold; its sides tell how much it may unpack to."""

    def white(pdf: pikepdf.Pdf) -> None:
        sheet = pikepdf.Stream(pdf, b"\xff" * (7000 * 5000), Width=7000, Height=5000, BitsPerComponent=8)
        sheet.Type, sheet.Subtype, sheet.ColorSpace = pikepdf.Name.XObject, pikepdf.Name.Image, pikepdf.Name.DeviceGray
        pdf.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=pdf.make_indirect(sheet)))

    (tmp_path / "a.pdf").write_bytes(papers.changed_pdf(white))
    assert identify(tmp_path / "a.pdf", "a.pdf").pages == 1


def test_a_zip_is_taken_apart_under_numbers_with_its_names_read_as_chinese(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(
        papers.archive({"../../财政局/批复.txt": b"one", "__MACOSX/x": b"", ".DS_Store": b""})
    )
    found = expand_zip(tmp_path / "a.zip", tmp_path / "members")
    assert [(name, place.name, place.read_bytes()) for name, place in found] == [("财政局/批复.txt", "0001", b"one")]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.zip", "members"]


def zip_of(raw: bytes, extra: bytes = b"") -> bytes:
    """A zip of one file whose name is these bytes and does not say what they are."""
    entry = zipfile.ZipInfo("x" * len(raw))
    entry.extra = extra
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(entry, b"one")
    return out.getvalue().replace(entry.filename.encode(), raw)


def told_apart(own: bytes, name: bytes) -> bytes:
    """A field that is none of ours, then the name once more, for a member that is called `own`."""
    content = b"\x01" + zlib.crc32(own).to_bytes(4, "little") + name
    return b"\xfe\xca\x01\x00x" + b"\x75\x70" + len(content).to_bytes(2, "little") + content


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("name", ["机密文件.pdf", "通知.pdf", "财政局/关于某事的批复·一.pdf", "plain.pdf"])
def test_names_in_a_zip_are_read_whichever_system_packed_it(tmp_path: Path, encoding, name):
    (tmp_path / "a.zip").write_bytes(zip_of(name.encode(encoding)))
    assert [found for found, _ in expand_zip(tmp_path / "a.zip", tmp_path / "members")] == [name]


@pytest.mark.parametrize(("own", "name"), [(b"_____.pdf", "机密.pdf"), (b"other.pdf", "_____.pdf")])
def test_a_name_told_apart_counts_where_it_was_written_for_the_member(tmp_path: Path, own, name):
    (tmp_path / "a.zip").write_bytes(zip_of(b"_____.pdf", told_apart(own, "机密.pdf".encode())))
    assert [found for found, _ in expand_zip(tmp_path / "a.zip", tmp_path / "members")] == [name]


def test_a_name_told_apart_that_is_no_text_is_not_read(tmp_path: Path):
    raw = "机密.pdf".encode("gb18030")
    (tmp_path / "a.zip").write_bytes(zip_of(raw, told_apart(raw, b"\xff")))
    assert [found for found, _ in expand_zip(tmp_path / "a.zip", tmp_path / "members")] == ["机密.pdf"]


def test_an_empty_zip_has_nothing_to_take(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(papers.archive({"Thumbs.db": b"x"}))
    with pytest.raises(Unacceptable, match="空的"):
        expand_zip(tmp_path / "a.zip", tmp_path / "members")

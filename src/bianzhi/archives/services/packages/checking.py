"""Opening a bag that came from elsewhere: nothing in it is believed before its digests agree."""

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, cast
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from bianzhi.archives.rules.bagit import ALGORITHMS, PAYLOAD, BadBag, faults, is_safe_name, read_info, read_manifest
from bianzhi.archives.rules.eep import differences
from bianzhi.kernel.digests import running_sm3
from bianzhi.kernel.objections import Objection, Refused, refuse_if

PIECE: Final = 2**20
TEXT_LIMIT: Final = 64 * 2**20
"""Bytes of a record, an XML or a manifest; originals may be of any size."""
RATIO: Final = 200
"""How many times larger than packed a member may be: the bag's own texts stay far below, bombs do not."""
SHOWN: Final = 20
FORMAT: Final = "bianzhi-archive/1"
BAD: Final = "archives.package"


class OpenBag:
    """A bag whose every file was read once and agrees with its manifests."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        self._zip, self._root = archive, root
        self.names = [info.filename.removeprefix(root) for info in archive.infolist() if not info.is_dir()]

    def text(self, name: str) -> str:
        """A text of the bag. Raises Refused for one that is missing, too long or no UTF-8."""
        try:
            info = self._zip.getinfo(self._root + name)
        except KeyError:
            raise _refused(f"包内没有 {name}") from None
        if info.file_size > TEXT_LIMIT:
            raise _refused(f"{name} 过大（{info.file_size} 字节）")
        try:
            return self._zip.read(info).decode()
        except UnicodeDecodeError:
            raise _refused(f"{name} 不是 UTF-8 文本") from None

    def json(self, name: str) -> Any:
        """A JSON file of the bag. Raises Refused."""
        try:
            return json.loads(self.text(name))
        except ValueError:
            raise _refused(f"{name} 不是 JSON") from None

    def open(self, name: str) -> BinaryIO:
        """A file of the bag as a stream. Raises Refused."""
        try:
            return cast("BinaryIO", self._zip.open(self._root + name))
        except KeyError:
            raise _refused(f"包内没有 {name}") from None

    def records(self) -> Iterator[dict[str, Any]]:
        """The items' records in their order, each compared with its EEP. Raises Refused where they differ."""
        for name in sorted(name for name in self.names if name.endswith("/record.json")):
            record = self.json(name)
            eep = name.replace("record.json", "eep.xml")
            try:
                different = list(differences(record, _parsed(self.text(eep), eep)))
            except (KeyError, TypeError):
                raise _refused(f"{name} 缺少必需的项目") from None
            if different:
                raise _refused(f"{eep} 与 {name} 的{'、'.join(different)}不一致")
            yield record


@contextmanager
def opened(path: Path) -> Iterator[OpenBag]:
    """A bag in a zip file, checked: safe names, no bomb, BagIt 1.0, both manifests whole, every digest right.

    Raises Refused (archives.package) with everything that is wrong, up to 20.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError):
        raise _refused("不是 zip 文件，或文件已损坏") from None
    with archive:
        bag = OpenBag(archive, _root(archive))
        try:
            _prove(archive, bag)
        except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            raise _refused(f"包内文件无法读出（{error}）") from None
        except BadBag as error:
            raise _refused(str(error)) from None
        yield bag


def _root(archive: zipfile.ZipFile) -> str:
    """The one folder the bag lies in, with a slash."""
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    roots = {name.partition("/")[0] for name in names}
    if len(roots) != 1 or any("/" not in name for name in names):
        raise _refused("BagIt 包应只有一个顶层文件夹")
    for info in archive.infolist():
        if not is_safe_name(info.filename.rstrip("/")):
            raise _refused(f"文件名不安全：{info.filename[:80]}")
        if info.file_size > max(info.compress_size, 1) * RATIO and info.file_size > PIECE:
            raise _refused(f"{info.filename[:80]} 压缩比异常，疑为压缩炸弹")
    if len(set(names)) != len(names):
        raise _refused("有重名的文件")
    return f"{roots.pop()}/"


def _prove(archive: zipfile.ZipFile, bag: OpenBag) -> None:
    if not bag.text("bagit.txt").startswith("BagIt-Version: 1.0"):
        raise _refused("bagit.txt 没有声明 BagIt 1.0")
    found = {name: _digests(bag, name) for name in bag.names}
    payload = {name: digests for name, digests in found.items() if name.startswith(PAYLOAD)}
    listed = {algorithm: _manifest(bag, f"manifest-{algorithm}.txt") for algorithm in ALGORITHMS}
    tags = {algorithm: _manifest(bag, f"tagmanifest-{algorithm}.txt") for algorithm in ALGORITHMS}
    wrong = [*faults(listed, payload, payload=True), *faults(tags, found, payload=False), *_oxum(bag, archive)]
    refuse_if([_objection(told) for told in wrong[:SHOWN]])


def _manifest(bag: OpenBag, name: str) -> dict[str, str]:
    return read_manifest(bag.text(name), name)


def _oxum(bag: OpenBag, archive: zipfile.ZipFile) -> Iterator[str]:
    told = read_info(bag.text("bag-info.txt")).get("Payload-Oxum")
    sizes = [
        info.file_size for info in archive.infolist() if f"/{PAYLOAD}" in f"/{info.filename}" and not info.is_dir()
    ]
    if told != f"{sum(sizes)}.{len(sizes)}":
        yield f"Payload-Oxum 为 {told}，实为 {sum(sizes)}.{len(sizes)}"


def _digests(bag: OpenBag, name: str) -> Mapping[str, str]:
    sha256, sm3 = hashlib.sha256(), running_sm3()
    with bag.open(name) as stream:
        while piece := stream.read(PIECE):
            sha256.update(piece)
            sm3.update(piece)
    return {"sha256": sha256.hexdigest(), "sm3": sm3.hexdigest()}


def _parsed(text: str, name: str) -> Element:
    try:
        return cast("Element", fromstring(text.encode()))
    except (ParseError, DefusedXmlException):
        raise _refused(f"{name} 不是可接受的 XML") from None


def _refused(told: str) -> Refused:
    return Refused([_objection(told)])


def _objection(told: str) -> Objection:
    return Objection(BAD, f"移交包不合格：{told}。", next_step="请移交方重新导出并核对传输是否完整")

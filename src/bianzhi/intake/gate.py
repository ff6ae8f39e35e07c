"""The one gate for files from outside: `look_at` lets a file through or raises, in Chinese, why not.

First the scanner where one is set up, then the structure: by content, whole, unlocked, of one nature, without macros,
scripts or bombs. Files that need foreign libraries are opened in a process with ceilings. A scanner that is down holds
the file (`Held`): it is not taken, and nothing of it is kept.

What passed is remembered for some minutes by its digest: pages look before they open a transaction, the services that
keep the file ask once more inside it, and are answered at once.
"""

import logging
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Final

from django.db import DatabaseError

from bianzhi.audit.actors import Actor
from bianzhi.common import working_files
from bianzhi.common.kept_files import sha256_of
from bianzhi.intake import malware, quarantine
from bianzhi.intake.services.refusals import note_refusal
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.recognition.identify import FORMATS, identify
from bianzhi.recognition.safety.refusal import Unacceptable, active
from bianzhi.recognition.safety.texts import refuse_markup, refuse_program
from bianzhi.recognition.workshop import Ceilings, WorkFailed, Workshop

log = logging.getLogger(__name__)

HARMFUL: Final = "U01"
INFECTED: Final = "U02"
UNSEEN: Final = "U03"
REMEMBERED_SECONDS: Final = 600.0
MOST_REMEMBERED: Final = 500
CEILINGS: Final = Ceilings(quiet_seconds=120.0)
_ISOLATED: Final = "隔离"
"""Stands in the reasons that call a file harmful, not merely unusable."""
_UNFINISHED: Final = ("已停止", "中断", "无法完成")
"""Stand in the reasons of a check that did not come to its end: what nobody could look at is not let through."""
_WORKBOOKS: Final = frozenset({"xlsx", "xls"})
_PACKAGES: Final = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_BINARY_TABLES: Final = (b"PAR1",)
_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_FOREIGN: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"{\\rtf")


class Wanted(Enum):
    """What a place takes: papers (documents, scans, office files) or tables (workbooks, CSV, Parquet)."""

    PAPERS = "papers"
    TABLES = "tables"


class Held(Refused):
    """The scanner cannot be asked: the file is not taken now, and may be sent again."""


def look_at(content: bytes | Path, name: str, wanted: Wanted = Wanted.PAPERS, *, actor: Actor) -> str:
    """Let a file through and return its format's code ("pdf", "xlsx", "csv", "parquet" …).

    Raises Refused: U01 (structure), U02 (malware), U03 (too large for the scanner); Held: U03 (the scanner is down). Of
    tables only what is harmful is refused here; of one that merely cannot be used (damaged, locked, of another kind) ""
    is returned: its reader says so in the words of the import.

    A harmful file is put aside in quarantine, and its refusal on record. A service that refuses takes the record back
    with its transaction, the note in quarantine stays: pages, the interface and jobs ask before they open one.
    """
    key = (sha256_of(content), wanted, PurePosixPath(name).suffix.lower())
    known = _passed.get(key)
    if known:
        return known
    with _on_disk(content) as path:
        try:
            _scan(path, name)
            code = _identified(path, name, wanted)
        except Unacceptable as refusal:
            is_harmful = _ISOLATED in refusal.reason
            if is_harmful:
                _put_aside(path, name, refusal.reason, actor)
            elif wanted is Wanted.TABLES and not any(word in refusal.reason for word in _UNFINISHED):
                return ""
            code_of_refusal = INFECTED if isinstance(refusal, _Infected) else HARMFUL
            raise Refused([Objection(code_of_refusal, f"“{name}”不能接收：{refusal.reason}")]) from None
    _passed.put(key, code)
    return code


def _put_aside(path: Path, name: str, reason: str, actor: Actor) -> None:
    isolated = quarantine.isolate(path, name, reason, account=actor.pk)
    try:
        note_refusal(actor=actor, file=isolated)
    except DatabaseError:
        log.exception("the refusal of a harmful file could not be put on record")


class _Infected(Unacceptable):
    """The scanner knows the file."""


def _scan(path: Path, name: str) -> None:
    if not malware.is_set_up():
        return
    try:
        found = malware.found_in(path)
    except malware.TooLarge as error:
        step = "文件没有接收，也没有保存。请拆成几个较小的文件，或请系统管理员调高该上限。"
        raise Refused([Objection(UNSEEN, f"“{name}”不能接收：{error}。", next_step=step)]) from error
    except malware.ScannerDown as error:
        step = "文件没有接收，也没有保存。请稍后重新上传；持续出现时请联系系统管理员检查病毒检查服务。"
        raise Held([Objection(UNSEEN, f"“{name}”暂时不能接收：{error}。", next_step=step)]) from error
    if found:
        raise _Infected(f"病毒检查发现“{found}”，已拒绝接收并隔离。请通知安全管理员，清除后重新提供。")


def _identified(path: Path, name: str, wanted: Wanted) -> str:
    if wanted is Wanted.TABLES:
        return _table(path)
    if PurePosixPath(name).suffix.lower() == ".txt" and not _is_package(path):
        return identify(path, name).code  # plain text is looked at by our own code alone
    return _in_workshop(path, name)


def _in_workshop(path: Path, name: str) -> str:
    try:
        with Workshop(CEILINGS) as shop:
            return shop.identify(path, name).code
    except WorkFailed as error:
        raise Unacceptable(str(error)) from error


def _table(path: Path) -> str:
    """A table by its content, whatever its name says: departments call everything .xls."""
    with path.open("rb") as stream:
        head = stream.read(4_096)
    if not head:
        raise Unacceptable("这是空文件，没有内容。请核对后重新上传。")
    if _is_package(path):
        code = _in_workshop(path, "")
        if code not in _WORKBOOKS:
            raise Unacceptable(f"这是 {FORMATS[code].extension.upper()} 文件，不是表格。请上传 Excel 或 CSV 文件。")
        return code
    if head.startswith(_BINARY_TABLES):
        return "parquet"
    if head.startswith(_FOREIGN) or (b"\x00" in head and not head.startswith(_MARKS)):
        raise Unacceptable("文件内容不是表格。请上传 Excel 或 CSV 文件。")
    refuse_program(head, "文件")
    if b"<script" in head.lower():
        raise active("文件", "网页脚本")
    refuse_markup(head, "文件")
    return "csv"


def _is_package(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(8).startswith(_PACKAGES)


@contextmanager
def _on_disk(content: bytes | Path) -> Iterator[Path]:
    """The file in a place the other process can read; a copy in memory is written into the private working folder."""
    if isinstance(content, Path):
        yield content
        return
    with tempfile.NamedTemporaryFile(dir=working_files.folder()) as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


class _Passed:
    """What this process has let through lately."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, Wanted, str], tuple[float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: tuple[str, Wanted, str]) -> str:
        with self._lock:
            at, code = self._known.get(key, (0.0, ""))
            return code if code and time.monotonic() - at < REMEMBERED_SECONDS else ""

    def put(self, key: tuple[str, Wanted, str], code: str) -> None:
        with self._lock:
            self._known[key] = (time.monotonic(), code)
            while len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


_passed: Final = _Passed()


def forget_passed() -> None:
    """Look at everything afresh, for after the signatures of the scanner were renewed and for tests."""
    _passed.forget()

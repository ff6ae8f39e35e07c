"""Where anchors are kept, and how each place is doing."""

import errno
import http.client
import json
import logging
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final, Protocol

from django.conf import settings
from django.utils import timezone

from bianzhi.audit.anchors.lines import key_name
from bianzhi.kernel.digests import sm3_hex

log = logging.getLogger(__name__)

TIMEOUT: Final = 5.0
TAIL: Final = 65_536
JUST_NOW: Final = timedelta(minutes=3)
NO_ANSWER: Final = "没有在规定时间内应答"


class Place(Protocol):
    """One place of anchors."""

    @property
    def name(self) -> str:
        """The path or address, as set."""

    def append(self, text: str) -> None:
        """Keep one more line. Raises OSError."""

    def lines(self) -> Iterable[str]:
        """Every line kept there. Raises OSError, FileNotFoundError where none was ever kept."""

    def newest(self) -> str:
        """The last line, "" where there is none. Raises as `lines`."""


@dataclass(frozen=True, slots=True)
class FilePlace:
    """A file on another mount. Its folder is never made: an empty mount point is no other mount."""

    path: Path

    @property
    def name(self) -> str:
        """The path."""
        return str(self.path)

    def append(self, text: str) -> None:
        """Write the line through to the medium; a line that was torn off before is closed first."""
        with self.path.open("ab+") as file:
            size = file.seek(0, os.SEEK_END)
            torn = False
            if size:
                file.seek(size - 1)
                torn = file.read(1) != b"\n"
            file.write((b"\n" if torn else b"") + text.encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())

    def lines(self) -> Iterator[str]:
        """Line by line: years of heartbeats do not fit on one page. Raises OSError at once where the mount hangs."""
        _refuse_hung(self)
        with self.path.open(encoding="utf-8", errors="replace") as file:
            yield from file

    def newest(self) -> str:
        """From the end of the file. Raises OSError at once where the mount hangs."""
        _refuse_hung(self)
        with self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - TAIL))
            found = file.read().decode(errors="replace").split("\n")
        return next((text for text in reversed(found) if text.strip()), "")


@dataclass(frozen=True, slots=True)
class Witness:
    """Another machine that appends what is posted and gives back what it holds (`./bianzhi audit witness`)."""

    name: str

    def append(self, text: str) -> None:
        """POST the line."""
        self._ask(text.encode())

    def lines(self) -> list[str]:
        """GET everything."""
        return self._ask().decode(errors="replace").splitlines()

    def newest(self) -> str:
        """GET the end."""
        found = self._ask(tail="?tail=1").decode(errors="replace").splitlines()
        return next((text for text in reversed(found) if text.strip()), "")

    def _ask(self, body: bytes | None = None, tail: str = "") -> bytes:
        """One request, past any proxy: the witness stands in the office's own network."""
        request = urllib.request.Request(  # noqa: S310 - an address the operator has set
            self.name + tail, data=body, headers={"Content-Type": "text/plain; charset=utf-8"}
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.NOT_FOUND:
                raise FileNotFoundError(self.name) from error
            raise
        except http.client.HTTPException as error:
            raise OSError(f"对方的应答不合 HTTP 规范（{type(error).__name__}）") from error


def configured() -> list[Place]:
    """The places the office has set."""
    return [Witness(name) if "://" in name else FilePlace(Path(name)) for name in settings.ANCHORS]


@dataclass(frozen=True, slots=True)
class State:
    """How a place did last; moments are ISO texts, "" for never. `since` is when the first line sealed with the anchor
    key `key` arrived there."""

    ok_at: str = ""
    failed_at: str = ""
    error: str = ""
    since: str = ""
    key: str = ""

    @property
    def is_down(self) -> bool:
        """Whether the last line did not arrive."""
        return bool(self.failed_at) and self.failed_at > self.ok_at

    @property
    def hangs(self) -> bool:
        """Whether it was found hanging just now; the heartbeat says so again as long as it does."""
        just_now = (timezone.now() - JUST_NOW).isoformat()
        return self.is_down and self.error == NO_ANSWER and self.failed_at > just_now

    @property
    def arrived_at(self) -> datetime | None:
        """When a line arrived last."""
        return datetime.fromisoformat(self.ok_at) if self.ok_at else None


def keep(place: Place, text: str) -> bool:
    """Bring a line to a place and note how it went; False when the place is down, which stops nothing."""
    before, now = state_of(place), timezone.now().isoformat()
    try:
        place.append(text)
    except (OSError, ValueError) as error:
        if not before.is_down:
            log.error("anchors: %s is down: %s", place.name, error)
        _note(place, State(before.ok_at, now, in_words(error)))
        return False
    if before.is_down:
        log.warning("anchors: %s is up again", place.name)
    _note(place, State(now))
    return True


def say_hung(place: Place) -> None:
    """Note that a place has not finished taking a line for long: a mount whose server is gone never answers at all."""
    before = state_of(place)
    if not before.is_down:
        log.error("anchors: %s hangs", place.name)
    _note(place, State(before.ok_at, timezone.now().isoformat(), NO_ANSWER))


def _refuse_hung(place: Place) -> None:
    """Whoever reads from a mount that hangs never comes back. Raises TimeoutError."""
    if state_of(place).hangs:
        raise TimeoutError(place.name)


def in_words(error: Exception) -> str:
    """Why a place does not answer, for an official."""
    reason = getattr(error, "reason", error)
    if isinstance(reason, FileNotFoundError):
        return "目录或文件不存在，可能没有挂载"
    if isinstance(reason, PermissionError):
        return "没有读写权限"
    if isinstance(reason, TimeoutError):
        return NO_ANSWER
    if isinstance(reason, ConnectionError):
        return "连不上，对方没有开机或没有运行"
    if getattr(reason, "errno", None) == errno.ENOSPC:
        return "空间已满"
    return f"系统报告：{reason}"[:200]


def state_of(place: Place) -> State:
    """What was noted of a place by whichever process wrote to it last."""
    try:
        return State(**json.loads(_state_file(place).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return State()


def kept_since(place: Place) -> datetime | None:
    """From when on the place must hold lines of this platform; None where none is known to have arrived."""
    state = state_of(place)
    return datetime.fromisoformat(state.since) if state.since and state.key == key_name() else None


def down() -> list[Place]:
    """The places that did not take the last line."""
    return [place for place in configured() if state_of(place).is_down]


def _note(place: Place, state: State) -> None:
    path = _state_file(place)
    fresh = path.with_suffix(f".{secrets.token_hex(4)}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.write_text(json.dumps(asdict(_dated(place, state)), ensure_ascii=False), encoding="utf-8")
        fresh.replace(path)
    except OSError:
        log.exception("anchors: the state of %s could not be noted", place.name)


def _dated(place: Place, state: State) -> State:
    """With the moment the first line under the present key arrived."""
    since = kept_since(place)
    first = since.isoformat() if since else "" if state.is_down else state.ok_at
    return replace(state, since=first, key=key_name())


def _state_file(place: Place) -> Path:
    return Path(settings.HOME) / "anchors" / f"{sm3_hex(place.name)[:16]}.json"

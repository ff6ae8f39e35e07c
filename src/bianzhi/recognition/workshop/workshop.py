"""A process beside ours that opens foreign files; it is kept while it behaves, and started anew when it does not."""

import json
import subprocess
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from bianzhi.common import child_process
from bianzhi.recognition.identify import Format, Unacceptable, format_by_code
from bianzhi.recognition.workshop.ceilings import CEILINGS, Ceilings

Heard = Callable[[Mapping[str, Any]], None]
"""Called with every event of a task; may raise to give up, which ends the process."""

_CHILD: Final = "bianzhi.recognition.workshop.child"
_ADVICE: Final = "请检查文件是否正常，或拆分、另存后重新上传。"
_ONE_THREAD: Final = {"PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"}


class WorkFailed(Exception):
    """A library gave up on the file, or the machine did; the message is Chinese. It may be tried again."""


class Workshop:
    """Use as a context manager: the process starts with the first request and is gone after the block."""

    def __init__(self, ceilings: Ceilings = CEILINGS) -> None:
        self._ceilings = ceilings
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def identify(self, path: Path, name: str) -> Format:
        """The format of a file (see `recognition.identify`). Raises Unacceptable, WorkFailed."""
        found = self._ask("identify", {"path": str(path), "name": name})
        return format_by_code(found["code"], found["pages"])

    def unpack(self, path: Path, folder: Path) -> list[tuple[str, Path]]:
        """The files of an archive, written into `folder`. Raises Unacceptable, WorkFailed."""
        found = self._ask("unpack", {"path": str(path), "folder": str(folder)})
        return [(name, folder / place) for name, place in found]

    def read(
        self,
        path: Path,
        file_format: Format,
        folder: Path,
        *,
        engine: str = "",
        known: Collection[int] = (),
        heard: Heard | None = None,
    ) -> None:
        """Read the pages that have no words in `folder` yet and are not `known`, and write their words there.

        Raises Unacceptable, WorkFailed.
        """
        request = {**_format(path, file_format), "folder": str(folder), "engine": engine, "known": sorted(known)}
        self._ask("read", request, heard)

    def draw(
        self,
        path: Path,
        file_format: Format,
        outs: Sequence[tuple[int, Path]],
        *,
        number: int,
        page: Mapping[str, Any],
    ) -> None:
        """Draw a page upright at several widths (in pixels), each into its file.

        `page` tells rotation, skew, page_width and page_dpi. Raises Unacceptable, WorkFailed.
        """
        wanted = [[width, str(out)] for width, out in outs]
        self._ask("image", {**page, **_format(path, file_format), "outs": wanted, "number": number})

    def bind(self, parts: Sequence[Mapping[str, Any]], out: Path) -> None:
        """Write pages as one searchable PDF; a part tells path, code, number, and words (the folder of its words).

        Raises Unacceptable, WorkFailed.
        """
        self._ask("bind", {"parts": list(parts), "out": str(out)})

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is not None:
            child_process.ended(process)

    def _ask(self, task: str, request: Mapping[str, Any], heard: Heard | None = None) -> Any:
        process = self._process or self._start()
        self._process = process
        try:
            return _Conversation(process, self._ceilings).hold({**request, "task": task}, heard)
        except _Ended:
            self.close()
            raise
        except (Unacceptable, WorkFailed):
            raise
        except BaseException:
            self.close()
            raise

    def _start(self) -> "subprocess.Popen[str]":
        process = child_process.started(_CHILD, _ONE_THREAD)
        _write(process, asdict(self._ceilings))
        return process


class _Ended(Unacceptable):
    """The process did not come through the file; it must be started anew."""


class _Conversation:
    """One request and its answer."""

    def __init__(self, process: "subprocess.Popen[str]", ceilings: Ceilings) -> None:
        self._process, self._ceilings = process, ceilings
        self._timed_out = threading.Event()

    def hold(self, request: Mapping[str, Any], heard: Heard | None) -> Any:
        _write(self._process, request)
        while True:
            event = self._next()
            if "done" in event:
                return event["done"]
            if event.get("fault") == "memory":
                raise self._out_of_memory()
            if "refusal" in event:
                raise Unacceptable(event["refusal"])
            if "error" in event:
                raise WorkFailed(f"文件内容异常，读取程序无法完成（{event['error']}）。{_ADVICE}")
            if heard is not None:
                heard(event)

    def _next(self) -> Mapping[str, Any]:
        """The next event, waited for no longer than the ceiling says. Raises _Ended."""
        clock = threading.Timer(self._ceilings.quiet_seconds, self._give_up)
        clock.start()
        try:
            line = self._process.stdout.readline() if self._process.stdout is not None else ""
        finally:
            clock.cancel()
        if not line:
            raise self._explained(self._process.wait())
        event: Mapping[str, Any] = json.loads(line)
        return event

    def _give_up(self) -> None:
        self._timed_out.set()
        self._process.kill()

    def _explained(self, code: int) -> _Ended:
        """Why the process ended without an answer."""
        if self._timed_out.is_set():
            return _Ended(f"处理超过 {self._ceilings.quiet_seconds:.0f} 秒没有进展，已停止。{_ADVICE}")
        if code < 0:
            return self._out_of_memory()
        return _Ended(f"文件内容异常，读取程序中断（代码 {code}）。{_ADVICE}")

    def _out_of_memory(self) -> _Ended:
        gigabytes = self._ceilings.address_space / 2**30
        return _Ended(f"文件展开后超出读取程序的内存上限（{gigabytes:.0f} GB）或使其崩溃，已停止。{_ADVICE}")


def _write(process: "subprocess.Popen[str]", request: Mapping[str, Any]) -> None:
    if process.stdin is None:
        raise AssertionError("the process was started without its pipes")
    try:
        process.stdin.write(json.dumps(request, ensure_ascii=False) + "\n")
        process.stdin.flush()
    except BrokenPipeError as error:
        raise _Ended(f"读取程序中断。{_ADVICE}") from error


def _format(path: Path, file_format: Format) -> dict[str, Any]:
    return {"path": str(path), "code": file_format.code, "pages": file_format.pages}

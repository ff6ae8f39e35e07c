"""Reads one file in a process of its own, and says clearly what happened when that process did not come through."""

import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bianzhi.common import child_process
from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.reconciliation.reading.limits import DELIVERED, ReadingLimits
from bianzhi.reconciliation.reading.report import ReadingReport

Progress = Callable[[int, int, str], None]
"""Called with stages done, stages in all, and what is going on, in Chinese; may raise to give up."""

STAGES: Final = 3
_CHILD: Final = "bianzhi.reconciliation.reading.child"
_NEXT_STEP: Final = "请检查文件是否正常，或分成几部分报送。"


def read_file(
    path: Path,
    *,
    contract: Mapping[str, Any],
    department: str,
    delivery: str,
    out: Path,
    name: str = "",
    limits: ReadingLimits = DELIVERED,
    progress: Progress | None = None,
) -> ReadingReport:
    """Read `path` under the contract (its JSON) into the roster `out` (Parquet, replaced at once).

    `delivery` is the SHA-256 of the file. Raises UnreadableFile with a Chinese reason; whatever `progress` raises ends
    the reading. In both cases `out` is not there.
    """
    fresh = out.with_name(f"{out.name}.{os.getpid()}.{threading.get_ident()}.new")
    request = {
        "path": str(path),
        "name": name or path.name,
        "contract": dict(contract),
        "department": department,
        "delivery": delivery,
        "out": str(fresh),
        "limits": asdict(limits),
    }
    try:
        report = _Run(limits).read(request, progress or (lambda done, total, message: None))
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
    return report


class _Run:
    """One child process from start to end."""

    def __init__(self, limits: ReadingLimits) -> None:
        self._limits = limits
        self._timed_out = threading.Event()

    def read(self, request: Mapping[str, Any], progress: Progress) -> ReadingReport:
        process = child_process.started(_CHILD)
        clock = threading.Timer(self._limits.wall_seconds, self._give_up, [process])
        clock.start()
        try:
            return self._follow(process, request, progress)
        finally:
            clock.cancel()
            child_process.ended(process)

    def _give_up(self, process: "subprocess.Popen[str]") -> None:
        self._timed_out.set()
        process.kill()

    def _follow(
        self, process: "subprocess.Popen[str]", request: Mapping[str, Any], progress: Progress
    ) -> ReadingReport:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("the process was started without its pipes")
        try:
            process.stdin.write(json.dumps(request))
            process.stdin.close()
        except BrokenPipeError:
            raise self._explained(process.wait()) from None
        for line in process.stdout:
            event = json.loads(line)
            if "report" in event:
                return ReadingReport.from_json(event["report"])
            if "refusal" in event:
                raise self._refused(event["refusal"])
            progress(event["stage"], STAGES, event["message"])
        raise self._explained(process.wait())

    def _refused(self, refusal: Mapping[str, str]) -> UnreadableFile:
        fault = Fault(refusal["fault"])
        return self._out_of_memory() if fault is Fault.OVER_LIMIT else UnreadableFile(fault, refusal["message"])

    def _explained(self, code: int) -> UnreadableFile:
        """Why the process ended without a word."""
        if self._timed_out.is_set():
            seconds = self._limits.wall_seconds
            return UnreadableFile(Fault.OVER_LIMIT, f"读取超过 {seconds} 秒仍未完成，已停止。{_NEXT_STEP}")
        if -code in _CPU_SIGNALS:
            seconds = self._limits.cpu_seconds
            return UnreadableFile(Fault.OVER_LIMIT, f"读取用去处理器 {seconds} 秒仍未完成，已停止。{_NEXT_STEP}")
        if code < 0:
            return self._out_of_memory()
        return UnreadableFile(
            Fault.DAMAGED,
            f"文件内容异常，读取程序无法完成（代码 {code}）。请在 Excel 或 WPS 中另存为 .xlsx 后重新报送。",
        )

    def _out_of_memory(self) -> UnreadableFile:
        gigabytes = self._limits.address_space / 2**30
        return UnreadableFile(
            Fault.OVER_LIMIT, f"文件展开后超出读取程序的内存上限（{gigabytes:.0f} GB），已停止。{_NEXT_STEP}"
        )


_CPU_SIGNALS: Final = (24,)  # SIGXCPU, on every system that has it

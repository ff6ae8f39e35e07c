"""Logging: one JSON object a line, with the number of the request and without personal data (`config.masking`).

Under `start` the lines go to files in BIANZHI_HOME/logs; a service manager that keeps lines itself asks for them on
standard error (BIANZHI_LOG=stderr).
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from zoneinfo import ZoneInfo

from bianzhi.common.tracing import reference
from bianzhi.config.masking import masked

ZONE: Final = ZoneInfo("Asia/Shanghai")
LONGEST_MESSAGE: Final = 4000
MOST_FRAMES: Final = 40
LONGEST_CHAIN: Final = 5

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class JsonFormatter(logging.Formatter):
    """time, level, logger, process, request, message; for an error its types, places in the source and masked texts."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, ZONE).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "request": masked(reference()),
            "message": masked(record.getMessage())[:LONGEST_MESSAGE],
        }
        if record.exc_info and record.exc_info[1] is not None:
            told["error"] = _told(record.exc_info[1])
        return json.dumps({key: value for key, value in told.items() if value != ""}, ensure_ascii=False)


def _told(error: BaseException) -> list[dict[str, Any]]:
    """The error and what it came from: no source lines and no values of variables, only where and what kind."""
    chain: list[dict[str, Any]] = []
    current: BaseException | None = error
    while current is not None and len(chain) < LONGEST_CHAIN:
        frames = traceback.extract_tb(current.__traceback__)[-MOST_FRAMES:]
        chain.append(
            {
                "type": f"{type(current).__module__}.{type(current).__qualname__}",
                "text": masked(str(current))[:LONGEST_MESSAGE],
                "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
            }
        )
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return chain


def log_what_nobody_caught() -> None:
    """An error that ends this process or one of its threads is logged like any other, not printed with its values."""
    log = logging.getLogger("bianzhi.process")

    def of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        log.critical("the process is ended by an error", exc_info=(kind, error, trace))

    def of_thread(told: threading.ExceptHookArgs) -> None:
        if told.exc_value is not None:
            name = told.thread.name if told.thread else "?"
            info: ExceptionInfo = (told.exc_type, told.exc_value, told.exc_traceback)
            log.critical("a thread is ended by an error: %s", name, exc_info=info)

    sys.excepthook = of_process
    threading.excepthook = of_thread


def configuration(folder: Path, *, process: str, place: str, console: bool) -> dict[str, Any]:
    """The LOGGING setting: one rotating file for each kind of process (server, worker, command), or standard error.

    Each kind has its own file because rotating a file under another process loses its lines; several server processes
    therefore write to standard error, which `place` "stderr" asks for.
    """
    handlers: dict[str, dict[str, Any]] = {
        "file": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": str(folder / f"{process}.log"),
            "maxBytes": 10_000_000,
            "backupCount": 9,
            "encoding": "utf-8",
            "delay": True,
            "formatter": "json",
        },
        "stderr": {"class": "logging.StreamHandler", "formatter": "json"},
    }
    used = ["stderr"] if place == "stderr" else ["file", "stderr"] if console else ["file"]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {name: handlers[name] for name in used},
        "root": {"handlers": used, "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Axes names users and addresses in its lines; its tables hold the same for those allowed to see them.
            "axes": {"level": "ERROR"},
        },
    }

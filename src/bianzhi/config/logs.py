"""Logging to files under BIANZHI_HOME/logs, without personal data.

A database error may quote the value it refused, and with it a person's ID number. The formatter therefore masks
every run of digits long enough to be an ID number, a telephone or a bank card, in messages and tracebacks alike.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Any

_PERSONAL_NUMBER = re.compile(r"(?<!\d)(\d{3})\d{5,}([\dXx]{3})(?![\dXx])")


class MaskingFormatter(logging.Formatter):
    """A formatter that keeps the first and last three characters of long numbers and hides the rest."""

    def format(self, record: logging.LogRecord) -> str:
        return _PERSONAL_NUMBER.sub(r"\1****\2", super().format(record))


def configuration(folder: Path, *, process: str, console: bool) -> dict[str, Any]:
    """The LOGGING setting: one rotating file for each kind of process (server, worker, command).

    Each kind has its own file because rotating a file under another process loses its lines.
    """
    handlers: dict[str, dict[str, Any]] = {
        "file": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": str(folder / f"{process}.log"),
            "maxBytes": 10_000_000,
            "backupCount": 9,
            "encoding": "utf-8",
            "delay": True,
            "formatter": "masked",
        },
        "console": {"class": "logging.StreamHandler", "formatter": "masked"},
    }
    used = ["file", "console"] if console else ["file"]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "masked": {
                "()": MaskingFormatter,
                "format": "{asctime} {levelname} {name} {process:d} {message}",
                "style": "{",
            }
        },
        "handlers": {name: handlers[name] for name in used},
        "root": {"handlers": used, "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "INFO", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            # Axes names users and addresses in its lines; its tables hold the same for those allowed to see them.
            "axes": {"level": "ERROR"},
        },
    }

"""What the workshop's process can be asked to do with a file. Answers and requests fit JSON.

A task's libraries are loaded when it is first asked for: looking at a file does not wait for the models of OCR.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from bianzhi.recognition.identify import Format, expand_zip, format_by_code, identify

Say = Callable[[Mapping[str, Any]], None]
Request = Mapping[str, Any]
Task = Callable[[Request, Say], Any]

LOADED_LATER: Final = {
    "read": "bianzhi.recognition.workshop.reading_tasks",
    "image": "bianzhi.recognition.workshop.drawing_tasks",
    "bind": "bianzhi.recognition.workshop.drawing_tasks",
}
"""Modules with a `TASKS` of their own."""


def work(task: str, request: Request, say: Say) -> Any:
    """Do a task; `say` tells of progress. Raises Unacceptable, MemoryError, or what a library raises on odd files."""
    tasks: Mapping[str, Task] = import_module(LOADED_LATER[task]).TASKS if task in LOADED_LATER else TASKS
    return tasks[task](request, say)


def format_in(request: Request) -> Format:
    """The format a request names."""
    return format_by_code(request["code"], request.get("pages"))


def _identify(request: Request, say: Say) -> dict[str, Any]:
    found = identify(Path(request["path"]), request["name"])
    return {"code": found.code, "pages": found.pages}


def _unpack(request: Request, say: Say) -> list[list[str]]:
    unpacked = expand_zip(Path(request["path"]), Path(request["folder"]))
    return [[name, place.name] for name, place in unpacked]


TASKS: Final[Mapping[str, Task]] = {"identify": _identify, "unpack": _unpack}

"""The one way a table leaves the platform as a file: asked of the gate first, stamped, counted, on record before sent.

A view says what it wants to send (`Wanted`) and how it is written; the gate, which an app above registers, lets it go
with a watermark and a limit, or answers instead with what to do (ask for approval). The limit is enforced on the rows
really written.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, Final, Literal, Protocol, TypeVar
from urllib.parse import quote

from django.http import FileResponse, HttpResponseBase

from bianzhi.common import working_files
from bianzhi.common.field_classes import FieldClass
from bianzhi.common.web.access import PageRequest

Format = Literal["xlsx", "csv"]
TYPES: Final = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Mark:
    """The watermark of a file: `number` names the export, `words` say who, when and by which number."""

    number: str
    words: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to take away.

    `rows` is what is to be expected; `classes` are the classes of personal data shown in clear, `offers` those the
    table has masked and could show. A table of persons has a lower limit than one of other records.
    """

    key: str
    title: str
    format: Format
    filename: str
    columns: tuple[str, ...]
    conditions: tuple[str, ...]
    rows: int
    of_persons: bool = True
    classes: frozenset[FieldClass] = field(default=frozenset())
    offers: frozenset[FieldClass] = field(default=frozenset())


@dataclass(frozen=True, slots=True)
class Release:
    """Leave to write: the watermark, and how many rows at most."""

    mark: Mark
    most: int


class TooManyRows(Exception):
    """More rows were about to be written, or to leave, than are allowed; what was written is thrown away."""


class Gate(Protocol):
    """Who decides whether a table leaves."""

    def open(self, request: PageRequest, wanted: Wanted) -> Release | HttpResponseBase:
        """Leave to write, or the answer that says what to do instead."""

    def close(self, request: PageRequest, wanted: Wanted, release: Release, rows: int) -> None:
        """Put on record what is about to be sent; an exception keeps it back. Raises TooManyRows as a writer does."""

    def exceeded(self, request: PageRequest, wanted: Wanted, release: Release) -> HttpResponseBase:
        """The answer when more rows came than allowed."""


class NoGate(RuntimeError):
    """No app decides about exports: nothing leaves."""


_gates: list[Gate] = []


def register_gate(gate: Gate) -> None:
    """Name who decides about exports. Raises ValueError on a second one."""
    if _gates:
        raise ValueError("exports have a gate already")
    _gates.append(gate)


def gate_of(request: PageRequest) -> Gate:
    """The gate of a request: its own (`export_gate`, an approved export being made), or the platform's."""
    own: Gate | None = getattr(request, "export_gate", None)
    if own is None and not _gates:
        raise NoGate
    return own or _gates[0]


def limited(rows: Iterable[T], most: int) -> Iterator[T]:
    """The rows, up to `most`. Raises TooManyRows where there is one more."""
    for number, row in enumerate(rows, 1):
        if number > most:
            raise TooManyRows
        yield row


def send(request: PageRequest, wanted: Wanted, write: Callable[[IO[bytes], Release], int]) -> HttpResponseBase:
    """Answer with the file, if the gate lets it go; `write` returns how many rows it wrote."""
    gate = gate_of(request)
    release = gate.open(request, wanted)
    if isinstance(release, HttpResponseBase):
        return release
    with ExitStack() as unsent:
        file = unsent.enter_context(tempfile.TemporaryFile(prefix="export-", dir=working_files.folder()))
        try:
            rows = write(file, release)
            file.seek(0)
            gate.close(request, wanted, release, rows)
        except TooManyRows:
            return gate.exceeded(request, wanted, release)
        unsent.pop_all()  # the response closes the file when it has been sent
    return attachment(file, f"{wanted.filename}.{wanted.format}", TYPES[wanted.format])


def attachment(file: IO[bytes], name: str, content_type: str) -> FileResponse:
    """A file to keep, under its Chinese name."""
    response = FileResponse(file, content_type=content_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response

"""Messy little tables as a district has them, and the ways they go in."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest

from bianzhi.accounts.models import User
from bianzhi.accounts.services.grants import grant_role
from bianzhi.accounts.services.users import create_user
from bianzhi.audit.actors import System
from bianzhi.common import integrity
from bianzhi.imports.models import ImportBatch
from bianzhi.imports.selectors.examination import Examination, examine, options_from, workbook_of
from bianzhi.imports.services.batches import receive_file, set_options
from bianzhi.imports.services.commits import commit_batch
from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, make_id_number
from tests.cast import Cast, assemble

TODAY = date(2026, 3, 2)
OFFICE = System("测试")
Rows = Iterable[Any]


@pytest.fixture
def cast(db: None) -> Cast:
    """The standing district."""
    return assemble()


def xlsx(*sheets: tuple[str, Rows], merged: Sequence[str] = ()) -> bytes:
    """A workbook of sheets; `merged` are ranges of the first one."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    for block in merged:
        book.worksheets[0].merge_cells(block)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_csv(rows: Rows, encoding: str = "gb18030") -> bytes:
    """The same as Excel in China saves a .csv."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode(encoding)


def id_number(serial: int, born: date = date(1987, 6, 5)) -> str:
    """A sound number of the unallocated region; odd serials are men's."""
    return str(make_id_number(UNALLOCATED_REGION, born, serial).value)


def check(data: bytes, kind: str, *, name: str = "表.xlsx", **options: Any) -> Examination:
    """What a check says of a file."""
    return examine(workbook_of(data, name), kind, options=options_from(options, today=TODAY), corrections={})


def messages(found: Examination) -> str:
    """Everything a check found, in one text."""
    return "\n".join(str(problem) for problem in found.table.problems)


def silent(done: int, total: int, message: str) -> None:
    """Progress nobody watches."""


def bring_in(data: bytes, kind: str, *, name: str = "表.xlsx", actor: Any = OFFICE, **options: Any) -> ImportBatch:
    """Import a file as the command does."""
    batch = receive_file(actor=actor, data=data, name=name, kind=kind)
    set_options(actor=actor, batch_id=batch.pk, options=options)
    return commit_batch(actor=actor, batch_id=batch.pk, today=TODAY, progress=silent)


def proved() -> list[str]:
    """What `./bianzhi check` finds wrong."""
    return [str(finding) for finding in integrity.findings()]


def clerk(role: str = "office_clerk", username: str = "liwen") -> User:
    """Somebody with a role over the whole district."""
    user = create_user(
        actor=OFFICE, username=username, display_name="李经办", password="Mima-2026-xyz", must_change=False
    )
    grant_role(actor=OFFICE, user_id=user.pk, role=role)
    return user

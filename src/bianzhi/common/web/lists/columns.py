"""A column of a list: what it shows, how it sorts, what of it is exported."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import is_aware, localtime

from bianzhi.common.field_classes import FieldClass
from bianzhi.common.web.tones import tone_of

Exported = str | int | float | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `value` is a dotted attribute path ("organization.name", methods are called) or a function of the row. `render`
    replaces the text by HTML on the screen only. A column of a class of personal data (`field_class`) is masked on the
    screen and in exports, unless an approved export reveals it (`ListPage.revealed`). A column with `permission`
    exists only for users who hold it.
    """

    key: str
    label: str
    value: str | Callable[[Any], Any] = ""
    kind: Literal["text", "number", "date", "month", "moment", "status"] = "text"
    order: str | tuple[str, ...] = ()
    link: Callable[[Any], str | None] | None = None
    render: Callable[[Any], SafeString | str] | None = None
    field_class: FieldClass | None = None
    shown: bool = True
    exportable: bool = True
    permission: str = ""
    width: int = 0

    @property
    def css(self) -> str:
        """Class of the cells: figures stand at the right."""
        return {"number": "num", "date": "nowrap", "month": "nowrap", "moment": "nowrap"}.get(self.kind, "")

    @property
    def order_fields(self) -> tuple[str, ...]:
        """Fields the column sorts by; empty when it cannot be sorted."""
        return (self.order,) if isinstance(self.order, str) and self.order else tuple(self.order)

    def ordering(self, *, descending: bool) -> list[OrderBy]:
        """Order expressions, blanks last on every database."""
        return [order_by(field, flip=descending) for field in self.order_fields]

    def raw(self, row: Any) -> Any:
        """The value as the row has it, unmasked."""
        if callable(self.value):
            return self.value(row)
        return follow(row, self.value or self.key)

    def exported(self, row: Any, *, revealed: bool) -> Exported:
        """What a sheet gets: numbers and days as such, everything else as text."""
        found = self.raw(row)
        if found is None or found == "":
            return None
        if self.field_class is not None and not revealed:
            return self.field_class.mask(str(found))
        if isinstance(found, bool):
            return "是" if found else "否"
        if self.kind == "month" and isinstance(found, date):
            return found.strftime("%Y.%m")
        if isinstance(found, int | float | date):
            return found
        return str(found)

    def html(self, row: Any, *, revealed: bool) -> SafeString | str:
        """What the screen shows."""
        if self.render is not None and (self.field_class is None or revealed):
            return self.render(row)
        text = self._text(self.exported(row, revealed=revealed))
        if self.kind == "status" and text != "—":
            return format_html('<span class="tag tag-{}">{}</span>', tone_of(text).value, text)
        target = self.link(row) if self.link is not None else None
        return format_html('<a href="{}">{}</a>', target, text) if target else text

    def _text(self, found: Exported) -> str:
        if found is None:
            return "—"
        if isinstance(found, datetime):
            return (localtime(found) if is_aware(found) else found).strftime("%Y-%m-%d %H:%M")
        if isinstance(found, date):
            return found.isoformat()
        if isinstance(found, int) and self.kind == "number":
            return f"{found:,}"
        return str(found)


def follow(row: Any, path: str) -> Any:
    """The attribute at a dotted path; None as soon as a part of the way is None. Methods on the way are called."""
    found = row
    for name in path.split("."):
        if found is None:
            return None
        found = found[name] if isinstance(found, dict) else getattr(found, name)
        if callable(found):
            found = found()
    return found


def order_by(field: str, *, flip: bool = False) -> OrderBy:
    """An order expression for "name" or "-name", blanks last; `flip` turns the direction round."""
    descending = field.startswith("-") is not flip
    expression = F(field.removeprefix("-"))
    return expression.desc(nulls_last=True) if descending else expression.asc(nulls_last=True)

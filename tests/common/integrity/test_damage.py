"""Any damage to any register row by raw SQL makes `check` exit 1 and name the table and the id."""

from __future__ import annotations

import io
import json
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction

from bianzhi.audit.actors import System
from bianzhi.audit.models import SealedModel
from bianzhi.audit.seals import sealed_models
from bianzhi.audit.unit_of_work import record, unit_of_work
from tests.cast import FOUNDED, Cast, assemble
from tests.tampering import tampering

pytestmark = pytest.mark.django_db
HIRED = date(2024, 3, 1)
NOT_OF_THE_REGISTER = {"accounts", "office"}
"""Apps whose rows are sealed though they are no register: a login or a calendar read notes a moment on the row."""
NOTED_ON = {
    "archives.Item": ("page_count", "searchable"),
    "archives.Original": ("state", "checked_at"),
    "exchange.AccessToken": ("last_used_at",),
}
"""Of other apps, the columns that are noted on a row: what was made of it, when it was read again, when it was used."""
OF_THE_REGISTER = [model for model in sealed_models() if model._meta.app_label not in NOT_OF_THE_REGISTER]


@pytest.fixture
def cast(db: None) -> Cast:
    """A district in which a unit was filled, somebody moved and somebody left."""
    cast = assemble()
    first, second = cast.fill(cast.bureau, "A1", 2, on=HIRED)
    slot = cast.approve(cast.audit_office, "A1", entry_mode="I07").slots[0]
    cast.transfer(first, slot)
    cast.leave(second)
    return cast


def check() -> tuple[int, list[str]]:
    """Exit code of `check` on the rows, and where it found something."""
    out = io.StringIO()
    try:
        call_command("check", json=True, only=["audit.rows"], stdout=out)
        code = 0
    except SystemExit as end:
        code = int(end.code or 0)
    found = json.loads(out.getvalue())["checks"][0]["findings"]
    return code, [finding["where"] for finding in found]


def other(value: Any, field: models.Field[Any, Any]) -> Any:
    """A value that is not the present one and fits the column."""
    if isinstance(field, models.JSONField):
        return json.dumps({"damaged": True})
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(value, datetime):
        return value + timedelta(seconds=1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, int):
        return value + 5000
    if isinstance(value, str):
        return f"{value[:-1]}{'x' if value[-1] != 'x' else 'y'}" if value else "x"
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat("2020-01-01T00:00:00+00:00")
    if isinstance(field, models.DateField):
        return FOUNDED
    return "x" if isinstance(field, models.CharField | models.TextField) else 1


@unit_of_work
def sealed_sample(model: type[SealedModel]) -> SealedModel:
    """A row of a kind the small district has none of, written as a service would."""
    values: dict[str, Any] = {}
    used: set[tuple[str, int]] = set()
    for field in model._meta.concrete_fields:
        if field.primary_key or field.has_default() or field.null or field.blank:
            continue
        if field.is_relation:
            related: type[SealedModel] = field.related_model  # type: ignore[assignment]
            others = [pk for label, pk in used if label == related._meta.label]
            found = related._base_manager.exclude(pk__in=others).first() or sealed_sample(related)
            values[field.attname] = found.pk
            used.add((related._meta.label, found.pk))
        elif field.unique and isinstance(field, models.CharField):
            values[field.attname] = f"x{model._base_manager.count()}"
        else:
            values[field.attname] = field.choices[0][0] if field.choices else other(None, field)
    row = model._base_manager.create(**values)
    record("tests.built", actor=System("测试"), subject=row, facts={}, wrote=[row])
    return row


def damaged(table: str, column: str, value: Any, pk: int) -> tuple[int, list[str]] | None:
    """What `check` says after the damage; None when the database itself refused it."""
    with tampering() as cursor:
        try:
            with transaction.atomic():
                cursor.execute(f'UPDATE {table} SET "{column}" = %s WHERE id = %s', [value, pk])
        except IntegrityError:
            return None
        return check()


def test_the_untouched_register_is_sound(cast):
    assert check() == (0, [])


def test_every_column_of_the_register_is_sealed():
    unsealed = {model._meta.label: tuple(model.unsealed_fields) for model in OF_THE_REGISTER if model.unsealed_fields}
    assert unsealed == NOTED_ON


@pytest.mark.parametrize("model", OF_THE_REGISTER, ids=lambda model: model._meta.label_lower)
def test_a_damaged_column_a_deleted_and_an_inserted_row_are_named(cast, model: type[SealedModel]):
    table = model._meta.db_table
    rows = list(model._base_manager.order_by("pk")) or [sealed_sample(model)]
    row, refused = rows[-1], []
    for field in model._meta.concrete_fields:
        if field.name in model.unsealed_fields:
            continue
        value = 987_653 if field.primary_key else getattr(row, field.attname)
        said = damaged(table, str(field.column), other(value, field), row.pk)
        if said is None:
            refused.append(field.column)
            continue
        code, where = said
        assert code == 1, f"{table}.{field.column} of row {row.pk}: not found"
        assert any(f"（{table}.id={row.pk}）" in place for place in where), f"{table}.{field.column}: {where}"
    assert len(refused) < len(model._meta.concrete_fields), "the database refused everything: nothing was tried"
    _deleted(table, rows[0].pk)
    _inserted(model, rows[0].pk)


def _deleted(table: str, pk: int) -> None:
    with tampering() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [pk])
        code, where = check()
    assert code == 1
    assert any(f"（{table}.id={pk}）" in place for place in where)


def _inserted(model: type[SealedModel], pk: int) -> None:
    """A copy of a row, altered where the database would see the double."""
    table, new = model._meta.db_table, 987_654
    row = model._base_manager.get(pk=pk)
    unique = _unique_fields(model)
    values = {"id": new}
    for field in model._meta.concrete_fields:
        if not field.primary_key:
            value = getattr(row, field.attname)
            value = other(value, field) if field.attname in unique and value is not None else value
            values[str(field.column)] = field.get_db_prep_save(value, connection)
    columns, places = ", ".join(f'"{column}"' for column in values), ", ".join(["%s"] * len(values))
    with tampering() as cursor:
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", list(values.values()))
        code, where = check()
    assert code == 1
    assert where == [place for place in where if f"（{table}.id={new}）" in place]


def _unique_fields(model: type[SealedModel]) -> set[str]:
    """Attribute names that keep a second copy of a row out."""
    names = {field.name for field in model._meta.concrete_fields if field.unique and not field.primary_key}
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint):
            names |= set(constraint.fields)
    return {model._meta.get_field(name).attname for name in names}  # type: ignore[union-attr]

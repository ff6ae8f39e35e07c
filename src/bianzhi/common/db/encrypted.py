"""Columns sealed before they reach the database, and the column that still finds an equal value.

What is stored is an envelope (`kernel.encryption.envelope`) bound to its table and column. A value can be read, written
and compared in Python as before; the database sees neither it nor its length class, so nothing can be searched in it.
Exact search goes through a `FingerprintField` beside it; what else of a sealed JSON is asked for is a column too.
"""

import json
from collections.abc import Iterable
from typing import Any, Final, NoReturn

from django.db import models
from django.db.models import Func

from bianzhi.common.field_keys import keyring
from bianzhi.kernel.encryption.ciphers import Forged
from bianzhi.kernel.encryption.envelope import is_sealed, key_of, rewrap, seal, unseal
from bianzhi.kernel.objections import Objection, Refused

UNREADABLE: Final = "（无法解密）"


class StandIn:
    """Stands for a value known only as it is stored: it is written back exactly as it was."""

    stored: str
    why: str

    @classmethod
    def of(cls, stored: str, why: str = "") -> Any:
        """The stand-in for a stored text, with the reason why it does not open."""
        found = cls()
        found.stored = stored
        found.why = why
        return found


class SealedText(StandIn, str):
    """A text that does not open: it shows as unreadable."""

    def __new__(cls) -> "SealedText":
        return super().__new__(cls, UNREADABLE)


def _unchangeable(*_args: Any, **_kwargs: Any) -> NoReturn:
    """Raises Refused: what was written into a stand-in would be lost when it is saved."""
    message, step = "这部分内容无法解密，不能修改", "请先从备份更正，再办理"
    raise Refused([Objection("K03", message, next_step=step)])


class SealedMapping(StandIn, dict[str, Any]):
    """A JSON object that does not open: it reads as empty and cannot be written into."""

    __setitem__ = __delitem__ = __ior__ = _unchangeable
    clear = pop = popitem = setdefault = update = _unchangeable


class SealedList(StandIn, list[Any]):
    """A JSON list that does not open: it reads as empty and cannot be written into."""

    __setitem__ = __delitem__ = __iadd__ = __imul__ = _unchangeable
    append = extend = insert = pop = remove = clear = sort = reverse = _unchangeable


class SealedColumn(models.TextField[Any, Any]):
    """What every sealed column does: the envelope, its context, its master key. No lookup but `isnull`."""

    def context(self) -> str:
        """What the sealed text is bound to."""
        return f"{self.model._meta.db_table}|{self.column}"

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise TypeError(f"{self.name} is encrypted: search its fingerprint, not the column")
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> NoReturn:
        raise TypeError(f"{self.name} is encrypted: {lookup_name} cannot be asked of it in the database")

    def key_id(self, stored: str) -> str:
        """The id of the master key a stored text rests on; "" for what is not sealed at all."""
        try:
            return key_of(stored).hex()
        except Forged:
            return ""

    def rewrapped(self, stored: str) -> str:
        """A stored text under the current master key; one written before encryption is sealed."""
        if not is_sealed(stored):
            return seal(keyring(), stored, self.context())
        return rewrap(keyring(), stored, self.context())

    def _seal(self, text: str) -> str:
        return seal(keyring(), text, self.context())

    def _unseal(self, stored: str) -> str:
        """Raises Forged."""
        return unseal(keyring(), stored, self.context())


class EncryptedField(SealedColumn):
    """A text kept sealed. `max_length` limits the text itself; blank stays blank."""

    description = "加密文本"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.plain_length: int | None = kwargs.pop("max_length", None)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self.plain_length is not None:
            kwargs["max_length"] = self.plain_length
        return name, path, args, kwargs

    def formfield(self, **kwargs: Any) -> Any:
        """A single line, as long as the text may be."""
        return models.CharField(
            verbose_name=self.verbose_name, max_length=self.plain_length, blank=self.blank, help_text=self.help_text
        ).formfield(**kwargs)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, StandIn):
            return value.stored
        text = super().get_prep_value(value)
        return self._seal(text) if text else text

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """The plain text; a stand-in where it does not open, so that one damaged row does not close a whole list."""
        if not value:
            return value
        try:
            return self._unseal(value)
        except Forged as error:
            return SealedText.of(value, str(error))  # type: ignore[no-any-return]


class EncryptedJSONField(SealedColumn):
    """A JSON value kept sealed: what a form, a payload or a row says of people. The default value is kept as blank.

    Raises ValueError and TypeError on writing what JSON does not know (NaN, a date).
    """

    description = "加密 JSON"
    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def to_python(self, value: Any) -> Any:
        """The value itself: it is no text."""
        return value

    def value_to_string(self, obj: models.Model) -> Any:
        """Serialised as the value it is."""
        return self.value_from_object(obj)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, StandIn):
            return value.stored
        if value is None:
            return None
        if self._is_default(value):
            return ""
        return self._seal(json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False))

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        """The value; an empty stand-in where it does not open, so that one damaged row does not close a whole list."""
        if value is None:
            return None
        if not value:
            return self.get_default()
        try:
            return json.loads(self._unseal(value))
        except Forged as error:
            return self._stand_in.of(value, str(error))

    def _is_default(self, value: Any) -> bool:
        return self.has_default() and type(value) is type(self.get_default()) and value == self.get_default()

    @property
    def _stand_in(self) -> type[StandIn]:
        return SealedList if self.default is list else SealedMapping


class FingerprintField(models.CharField[str, str]):
    """HMAC-SM3 of another attribute of the row, kept by itself: equal values, and only they, have equal fingerprints.

    `of` names a column, or a property that reads a sealed JSON (a `StandIn` there leaves the fingerprint as it is).
    """

    def __init__(self, *args: Any, of: str = "", **kwargs: Any) -> None:
        self.of = of
        kwargs.setdefault("max_length", 64)
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "of": self.of}

    def fingerprint(self, value: str) -> str:
        """What is kept for a value, and what is searched for; nothing for an empty one."""
        return "" if not value else keyring().fingerprint(f"{self.model._meta.db_table}|{self.of}", value)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = getattr(model_instance, self.of)
        if not isinstance(value, StandIn):
            setattr(model_instance, self.attname, self.fingerprint(value))
        return str(getattr(model_instance, self.attname))


class Stored(Func):
    """A column as the database holds it: the sealed text of an encrypted one."""

    template = "%(expressions)s"
    arity = 1

    def __init__(self, column: str) -> None:
        super().__init__(column, output_field=models.TextField())


def encrypted_fields(model: type[models.Model]) -> list[SealedColumn]:
    """The encrypted columns of a model."""
    return [field for field in model._meta.concrete_fields if isinstance(field, SealedColumn)]


def renew_fingerprints(rows: Iterable[models.Model]) -> None:
    """Bring the fingerprints of rows up to what they hold: `bulk_update`, unlike `save`, does not ask its columns."""
    for row in rows:
        for field in row._meta.concrete_fields:
            if isinstance(field, FingerprintField):
                field.pre_save(row, add=False)

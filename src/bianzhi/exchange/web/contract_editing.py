"""A contract's fields as controls, and the contract again from what was sent."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from bianzhi.reconciliation.contracts.columns import COLUMN_LABELS
from bianzhi.reconciliation.contracts.model import Format, Period
from bianzhi.reconciliation.contracts.parsing import MOST_FIELDS
from bianzhi.reconciliation.contracts.shape import codes_of, fields_of, part_of, texts_of

COLUMNS: Final = [("", "不对应（只识别）"), *COLUMN_LABELS.items()]
FORMATS: Final = [(each.value, each.label) for each in Format]
PERIODS: Final = [(each.value, each.label) for each in Period]
FRESH: Final[Mapping[str, Any]] = {"name": "", "title": "", "hub": {}}


@dataclass(frozen=True, slots=True)
class EditedField:
    """One field as the page shows it. `index` names its controls: f3-title."""

    index: int
    name: str
    title: str
    column: str
    column_label: str
    headings: str
    required: bool
    format: str
    pattern: str
    longest: str
    codes: str
    closed: bool
    description: str
    is_fresh: bool = False


def edited_fields(schema: Mapping[str, Any]) -> list[EditedField]:
    """Every field a contract may have, and an empty one at the end for a new column."""
    fields = fields_of(schema)[:MOST_FIELDS]
    return [_edited(place, one) for place, one in enumerate([*fields, FRESH])]


def _edited(index: int, one: Mapping[str, Any]) -> EditedField:
    hub, rules, codes = part_of(one, "hub"), part_of(one, "constraints"), codes_of(one)
    column = str(hub.get("column", ""))
    return EditedField(
        index=index,
        name=str(one.get("name", "")),
        title=str(one.get("title", "")),
        column=column,
        column_label=COLUMN_LABELS.get(column, column),
        headings="、".join(texts_of(hub, "headings")),
        required=rules.get("required") is True,
        format=str(hub.get("format", Format.ANY.value)),
        pattern=str(rules.get("pattern", "")),
        longest=str(rules.get("maxLength", "")),
        codes="\n".join(f"{code}={word}" if code != word else str(code) for code, word in codes.items()),
        closed=hub.get("closed", "enum" in rules) is True,
        description=str(one.get("description", "")),
        is_fresh=one is FRESH,
    )


def schema_of(posted: Mapping[str, str], before: Mapping[str, Any]) -> dict[str, Any]:
    """The contract as the controls say it; what no control shows is kept as it was before."""
    fields = fields_of(before)
    known = {str(one.get("name", "")): one for one in fields}
    schema = deepcopy(dict(before))
    sent = [field for _, _, field in sorted(_sent(posted, known), key=lambda each: each[:2])]
    schema["fields"] = [*sent, *fields[MOST_FIELDS:]]
    schema["missingValues"] = ["", *_words(posted.get("missing", ""))]
    hub = dict(part_of(schema, "hub"))
    hub.update(
        {
            "owner": posted.get("owner", "").strip(),
            "period": posted.get("period", Period.MONTH.value),
            "due_day": _number(posted.get("due_day", "")),
            "stale_days": _number(posted.get("stale_days", "")),
        }
    )
    schema["hub"] = hub
    schema["primaryKey"] = _words(posted.get("key", ""))
    return schema


def _sent(
    posted: Mapping[str, str], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """(wished place, own place, field) of every field that has a name and is not to go."""
    for index in range(MOST_FIELDS + 1):
        name = posted.get(f"f{index}-name", "").strip()
        if not name or posted.get(f"f{index}-drop"):
            continue
        place = _number(posted.get(f"f{index}-place", ""))
        yield place if isinstance(place, int) else index + 1, index, _field(posted, f"f{index}-", name, known)


def _field(posted: Mapping[str, str], prefix: str, name: str, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    def said(key: str) -> str:
        return posted.get(prefix + key, "").strip()

    before = known.get(said("was") or name, {"type": "string"})
    field = {**before, "name": name, "title": said("title") or name}
    longest = _number(said("longest")) if said("longest") else None
    rules = {key: value for key, value in part_of(before, "constraints").items() if key != "enum"}
    given = {"required": bool(said("required")) or None, "pattern": said("pattern") or None, "maxLength": longest}
    field["constraints"] = {key: value for key, value in {**rules, **given}.items() if value is not None}
    codes = _codes(said("codes"))
    hub = {
        **part_of(before, "hub"),
        "column": said("column"),
        "headings": _words(said("headings")),
        "format": said("format") if said("format") not in ("", Format.ANY.value) else None,
        "codes": codes or None,
        "closed": bool(said("closed")) if codes else None,
    }
    field["hub"] = {key: value for key, value in hub.items() if value is not None}
    field["description"] = said("description")
    return {key: value for key, value in field.items() if value not in ("", {})}


def _words(text: str) -> list[str]:
    for separator in "，,；;\n\t":
        text = text.replace(separator, "、")
    return list(dict.fromkeys(word.strip() for word in text.split("、") if word.strip()))


def _codes(text: str) -> dict[str, str]:
    """One code on a line: code=word, or a word that stands for itself."""
    codes = {}
    for line in text.splitlines():
        code, _, word = line.partition("=")
        if code.strip():
            codes[code.strip()] = word.strip() or code.strip()
    return codes


def _number(text: str) -> int | str:
    """The number, or the text itself where it is none: what is wrong with it is said when the contract is checked."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 6 else plain

"""What a department's message says of a person, read or refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from bianzhi.exchange.rules.messages import EXIT_DECIDED, HIRE_DECIDED, SALARY_SET
from bianzhi.kernel.identifiers.id_number import IdNumberError, parse_id_number
from bianzhi.kernel.names import person_name_key
from bianzhi.kernel.objections import Objection, Refused, Severity

UNKNOWN_KIND: Final = "X41"
UNREADABLE: Final = "X42"
CHANGES: Final = {HIRE_DECIDED: "hire", EXIT_DECIDED: "exit", SALARY_SET: "salary"}
"""Kind of message → kind of change."""
DAYS: Final = ("event_on", "effective_on")


@dataclass(frozen=True, slots=True)
class Told:
    """A message as it is understood."""

    kind: str
    name: str
    name_key: str
    id_number: str
    unit: str
    unit_code: str
    happened_on: date | None


def read_message(kind: str, payload: Mapping[str, Any]) -> Told:
    """What a message says. Raises Refused: X41 (unknown kind), X42 (name, number or day missing or unreadable)."""
    if kind not in CHANGES:
        known = "、".join(CHANGES)
        raise Refused([Objection(UNKNOWN_KIND, f"没有“{kind[:20]}”这种消息", Severity.BLOCK, {}, f"应为 {known}")])
    name = str(payload.get("name") or "").strip()
    found: list[Objection] = [] if name else [_unreadable("未填写姓名（name）")]
    number = ""
    try:
        number = parse_id_number(str(payload.get("id_number") or "")).value
    except IdNumberError as error:
        found.append(_unreadable(f"身份证号（id_number）有误：{error}"))
    day, wrong = _day(payload)
    if found or wrong:
        raise Refused([*found, *wrong])
    unit, code = str(payload.get("unit") or ""), str(payload.get("unit_code") or "")
    return Told(CHANGES[kind], name, person_name_key(name)[:60], number, unit, code, day)


def _day(payload: Mapping[str, Any]) -> tuple[date | None, list[Objection]]:
    text = next((str(payload[name]) for name in DAYS if payload.get(name)), "")
    if not text:
        return None, []
    try:
        return date.fromisoformat(text), []
    except ValueError:
        return None, [_unreadable(f"日期“{text[:20]}”写法有误")]


def _unreadable(message: str) -> Objection:
    return Objection(UNREADABLE, message, Severity.BLOCK, {}, "请更正后以新的消息编号重新发送")

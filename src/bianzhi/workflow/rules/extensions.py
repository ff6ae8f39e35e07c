"""The `bb` extension elements of one node: what they may say, where they may stand, and what they mean."""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, Final, TypeVar

from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import (
    Action,
    Clock,
    Countersign,
    Flaw,
    Mode,
    NodeKind,
    Reject,
    ReturnTo,
    Seat,
    Verdicts,
    Way,
)

Choice = TypeVar("Choice", bound=StrEnum)

MAX_DAYS: Final = 9999
EVERYWHERE: Final = frozenset(NodeKind)
USER: Final = frozenset({NodeKind.USER})
COMMANDS: Final = frozenset({NodeKind.SERVICE, NodeKind.SEND})

PLACES: Final[dict[str, tuple[frozenset[NodeKind], frozenset[str]]]] = {
    "stage": (EVERYWHERE, frozenset({"name"})),
    "assign": (USER, frozenset({"role", "relation", "user", "initiator", "field"})),
    "countersign": (USER, frozenset({"mode", "ratio"})),
    "reject": (USER, frozenset({"policy"})),
    "verdict": (USER, frozenset({"agree", "disagree"})),
    "submit": (USER, frozenset()),
    "separate": (USER, frozenset({"group"})),
    "skip": (USER, frozenset({"when"})),
    "actions": (USER, frozenset({"allow"})),
    "return": (USER, frozenset({"to", "way"})),
    "deadline": (USER | {NodeKind.BOUNDARY}, frozenset({"days", "fact", "warn"})),
    "wait": (frozenset({NodeKind.WAIT}), frozenset({"days", "fact", "warn"})),
    "fields": (USER, frozenset({"write", "required"})),
    "copy": (USER, frozenset({"role", "relation", "user", "initiator", "field"})),
    "command": (COMMANDS, frozenset({"name"})),
}
"""Every extension element: the kinds of node it may stand on and the attributes it may have."""

REPEATABLE: Final = frozenset({"assign", "copy"})


class Extensions:
    """Reads the extension elements of one node into arguments of `profile.Node`; what is wrong goes to `flaws`."""

    def __init__(self, node_id: str, kind: NodeKind, flaws: list[Flaw]) -> None:
        self._node_id = node_id
        self._kind = kind
        self._flaws = flaws
        self._line = 0

    def read(self, elements: Iterable[tuple[str, Mapping[str, str], int]]) -> dict[str, Any]:
        """Arguments of the node from (local name, attributes, line) of each `bb` element."""
        found: dict[str, Any] = {}
        seen: set[str] = set()
        for name, attributes, self._line in elements:
            if self._is_sound(name, attributes, seen):
                seen.add(name)
                for key, value in self._READERS[name](self, attributes).items():
                    found[key] = (*found.get(key, ()), *value) if name in REPEATABLE else value
        return found

    def _flaw(self, message: str) -> None:
        self._flaws.append(Flaw(self._node_id, Code.EXTENSION, message, self._line))

    def _is_sound(self, name: str, attributes: Mapping[str, str], seen: set[str]) -> bool:
        if name not in PLACES:
            self._flaw(f"不认识的扩展元素 bb:{name}。")
            return False
        kinds, known = PLACES[name]
        if self._kind not in kinds:
            self._flaw(f"bb:{name} 不能放在这种元素上。")
            return False
        if name in seen and name not in REPEATABLE:
            self._flaw(f"bb:{name} 只能有一个。")
            return False
        for attribute in sorted(set(attributes) - known):
            self._flaw(f"bb:{name} 没有属性 {attribute}。")
        return True

    def _stage(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"stage": given.get("name", "").strip()}

    def _assign(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"seats": (self._seat(given),)}

    def _copy(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"copies": (self._seat(given),)}

    def _seat(self, given: Mapping[str, str]) -> Seat:
        initiator = given.get("initiator", "false").strip()
        if initiator not in ("true", "false"):
            self._flaw(f"initiator 应当是 true 或 false，却是“{initiator}”。")
        texts = {name: given.get(name, "").strip() for name in ("role", "relation", "user", "field")}
        return Seat(initiator=initiator == "true", **texts)

    def _countersign(self, given: Mapping[str, str]) -> dict[str, Any]:
        mode = self._choice(Mode, given.get("mode", "all"), Mode.ALL, "会签方式")
        ratio = self._number(given.get("ratio", "100"), 100, "会签比例")
        return {"countersign": Countersign(mode, ratio)}

    def _reject(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"reject": self._choice(Reject, given.get("policy", ""), Reject.STOP, "不同意的处理")}

    def _verdict(self, given: Mapping[str, str]) -> dict[str, Any]:
        agree = given.get("agree", "").strip()
        if not agree:
            self._flaw("bb:verdict 没有写明 agree。")
            return {}
        return {"verdicts": Verdicts(agree, given.get("disagree", "").strip())}

    def _submit(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"submit": True}

    def _separate(self, given: Mapping[str, str]) -> dict[str, Any]:
        group = given.get("group", "").strip()
        if not group:
            self._flaw("bb:separate 没有写明 group。")
        return {"separate": group}

    def _skip(self, given: Mapping[str, str]) -> dict[str, Any]:
        when = given.get("when", "").strip()
        if when != "same-actor":
            self._flaw(f"bb:skip 的 when 只能是 same-actor，却是“{when}”。")
        return {"skip_same": when == "same-actor"}

    def _actions(self, given: Mapping[str, str]) -> dict[str, Any]:
        words = given.get("allow", "").split()
        return {"actions": frozenset(filter(None, (self._choice(Action, word, None, "动作") for word in words)))}

    def _return(self, given: Mapping[str, str]) -> dict[str, Any]:
        ways = given.get("way", "step direct").split()
        return {
            "return_to": self._choice(ReturnTo, given.get("to", "any"), ReturnTo.ANY, "退回范围"),
            "ways": frozenset(filter(None, (self._choice(Way, way, None, "退回后的走法") for way in ways))),
        }

    def _deadline(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"limit": self._clock(given)}

    def _wait(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"wait": self._clock(given)}

    def _clock(self, given: Mapping[str, str]) -> Clock:
        return Clock(
            days=self._number(given.get("days", "0"), 0, "工作日数"),
            fact=given.get("fact", "").strip(),
            warn=self._number(given.get("warn", "2"), 2, "提前提醒的工作日数"),
        )

    def _fields(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {
            "fields_write": tuple(given.get("write", "").split()),
            "fields_required": tuple(given.get("required", "").split()),
        }

    def _command(self, given: Mapping[str, str]) -> dict[str, Any]:
        return {"command": given.get("name", "").strip()}

    def _choice(self, choices: type[Choice], word: str, otherwise: Any, what: str) -> Any:
        try:
            return choices(word.strip())
        except ValueError:
            self._flaw(f"{what}“{word.strip()}”不对，应当是 {'、'.join(choices)} 之一。")
            return otherwise

    def _number(self, text: str, otherwise: int, what: str) -> int:
        digits = text.strip()
        if not digits:
            return otherwise
        if digits.isascii() and digits.isdigit() and len(digits) <= len(str(MAX_DAYS)):
            return int(digits)
        self._flaw(f"{what}应当是 0 到 {MAX_DAYS} 的整数，却是“{digits[:20]}”。")
        return otherwise

    _READERS: Final[dict[str, Callable[["Extensions", Mapping[str, str]], dict[str, Any]]]] = {
        "stage": _stage,
        "assign": _assign,
        "countersign": _countersign,
        "reject": _reject,
        "verdict": _verdict,
        "submit": _submit,
        "separate": _separate,
        "skip": _skip,
        "actions": _actions,
        "return": _return,
        "deadline": _deadline,
        "wait": _wait,
        "fields": _fields,
        "copy": _copy,
        "command": _command,
    }

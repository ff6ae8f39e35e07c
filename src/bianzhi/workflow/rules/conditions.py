"""Conditions of sequence flows: `field op literal`, joined by and / or / not / parentheses. Nothing else exists.

    level == "commission" and count > 3        entry_mode in ("I01", "I02")        not sampled

A text is parsed to a small tree and the tree is asked; nothing is ever executed. A missing fact is None: it equals
nothing, is in nothing and holds as nothing. Values of different kinds (text, number, yes/no) are unequal and have no
order, so a comparison never fails. `!=` and `not in` are exactly the contrary of `==` and `in`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NoReturn

MAX_LENGTH: Final = 1000
MAX_DEPTH: Final = 40

Literal = str | int | float | bool


class ConditionError(ValueError):
    """A condition that can't be read; the message is Chinese and names the place."""

    def __init__(self, reason: str, position: int) -> None:
        self.reason = reason
        self.position = position
        super().__init__(f"第 {position + 1} 个字符处：{reason}")

    def __reduce__(self) -> tuple[type["ConditionError"], tuple[str, int]]:
        return (type(self), (self.reason, self.position))


@dataclass(frozen=True, slots=True)
class Held:
    """A field by itself: holds when the fact is there and says yes."""

    field: str


@dataclass(frozen=True, slots=True)
class Compare:
    """A field against one literal."""

    field: str
    op: str
    value: Literal


@dataclass(frozen=True, slots=True)
class Among:
    """A field against a list of literals."""

    field: str
    values: tuple[Literal, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary."""

    part: "Expr"


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple["Expr", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """At least one part holds."""

    parts: tuple["Expr", ...]


Expr = Held | Compare | Among | Not | And | Or


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


_TOKEN: Final = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
      | (?P<word>[^\W\d][\w.\-]*)
      | (?P<op>==|!=|<=|>=|<(?!>)|>)
      | (?P<mark>[(),\[\]])""",
    re.VERBOSE,
)
_RESERVED: Final = frozenset({"and", "or", "not", "in", "true", "false"})
_HINTS: Final = (
    (("“", "”", "‘", "’", "「", "」"), "文字要用半角引号 \" 或 '"),
    (("（", "）", "，", "＝", "＞", "＜", "！"), "符号要用半角"),
    (("=",), "判断相等要写 =="),
    (("<>",), "判断不等要写 !="),
    (("&",), "“并且”要写 and"),
    (("|",), "“或者”要写 or"),
    (("!",), "“不是”要写 not，判断不等要写 !="),
    (("$", "#", "{", "}"), "这里不支持 ${…} 表达式，只能写 字段 比较符 值"),
    (('"', "'"), "引号没有成对"),
    (tuple("+*/%-"), "条件里不能计算"),
)


def parse(text: str) -> Expr:
    """The tree of a condition. Raises ConditionError for anything that is no condition of this language."""
    if len(text) > MAX_LENGTH:
        raise ConditionError(f"条件太长（{len(text)} 个字符，最多 {MAX_LENGTH} 个）", MAX_LENGTH)
    return _Parser(_tokens(text)).whole()


def holds(text: str, facts: Mapping[str, Any]) -> bool:
    """Whether a condition holds of some facts; no condition (blank) always does. Raises ConditionError as `parse`."""
    return not text.strip() or evaluate(_parsed(text), facts)


def fields_of(expr: Expr) -> frozenset[str]:
    """The facts a condition asks for."""
    match expr:
        case Held(field) | Compare(field) | Among(field):
            return frozenset({field})
        case Not(part):
            return fields_of(part)
        case And(parts) | Or(parts):
            return frozenset().union(*map(fields_of, parts))


def evaluate(expr: Expr, facts: Mapping[str, Any]) -> bool:
    """Whether a parsed condition holds of some facts; never raises."""
    match expr:
        case Held(field):
            return bool(facts.get(field))
        case Compare(field, op, value):
            return _compare(facts.get(field), op, value)
        case Among(field, values):
            return any(_equal(facts.get(field), value) for value in values)
        case Not(part):
            return not evaluate(part, facts)
        case And(parts):
            return all(evaluate(part, facts) for part in parts)
        case Or(parts):
            return any(evaluate(part, facts) for part in parts)


_parsed = lru_cache(maxsize=1024)(parse)


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "yes/no"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else ""


def _equal(fact: Any, value: Literal) -> bool:
    return _kind(fact) == _kind(value) and bool(fact == value)


def _compare(fact: Any, op: str, value: Literal) -> bool:
    if op in ("==", "!="):
        return _equal(fact, value) == (op == "==")
    if _kind(fact) != _kind(value) or isinstance(value, bool):
        return False
    return bool({"<": fact < value, "<=": fact <= value, ">": fact > value, ">=": fact >= value}[op])


def _tokens(text: str) -> list[_Token]:
    found, at = [], 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ConditionError(_why_unknown(text[at:]), at)
        if match.lastgroup != "space":
            found.append(_Token(str(match.lastgroup), match.group(), at))
        at = match.end()
    return [*found, _Token("end", "", len(text))]


def _why_unknown(rest: str) -> str:
    for starts, hint in _HINTS:
        if rest.startswith(starts):
            return hint
    return f"看不懂“{rest[:12]}”"


class _Parser:
    """Recursive descent over the tokens of one condition."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def whole(self) -> Expr:
        if self._now.kind == "end":
            self._fail("条件是空的")
        expr = self._any()
        if self._now.kind != "end":
            self._fail(f"“{self._now.text}”多余，或者前面缺少 and、or")
        return expr

    @property
    def _now(self) -> _Token:
        return self._tokens[self._at]

    def _fail(self, reason: str) -> NoReturn:
        raise ConditionError(reason, self._now.at)

    def _take(self, *texts: str) -> bool:
        """Step over the current token if it is one of these words or marks (never a quoted text)."""
        if self._now.kind != "text" and self._now.text in texts:
            self._at += 1
            return True
        return False

    def _any(self) -> Expr:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Expr:
        parts = [self._one()]
        while self._take("and"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _one(self) -> Expr:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._fail(f"括号和 not 套得太深（最多 {MAX_DEPTH} 层）")
        expr = self._nested()
        self._depth -= 1
        return expr

    def _nested(self) -> Expr:
        if self._take("not"):
            return Not(self._one())
        if self._take("("):
            expr = self._any()
            if not self._take(")"):
                self._fail("括号没有成对")
            return expr
        return self._test()

    def _test(self) -> Expr:
        field = self._field()
        if self._take("in"):
            return Among(field, self._list())
        if self._now.text == "not" and self._now.kind == "word":
            self._at += 1
            if not self._take("in"):
                self._fail("not 后面应当是 in")
            return Not(Among(field, self._list()))
        if self._now.kind != "op":
            return Held(field)
        op = self._now.text
        self._at += 1
        return Compare(field, op, self._literal())

    def _field(self) -> str:
        token = self._now
        if token.kind != "word" or token.text in _RESERVED:
            self._fail(f"应当是字段名，却是“{token.text}”" if token.text else "应当是字段名，条件却到此为止")
        if token.text.lower() in _RESERVED:
            self._fail(f"“{token.text}”要写成小写 {token.text.lower()}")
        self._at += 1
        return token.text

    def _literal(self) -> Literal:
        token = self._now
        value: Literal
        if token.kind == "text":
            value = token.text[1:-1]
        elif token.kind == "number":
            value = float(token.text) if "." in token.text else int(token.text)
        elif token.kind == "word" and token.text in ("true", "false"):
            value = token.text == "true"
        elif token.kind == "word":
            self._fail(f"“{token.text}”应当是值：文字加引号，或者数字、true、false")
        else:
            self._fail("比较符后面应当是值：加引号的文字、数字、true 或 false")
        self._at += 1
        return value

    def _list(self) -> tuple[Literal, ...]:
        closing = ")" if self._take("(") else "]" if self._take("[") else ""
        if not closing:
            self._fail('in 后面应当是括号里的几个值，如 ("A1", "A2")')
        values = [self._literal()]
        while self._take(","):
            values.append(self._literal())
        if not self._take(closing):
            self._fail("几个值之间用逗号隔开，最后用括号收尾")
        return tuple(values)

"""Requests: what a page asks for by its own forms, what somebody makes of that, and how it goes over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import html

from tests.proofs import hostile_values
from tests.proofs.hostile_files import small_file

Fields = tuple[tuple[str, Any], ...]
URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
BOUNDARY = "----bianzhi-fuzz"
ENDING = f"--{BOUNDARY}--\r\n".encode()
MOST_FIELDS = 400


@dataclass(frozen=True)
class File:
    """A file in a field."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Request:
    """One request in parts that can each be put back while a failure is made small."""

    method: str
    path: str
    query: Fields = ()
    fields: Fields = ()
    encoding: str = URLENCODED
    headers: Fields = ()
    raw: bytes | None = None
    """A body that is no form at all."""
    wire: int = 0
    """Seed of what is done to the bytes of the form; 0 for nothing."""

    @property
    def changes_something(self) -> bool:
        return self.method not in ("GET", "HEAD", "OPTIONS", "TRACE")

    def address(self) -> str:
        chance = Random(self.wire)
        if not self.query:
            return self.path
        texts = _texts(self.query)
        pairs = [hostile_values.pair(chance, *text) if self.wire else _pair(*text) for text in texts]
        return self.path + "?" + b"&".join(pairs).decode("latin-1")

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if not self.changes_something:
            return b""
        chance = Random(self.wire)
        if self.encoding.startswith(MULTIPART):
            return _damaged_parts(chance, _multipart(self.fields)) if self.wire else _multipart(self.fields)
        texts = _texts(self.fields)
        return b"&".join(hostile_values.pair(chance, *text) if self.wire else _pair(*text) for text in texts)

    def content_type(self) -> str:
        return f"{MULTIPART}; boundary={BOUNDARY}" if self.encoding == MULTIPART else self.encoding

    def simpler(self) -> Iterator[Request]:
        """The same request with one oddity less, for making a failure small."""
        for name in ("headers", "query", "fields"):
            parts: Fields = getattr(self, name)
            size = len(parts)
            while size:
                for start in range(0, len(parts), size):
                    yield _with(self, name, parts[:start] + parts[start + size :])
                size //= 2
        if self.wire:
            yield replace(self, wire=0)

    def code(self) -> str:
        """Lines that send it again from a test."""
        more = "".join(f", {name}={one!r}" for name, one in self.headers)
        body = self.body()
        shown = repr(body) if len(body) < 2000 else f"{body[:300]!r} + …  # {len(body)} bytes"
        return (
            f"client.generic({self.method!r}, {self.address()[:1500]!r}, {shown}, "
            f"content_type={self.content_type()!r}{more})"
        )


def _texts(fields: Fields) -> list[tuple[str, str]]:
    """A file in a form without parts is no more than its name."""
    return [(name, one if isinstance(one, str) else one.name) for name, one in fields]


def _pair(name: str, text: str) -> bytes:
    return hostile_values.pair(_Never(), name, text)


class _Never(Random):
    """Chance of which nothing comes."""

    def random(self) -> float:
        return 1.0


def _multipart(fields: Fields) -> bytes:
    parts = []
    for name, one in fields:
        quoted = name.replace('"', "%22")
        if isinstance(one, File):
            file = (
                one.name.encode("utf-8", "surrogatepass").replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
            )
            head = (
                f'Content-Disposition: form-data; name="{quoted}"; filename="'.encode("utf-8", "replace") + file + b'"'
            )
            head += b"\r\nContent-Type: application/octet-stream"
            content = one.content
        else:
            head = f'Content-Disposition: form-data; name="{quoted}"'.encode("utf-8", "replace")
            content = str(one).encode("utf-8", "surrogatepass")
        parts.append(b"--" + BOUNDARY.encode() + b"\r\n" + head + b"\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + ENDING


def _damaged_parts(chance: Random, body: bytes) -> bytes:
    """A form in parts that is cut, doubled, mislabelled or told in a character set nobody has."""
    boundary = BOUNDARY.encode()
    return chance.choice(
        (
            lambda: body[: chance.randrange(len(body) + 1)],
            lambda: body.removesuffix(ENDING),
            lambda: body + body,
            lambda: body.replace(b"form-data;", b"form-data; charset=klingon;"),
            lambda: body.replace(b"\r\n\r\n", b"\r\nContent-Transfer-Encoding: base64\r\n\r\n", 1),
            lambda: body.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain; charset=utf-7\r\n\r\n", 2),
            lambda: body.replace(b'name="', b"name*=utf-8''%ff%00\"; x=\"", 1),
            lambda: body.replace(b'filename="', b'filename="\xff\x00../', 1),
            lambda: body.replace(boundary, boundary[:-1]),
            lambda: body.replace(b"\r\n", b"\n"),
            lambda: b"\x00" + body,
        )
    )()


# --- what a page asks for ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Form:
    """A form of a page, or a link, as somebody would send it."""

    method: str
    path: str
    query: Fields = ()
    fields: Fields = ()
    encoding: str = URLENCODED
    choices: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def request(self) -> Request:
        if self.method == "GET":
            return Request("GET", self.path, query=self.query + self.fields)
        return Request(self.method, self.path, self.query, self.fields, self.encoding)


def forms_of(content: bytes, base: str) -> list[Form]:
    """The forms of a page and what htmx sends from it; nothing of it leads away from the site."""
    if b"<form" not in content and b"hx-" not in content:
        return []
    try:
        tree = html.fromstring(content.decode("utf-8", "replace").replace("\x00", ""))
    except (ValueError, html.etree.ParserError):
        return []
    found = [_form(form, base) for form in tree.iter("form")]
    for method in ("get", "post"):
        found += [_fragment(each, method, base) for each in tree.xpath(f"//*[@hx-{method}]")]
    return [form for form in found if form.path.startswith("/")]


def _form(form: Any, base: str) -> Form:
    path, query = _split(urljoin(base, form.get("action") or base))
    method = (form.get("method") or "get").upper()
    fields, choices = _fields(form)
    encoding = MULTIPART if form.get("enctype") == MULTIPART else URLENCODED
    return Form(method, path, query if method == "POST" else (), fields, encoding, choices)


def _fragment(element: Any, method: str, base: str) -> Form:
    path, query = _split(urljoin(base, element.get(f"hx-{method}") or base))
    form = element if element.tag == "form" else next(element.iterancestors("form"), None)
    fields, choices = _fields(form) if form is not None else ((), {})
    return Form(method.upper(), path, query, fields, URLENCODED, choices)


def _split(url: str) -> tuple[str, Fields]:
    parts = urlsplit(url)
    return parts.path or "/", tuple(parse_qsl(parts.query, keep_blank_values=True))


def _fields(form: Any) -> tuple[Fields, dict[str, tuple[str, ...]]]:
    """What the form would send as it stands, every file field and every button included, and what may be chosen."""
    fields: list[tuple[str, Any]] = []
    choices: dict[str, tuple[str, ...]] = {}
    for each in form.xpath(".//input[@name] | .//textarea[@name] | .//select[@name] | .//button[@name]"):
        name, kind = each.get("name"), each.get("type", "")
        if each.tag == "select":
            options = tuple(option.get("value", option.text or "") for option in each.iter("option"))
            choices[name] = options
            chosen = [option.get("value", "") for option in each.iter("option") if option.get("selected") is not None]
            fields += [(name, text) for text in chosen or options[:1]]
        elif kind == "file":
            fields.append((name, File("说明.txt", "说明".encode())))
        elif kind in ("checkbox", "radio"):
            choices[name] = (*choices.get(name, ()), each.get("value", "on"))
            if each.get("checked") is not None:
                fields.append((name, each.get("value", "on")))
        elif kind not in ("reset", "image"):
            fields.append((name, (each.text or "") if each.tag == "textarea" else each.get("value", "")))
    return tuple(fields[:MOST_FIELDS]), choices


# --- what is made of it ------------------------------------------------------------------------------------------

BODIES = (
    b"",
    b"\x00",
    b"{",
    b'{"a":"\\ud800"}',
    b"[]",
    b"<?xml version='1.0'?><x/>",
    b"\xff" * 100,
    b"&" * 5000,
    b"=" * 50,
)
TYPES = (
    "application/json",
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    "",
    "multipart/form-data; boundary=" + "x" * 300,
    "application/x-www-form-urlencoded; charset=gbk",
    "text/html; charset=\xff",
    "application/x-www-form-urlencoded; charset=klingon",
    "multipart/mixed; boundary=a",
    "application/octet-stream",
    "multipart/form-data; boundary=ü",
    "application/x-www-form-urlencoded; charset=utf-16",
)


def _with(request: Request, at: str, parts: Fields) -> Request:
    changed: dict[str, Any] = {at: parts}
    return replace(request, **changed)


METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "POST", "GET", "BREW")


def mutated(chance: Random, form: Form, vocabulary: list[str]) -> Request:
    """A submission of the form with something wrong about it, or with all of it wrong."""
    request = filled(chance, form)
    for at in _parts(request):
        request = _with(request, at, _fields_mutated(chance, form, getattr(request, at), vocabulary))
    draw = chance.random()
    if draw < 0.12:
        request = replace(request, headers=tuple(hostile_values.headers(chance).items()))
    elif draw < 0.2:
        request = replace(request, wire=chance.randrange(1, 2**31))
    elif draw < 0.24 and request.changes_something:
        request = replace(request, encoding=chance.choice(TYPES))
    elif draw < 0.26:
        request = replace(request, method="POST", raw=chance.choice(BODIES), encoding=chance.choice(TYPES))
    elif draw < 0.28:
        request = replace(request, method=chance.choice(METHODS))
    elif draw < 0.31:
        request = replace(request, path=path_mutated(chance, request.path))
    elif draw < 0.34 and request.changes_something:
        request = replace(request, encoding=URLENCODED if request.encoding == MULTIPART else MULTIPART)
    return request


def _parts(request: Request) -> list[str]:
    return [name for name in ("query", "fields") if getattr(request, name)] or (
        ["fields"] if request.changes_something else ["query"]
    )


def filled(chance: Random, form: Form) -> Request:
    """The form sent with other choices than it came with: behind each lies other code."""
    request = form.request()
    at = "query" if form.method == "GET" else "fields"
    parts = dict.fromkeys(name for name, _ in getattr(request, at))
    chosen = []
    for name, options in form.choices.items():
        if options and chance.random() < 0.7:
            parts.setdefault(name)
            chosen.append((name, chance.choice(options)))
    names = {name for name, _ in chosen}
    return _with(request, at, tuple(one for one in getattr(request, at) if one[0] not in names) + tuple(chosen))


def _fields_mutated(chance: Random, form: Form, fields: Fields, vocabulary: list[str]) -> Fields:
    parts = list(fields)
    for _ in range(chance.choice((0, 1, 1, 1, 2, 3, 8))):
        at = chance.randrange(len(parts)) if parts else -1
        act = chance.random()
        if at < 0 or act < 0.08:
            parts.insert(0, (chance.choice(vocabulary), hostile_values.value(chance)))
        elif act < 0.16:
            parts.pop(at)
        elif act < 0.22:
            parts.append((parts[at][0], hostile_values.value(chance)))
        elif act < 0.25:
            parts[at] = (
                parts[at][0] + chance.choice(("[]", "[0]", "\x00", "__in", "-0", "-99999999999999999999", "")),
                parts[at][1],
            )
        else:
            parts[at] = (parts[at][0], _value_mutated(chance, parts[at][1], form.choices.get(parts[at][0], ())))
    return tuple(parts)


def _value_mutated(chance: Random, old: Any, options: tuple[str, ...]) -> Any:
    if isinstance(old, File):
        return small_file_field(chance) if chance.random() < 0.9 else hostile_values.value(chance)
    if options and chance.random() < 0.3:
        return chance.choice(options)
    if chance.random() < 0.04:
        return small_file_field(chance)
    return hostile_values.likely_wrong(chance, str(old))


def small_file_field(chance: Random) -> File:
    """A hostile file as a browser sends it."""
    name, content = small_file(chance)
    return File(name, content)


def path_mutated(chance: Random, path: str) -> str:
    """Another key, another word, bytes that are no text, a way up."""
    steps = path.split("/")
    at = chance.randrange(len(steps))
    steps[at] = chance.choice(
        (
            *hostile_values.FORGED_KEYS,
            "%00",
            "%ff",
            "..",
            "%2e%2e",
            "%E5%BC%A0",
            "a" * 3000,
            "%ED%A0%80",
            "1%2F2",
            "",
            "1 ",
            "%F0%9F%98%80",
            "1;x",
            "١",
            "%D9%A1",
        )
    )
    return "/" + "/".join(steps).lstrip("/")

"""What somebody could put into a field, a question, a header or a path instead of what was asked for; all seeded."""

from __future__ import annotations

from random import Random
from urllib.parse import quote, quote_from_bytes

FORGED_KEYS = (
    "0",
    "-1",
    "-9223372036854775808",
    "9223372036854775807",
    "9223372036854775808",
    "1" * 40,
    "1.5",
    "1e309",
)
DATES = (
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "2026-13-01",
    "-2026-01-01",
    "2026-1-1",
    "20261123",
    "2026年2月30日",
    "二〇二六年",
    "2026-11-23T25:61:61",
    "2026-11-23T00:00:00+99:99",
    "1899-12-31",
    "2026-11",
)
NUMBERS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-0",
    "0x10",
    "１２３",
    "²",
    "٣",
    "1_000",
    "1,000",
    "--1",
    "+",
    ".",
    "9" * 400,
    "9" * 5000,
    "0." + "0" * 400 + "1",
    "2147483648",
    "-2147483649",
    "1e-400",
    "½",
    "一百",
)
TEXTS = (
    "",
    " ",
    "\t\r\n",
    "\x00",
    "甲\x00乙",
    "\ufeff",
    "\u202e张三",
    "\u2066\u2069",
    "a\u0300" * 300,
    "\U0001f9d1\u200d\U0001f4bb",
    "\uffff",
    "\U0010ffff",
    "𠮷𡈽",
    "ﷺ" * 500,
    "编" * 10_000,
    "x" * 200_000,
    "' OR 1=1 --",
    '"><script>alert(1)</script>',
    "{{ 7*7 }}",
    "{% debug %}",
    "%s%s%n",
    "../../etc/passwd",
    "..\\..\\windows",
    "=cmd|'/c calc'!A1",
    "\\",
    "\x7f\x1b[31m",
    "null",
    "undefined",
    "True",
    "[]",
    "{}",
    "on",
    "\r\nSet-Cookie: a=b",
    "a" * 255 + "张",
    "İ",
    "ß",
    "ﬃ",
    "\u2028",
)
JSONS = (
    "{",
    "[[[[[[",
    "[" * 3000 + "]" * 3000,
    '{"a":' * 2000 + "1" + "}" * 2000,
    '"\\ud800"',
    '{"\\ud800":"\\udfff"}',
    '["\\u0000"]',
    "1e999",
    "NaN",
    "null",
    "true",
    '{"a":1,"a":2}',
    "[null]",
    '[{"id":null}]',
    '{"steps":null}',
    "[1,[2]]",
    '[{"key":{"key":[]}}]',
    "1" + "0" * 4400,
    "-" + "9" * 50,
    '{"version":"x","nodes":{},"edges":[[]]}',
)
TOKENS = (
    "0" * 63,
    "g" * 64,
    "0" * 65,
    "a.b.c",
    "a:b:c",
    "eyJhbGciOiJub25lIn0.e30.",
    "%%%",
    "==",
    "ключ",
    "1-2-3-4",
    "x" * 4096,
)
BROKEN_BYTES = (
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
    b"\xe7",
    b"\x81\x30\x81",
    b"\x00",
    b"%zz",
    b"\xd5\xc5",
)
KINDS_OF_VALUE = (FORGED_KEYS, DATES, NUMBERS, TEXTS, JSONS, TOKENS)


def value(chance: Random) -> str:
    """A text nobody asked for."""
    return chance.choice(chance.choice(KINDS_OF_VALUE))


def likely_wrong(chance: Random, like: str) -> str:
    """A value of the kind that was there, and wrong: a number for a number, a date for a date; else anything."""
    if chance.random() < 0.35:
        return value(chance)
    stripped = like.strip()
    if stripped.lstrip("-").isdigit():
        return chance.choice(FORGED_KEYS + NUMBERS)
    if len(stripped) == 10 and stripped[4:5] == "-":
        return chance.choice(DATES)
    if stripped[:1] in ("{", "["):
        return chance.choice(JSONS)
    return _damaged(chance, like) if like else value(chance)


def _damaged(chance: Random, text: str) -> str:
    at = chance.randrange(len(text))
    put = chance.choice(("\x00", "\u202e", "\ufffd", "", "\n", text, "%", ",", "，", "0", "-", "\U0001f600"))
    return text[:at] + put + text[at + chance.randint(0, 2) :]


def pair(chance: Random, name: str, text: str) -> bytes:
    """`name=text` as it goes over the wire, now and then in no encoding at all."""
    if chance.random() < 0.04:
        return f"{quote(name)}=".encode() + quote_from_bytes(chance.choice(BROKEN_BYTES)).encode()
    if chance.random() < 0.02:
        return quote(name).encode() + b"=" + chance.choice(BROKEN_BYTES)
    return f"{quote(name, safe='')}={quote(text.encode('utf-8', 'surrogatepass'), safe='')}".encode()


HEADERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("HTTP_HX_REQUEST", ("true", "false", "\x00", "1")),
    (
        "HTTP_HX_CURRENT_URL",
        ("http://[", "//evil/%00", "x" * 5000, "http://a/?\udcff".encode("utf-8", "replace").decode()),
    ),
    ("HTTP_HX_CURRENT_URL_URI_AUTOENCODED", ("true",)),
    ("HTTP_HX_TARGET", ("main", "<x>", "\xff")),
    ("HTTP_HX_BOOSTED", ("true",)),
    ("HTTP_REFERER", ("http://[", "", "https://evil.example/", "x" * 5000, "http://testserver/\xff")),
    ("HTTP_X_FORWARDED_FOR", ("1.2.3.4, x", "\x00", "::::::", "9" * 900)),
    ("HTTP_X_REQUEST_ID", ("\r\nx: y", "a" * 64, "<b>", "é" * 20)),
    ("HTTP_ACCEPT_LANGUAGE", ("zh;q=x", "*", "x" * 600, ",,,,", "zh-\xff")),
    ("HTTP_ACCEPT", ("*/*;q=2", "text", "", "application/json")),
    ("HTTP_HOST", ("", "a b", "evil.example", "testserver:99999", "[::1", "testserver\x00", "例子.测试")),
    ("HTTP_RANGE", ("bytes=5-1", "bytes=-", "bytes=0-" + "9" * 30, "lines=1-2", "bytes=0-0,2-3")),
    ("HTTP_IF_MODIFIED_SINCE", ("yesterday", "Thu, 01 Jan 0000 00:00:00 GMT", "Thu, 31 Dec 9999 23:59:60 GMT")),
    ("HTTP_IF_NONE_MATCH", ('"', "*", 'W/"' + "x" * 3000)),
    ("HTTP_COOKIE", ("sessionid=\x00", "csrftoken=" + "é" * 32, "=;;=;", "sessionid=" + "x" * 9000, 'a="\\377"')),
    ("HTTP_X_CSRFTOKEN", ("", "x", "\xff" * 32, "a" * 64)),
    ("CONTENT_LENGTH", ("-1", "abc", "", "0", "1")),
    ("HTTP_TRANSFER_ENCODING", ("chunked",)),
    ("HTTP_X_HTTP_METHOD_OVERRIDE", ("DELETE",)),
    ("HTTP_AUTHORIZATION", ("Bearer \x00", "Basic !!!", "Bearer " + "x" * 5000, "Digest username=\xff")),
)


def headers(chance: Random) -> dict[str, str]:
    """One or two headers nobody's browser sends."""
    found = {}
    for name, values in chance.sample(HEADERS, chance.randint(1, 2)):
        found[name] = chance.choice(values)
    return found

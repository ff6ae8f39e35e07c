"""The description of the interface: for machines as OpenAPI, for people as a page that needs no script."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import public_page
from bianzhi.exchange import signing
from bianzhi.exchange.api.site import api
from bianzhi.exchange.rules.scopes import SCOPES

TYPES: Final = {
    "string": "文本",
    "integer": "整数",
    "number": "数字",
    "boolean": "是或否",
    "object": "对象",
    "array": "列表",
}
PLACES: Final = {"path": "地址", "query": "查询", "header": "请求头"}
TITLES: Final = {"200": "办理成功，或与先前相同", "201": "已接收", "409": "与先前的内容冲突"}


@dataclass(frozen=True, slots=True)
class Line:
    """One parameter or field."""

    name: str
    place: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    title: str
    words: str
    scope: str
    asks: list[Line] = field(default_factory=list)
    answers: list[Line] = field(default_factory=list)
    statuses: list[tuple[str, str]] = field(default_factory=list)


@public_page
@require_safe
def description(request: HttpRequest) -> HttpResponse:
    """OpenAPI 3.1."""
    return JsonResponse(api.get_openapi_schema(), json_dumps_params={"ensure_ascii": False})


@public_page
@require_safe
def reference(request: HttpRequest) -> HttpResponse:
    """The same as a page."""
    schema = api.get_openapi_schema()
    groups: dict[str, list[Operation]] = {}
    for path, operations in schema["paths"].items():
        for method, told in operations.items():
            groups.setdefault(told["tags"][0], []).append(_operation(schema, path, method, told))
    context = {
        "title": schema["info"]["title"],
        "words": schema["info"]["description"],
        "groups": groups,
        "scopes": SCOPES.items(),
        "problem": _fields(schema, {"$ref": "#/components/schemas/Problem"}, "应答"),
        "key_id": signing.key_id(),
    }
    return render(request, "exchange/reference.html", context)


def _operation(schema: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]) -> Operation:
    body = told.get("requestBody", {}).get("content", {})
    asked = [_parameter(schema, each) for each in told.get("parameters", [])]
    for kind, content in body.items():
        place = "表单" if kind.startswith("multipart") else "内容"
        asked += _fields(schema, content["schema"], place)
    success: Mapping[str, Any] = next(
        (each for code, each in told["responses"].items() if str(code) in ("200", "201")), {}
    )
    answered = success.get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        anchor=told["operationId"],
        method=method.upper(),
        path=path,
        title=told["summary"],
        words=told.get("description", ""),
        scope=str(told.get("x-scope", "")),
        asks=asked,
        answers=_fields(schema, answered, "应答"),
        statuses=[(str(code), TITLES[str(code)]) for code in told["responses"] if str(code) in TITLES],
    )


def _parameter(schema: Mapping[str, Any], told: Mapping[str, Any]) -> Line:
    kind = _kind(schema, told["schema"])
    words = told.get("description") or told["schema"].get("description", "")
    return Line(told["name"], PLACES.get(told["in"], told["in"]), kind, bool(told.get("required")), words)


def _fields(schema: Mapping[str, Any], told: Mapping[str, Any], place: str, above: str = "") -> list[Line]:
    """The fields of an object, those of its variants and of objects in it included."""
    told = _resolved(schema, told)
    variants = [variant for name in ("oneOf", "anyOf", "allOf") for variant in told.get(name, [])]
    lines = [line for variant in variants for line in _fields(schema, variant, place, above)]
    required = told.get("required", [])
    for name, each in told.get("properties", {}).items():
        found, full = _resolved(schema, each), f"{above}{name}"
        words = each.get("description") or found.get("description", "")
        lines.append(Line(full, place, _kind(schema, each), name in required, words))
        inner = _resolved(schema, found.get("items", {})) if found.get("type") == "array" else found
        if "properties" in inner:
            lines += _fields(schema, inner, place, f"{full}[]." if found.get("type") == "array" else f"{full}.")
    return _unlike(lines)


def _unlike(lines: Iterable[Line]) -> list[Line]:
    """Variants share most of their fields; what is alike is said once, fixed words are put together."""
    seen: dict[str, Line] = {}
    for line in lines:
        known = seen.get(line.name)
        if known is None:
            seen[line.name] = line
        elif line.kind != known.kind:
            kind = f"{known.kind} 或 {line.kind}"
            seen[line.name] = Line(line.name, line.place, kind, known.required and line.required, known.words)
    return list(seen.values())


def _kind(schema: Mapping[str, Any], told: Mapping[str, Any]) -> str:
    found = _resolved(schema, told)
    if "const" in found:
        return str(found["const"])
    if "enum" in found:
        return "、".join(str(each) for each in found["enum"])
    if "anyOf" in found:
        return "或".join(_kind(schema, each) for each in found["anyOf"] if each.get("type") != "null") + "，可为空"
    if found.get("format") in ("binary", "date", "date-time"):
        return {"binary": "文件", "date": "日期", "date-time": "时间"}[found["format"]]
    return TYPES.get(str(found.get("type", "")), "对象")


def _resolved(schema: Mapping[str, Any], told: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in told:
        told = schema["components"]["schemas"][str(told["$ref"]).rsplit("/", 1)[1]]
    return told

"""How the interface says no: always in one shape, in Chinese, with a code for machines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Schema
from pydantic import Field

from bianzhi.exchange.rules.dispatching import ACCEPTED, REJECTED
from bianzhi.exchange.rules.messages import KINDS
from bianzhi.kernel.objections import Refused


class Detail(Schema):
    """One field that is wrong."""

    field: str = Field(description="字段位置，如 body.payload.name")
    message: str = Field(description="哪里不对")


class Problem(Schema):
    """Every answer with a status from 400 on."""

    code: str = Field(description="机器代码，不随文字变化")
    message: str = Field(description="事实、数字和规则")
    next_step: str = Field("", description="下一步怎么办")
    figures: dict[str, int | str] = Field(default_factory=dict, description="涉及的数字")
    details: list[Detail] = Field(default_factory=list, description="逐字段的问题")
    reference: str = Field("", description="请求编号，联系编办时请提供")


class Refusal(Exception):
    """The interface refuses a request before any service is asked."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        next_step: str = "",
        *,
        figures: Mapping[str, int | str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.next_step = status, code, message, next_step
        self.figures, self.headers = dict(figures or {}), dict(headers or {})


STATUS_OF: Final = {"K06": 403, "K12": 403, "K13": 409, "K23": 409, "K24": 404}
"""Rule → status, where it is not 422."""

PLAIN: Final[dict[int, tuple[str, str, str]]] = {
    400: ("bad_request", "请求无法读取", "请核对请求格式是否符合接口说明"),
    401: ("unauthorized", "请求没有携带有效的接口密钥", "请在请求头 Authorization 中携带 Bearer 密钥"),
    403: ("forbidden", "没有权限办理这项请求", "请核对密钥的范围"),
    404: ("not_found", "没有这个地址或这条记录", "请核对地址和编号；其他来源的记录不能查看"),
    405: ("method_not_allowed", "这个地址不支持这种请求方法", "请按接口说明使用 GET 或 POST"),
    413: ("too_large", "请求内容超过大小限制", "请分成几部分报送"),
    500: ("server_error", "服务器出错，没有写入任何内容", "请稍后重试；仍出错请把请求编号告诉编办"),
    503: ("unavailable", "服务器暂时不能办理", "请稍后重试"),
}

VARIANTS: Final = frozenset({*KINDS, ACCEPTED, REJECTED})
"""Names of variants of a body in its description."""

_WORDS: Final = {
    "missing": "缺少这一项，或是空的文件",
    "extra_forbidden": "没有这一项，请删除",
    "string_type": "应为文本",
    "string_unicode": "含有无法识别的字符",
    "string_too_long": "超过 {max_length} 个字符",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "格式不符，应符合 {pattern}",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字过大",
    "int_from_float": "应为整数",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "literal_error": "应为 {expected} 之一",
    "enum": "应为 {expected} 之一",
    "union_tag_invalid": "应为 {expected_tags} 之一",
    "union_tag_not_found": "缺少 {discriminator}",
    "model_attributes_type": "应为对象",
    "model_type": "应为对象",
    "dict_type": "应为对象",
    "date_text": "不是真实的日期，应写作 2026-03-02",
}


def answer(
    request: HttpRequest,
    status: int,
    code: str,
    message: str,
    next_step: str = "",
    *,
    figures: Mapping[str, int | str] | None = None,
    details: Sequence[Detail] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The one shape."""
    problem = Problem(
        code=code,
        message=message,
        next_step=next_step,
        figures=dict(figures or {}),
        details=list(details),
        reference=str(getattr(request, "request_id", "")),
    )
    text = {"ensure_ascii": False}
    return JsonResponse(problem.model_dump(), status=status, json_dumps_params=text, headers=dict(headers or {}))


def plain(request: HttpRequest, status: int, *, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The answer to what no part of the interface had words for."""
    code, message, step = PLAIN.get(status, PLAIN[400 if status < 500 else 500])
    return answer(request, status, code, message, step, headers=headers)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A service's refusal: the code of its first rule, the words of all."""
    first = refusal.objections[0]
    message = "；".join(each.message.rstrip("。") for each in refusal.objections)
    steps = "；".join(each.next_step.rstrip("。") for each in refusal.objections if each.next_step)
    status = STATUS_OF.get(first.code, 422)
    return answer(request, status, first.code, message, steps, figures=first.figures)


def invalid(request: HttpRequest, errors: Iterable[Mapping[str, Any]]) -> HttpResponse:
    """What does not fit the schema, field by field."""
    details = [_detail(error) for error in errors]
    words = f"请求有 {len(details)} 处不符合接口说明"
    return answer(request, 422, "invalid", words, "请按 details 逐项改正", details=details)


def _detail(error: Mapping[str, Any]) -> Detail:
    place = ".".join(_place(error["loc"]))
    pattern = _WORDS.get(str(error["type"]), "内容不符合要求")
    context = {name: str(value) for name, value in error.get("ctx", {}).items()}
    return Detail(field=place, message=pattern.format_map(_Known(context)))


def _place(found: Sequence[int | str]) -> list[str]:
    """Where it stands in the request; which variant of the description it was compared with does not matter."""
    parts = [str(part) for part in found]
    if parts[:2] == ["body", "body"]:
        parts = [parts[0], *(part for part in parts[2:3] if part not in VARIANTS), *parts[3:]]
    return parts


class _Known(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "…"


def is_problem(response: HttpResponse) -> bool:
    """Whether an answer has the one shape already."""
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        return False
    try:
        return "code" in json.loads(response.content)
    except ValueError:
        return False

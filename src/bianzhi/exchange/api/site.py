"""The interface put together: its operations, how it says no, and its addresses with the policy of each."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import PathView
from ninja.renderers import JSONRenderer

from bianzhi.common.web.access import Policy, public_page
from bianzhi.exchange.api import problems
from bianzhi.exchange.api.access import policy_by_keys
from bianzhi.exchange.api.archive import router as archive_router
from bianzhi.exchange.api.operations import public_key, router
from bianzhi.kernel.objections import Refused

DESCRIPTION: Final = (
    "部门系统报送名册、告知人事决定，并取回登记结果和差异清单。"
    "每个请求用请求头 Authorization: Bearer 携带密钥；密钥只能处理它所属来源的数据。"
    "出错时一律返回同一种结构：code、message、next_step、figures、details、reference。"
)


class _Plain(JSONRenderer):
    """Chinese as itself: whoever reads an answer by eye can."""

    json_dumps_params = {"ensure_ascii": False}


api = NinjaAPI(
    title="编制通 数据共享接口",
    version="1",
    description=DESCRIPTION,
    openapi_url=None,
    docs_url=None,
    urls_namespace="exchange_api",
    renderer=_Plain(),
)
api.add_router("", router)
api.add_router("", archive_router)

PUBLIC: Final = (public_key,)
"""Operations that ask for no key; every other one must, or its address has no policy."""


@api.exception_handler(problems.Refusal)
def _refusal(request: HttpRequest, error: problems.Refusal) -> HttpResponse:
    return problems.answer(
        request, error.status, error.code, error.message, error.next_step, figures=error.figures, headers=error.headers
    )


@api.exception_handler(Refused)
def _refused(request: HttpRequest, error: Refused) -> HttpResponse:
    return problems.refused(request, error)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    return problems.invalid(request, error.errors)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return problems.plain(request, 401, headers={"WWW-Authenticate": "Bearer"})


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problems.plain(request, error.status_code)


def _with_status(status: int) -> Any:
    def answered(request: HttpRequest, error: Exception) -> HttpResponse:
        return problems.plain(request, status)

    return answered


for _kind, _status in {
    Http404: 404,
    PermissionDenied: 403,
    RequestDataTooBig: 413,
    SuspiciousOperation: 400,
    MultiPartParserError: 400,
}.items():
    api.add_exception_handler(_kind, _with_status(_status))


def operation_addresses() -> list[URLPattern]:
    """The addresses of the operations, each with the policy its checks amount to; none where one was forgotten."""
    found = []
    for bound in api._get_bound_routers():
        views = [view for view in bound.path_operations.values() for _ in view.operations]
        for pattern, view in zip(bound.urls_paths(bound.prefix), views, strict=True):
            policy = _policy(view)
            if policy is not None:
                pattern.callback.policy = policy  # type: ignore[attr-defined]
            found.append(pattern)
    return found


def _policy(view: PathView) -> Policy | None:
    if all(operation.view_func in PUBLIC for operation in view.operations):
        return Policy("public")
    return policy_by_keys([list(operation.auth_callbacks) for operation in view.operations])


@public_page
def root(request: HttpRequest) -> HttpResponse:
    """The foot of all addresses: nothing stands here."""
    return problems.plain(request, 404)

"""Who may open a page. Every view carries a policy; a URL whose view has none fails the architecture tests."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeVar, cast

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Manager, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django_htmx.middleware import HtmxDetails

P = ParamSpec("P")
M = TypeVar("M", bound=Model)


class PageRequest(HttpRequest):
    """The request as page views see it, after the middleware of the web kit.

    `user` is an `accounts.User`; the layer below accounts cannot name it.
    """

    user: Any
    htmx: HtmxDetails
    as_of: date
    as_of_is_past: bool
    today: date
    request_id: str


@dataclass(frozen=True, slots=True)
class Policy:
    """What a view asks of its caller; found on the view as `.policy`.

    "key": the interface for other systems; the check is the operation's own, and `permission` names the key's scope.
    """

    kind: Literal["public", "signed-in", "permission", "key"]
    permission: str = ""
    also: str = ""


class MissingPermission(PermissionDenied):
    """The user is known but does not hold the permission of the page."""

    def __init__(self, permission: str) -> None:
        self.permission = permission
        super().__init__(f"您的账号没有“{describe(permission).label}”权限。")


@dataclass(frozen=True, slots=True)
class PermissionNote:
    """How a permission is called in Chinese and who can grant it."""

    label: str
    granted_by: str = "系统管理员"


_describers: list[Callable[[str], PermissionNote | None]] = []


def describe_permissions_with(describer: Callable[[str], PermissionNote | None]) -> None:
    """Register how permissions are named (the accounts app does this in `AppConfig.ready`)."""
    _describers.append(describer)


def describe(permission: str) -> PermissionNote:
    """The Chinese name of a permission and who grants it; the code itself when no app knows it."""
    for describer in _describers:
        note = describer(permission)
        if note is not None:
            return note
    return PermissionNote(permission)


View = Callable[Concatenate[PageRequest, P], HttpResponseBase]
DjangoView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def page(permission: str, *, also: str = "") -> Callable[[View[P]], DjangoView[P]]:
    """A page for users who hold `permission` (and `also`); others are sent to log in or told which they lack."""
    return _guarded(Policy("permission", permission, also))


def signed_in_page(view: View[P]) -> DjangoView[P]:
    """A page for every user who is logged in, whatever the roles (search, own saved views, own password)."""
    guard: Callable[[View[P]], DjangoView[P]] = _guarded(Policy("signed-in"))
    return guard(view)


def public_page(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """A page for everyone, logged in or not; the view is left as it is and marked."""
    view.policy = Policy("public")  # type: ignore[attr-defined]
    return view


def policy_of(view: Callable[..., Any]) -> Policy | None:
    """The policy a view carries, or None when its author forgot it."""
    return cast("Policy | None", getattr(view, "policy", None))


def _guarded(policy: Policy) -> Callable[[View[P]], DjangoView[P]]:
    def decorate(view: View[P]) -> DjangoView[P]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_login(request)
            user: Any = request.user
            for permission in filter(None, (policy.permission, policy.also)):
                if not user.can(permission):
                    raise MissingPermission(permission)
            return view(cast("PageRequest", request), *args, **kwargs)

        guarded.policy = policy  # type: ignore[attr-defined]
        return cast("DjangoView[P]", guarded)

    return decorate


def to_login(request: HttpRequest) -> HttpResponse:
    """Send the caller to the login page; a fragment request is told to move the whole window there."""
    if request.headers.get("HX-Request") != "true":
        return redirect_to_login(request.get_full_path())
    current = request.headers.get("HX-Current-URL", "")
    target = redirect_to_login(_path_of(current) or "/", resolve_url(settings.LOGIN_URL)).url
    return HttpResponse(status=204, headers={"HX-Redirect": target})


def _path_of(url: str) -> str:
    """The path and query of an absolute address, so that `next` never leaves this site."""
    _, separator, rest = url.partition("://")
    slash = rest.find("/")
    return rest[slash:] if separator and slash >= 0 else ""


class OutOfSight(Http404):
    """What was asked for is there, outside the user's data scope: told as if it were not."""


class ScopedQuerySet(Protocol):
    """A queryset that knows which of its rows a user may see."""

    def visible_to(self, user: Any) -> QuerySet[Any]:
        """The rows within the user's data scope."""


def get_visible_or_404(source: type[M] | Manager[M] | QuerySet[M], user: Any, pk: int | str) -> M:
    """The object, if it exists within the user's data scope; Http404 otherwise, so that scope does not leak."""
    rows: Any = source._default_manager if isinstance(source, type) else source
    try:
        found: M | None = rows.visible_to(user).filter(pk=pk).first()
    except (TypeError, ValueError):
        found = None
    if found is None:
        is_there = OutOfSight if _exists(rows, pk) else Http404
        raise is_there("没有这条记录，或者它不在您的管理范围内。")
    return found


def _exists(rows: Any, pk: int | str) -> bool:
    try:
        return bool(rows.model._base_manager.filter(pk=pk).exists())
    except (TypeError, ValueError):
        return False

"""Whose rows a request may be shown: worked out from its user when the first statement needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, cast

from django.http import FileResponse, HttpRequest, HttpResponseBase, StreamingHttpResponse

from bianzhi.accounts.roles import ADMINISTRATORS, ROLES
from bianzhi.common.db.row_scope import NOTHING, Asked, RowScope, acting
from bianzhi.kernel import clock
from bianzhi.organizations.scopes import visible_organization_ids
from bianzhi.workflow.models import Delegation

Handler = Callable[[HttpRequest], HttpResponseBase]
_END: Final = object()


def scope_of_request(get_response: Handler) -> Handler:
    """Middleware: the database shows what the user of the request may see, and after it nothing."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asked = Asked(lambda: scope_of(request.user))
        with acting(asked):
            response = get_response(request)
        if isinstance(response, StreamingHttpResponse) and not _is_plain_file(response):
            response.streaming_content = _under(asked, cast("Iterator[bytes]", response.streaming_content))
        return response

    return middleware


def _is_plain_file(response: StreamingHttpResponse) -> bool:
    return isinstance(response, FileResponse) and response.file_to_stream is not None


def _under(asked: Asked, parts: Iterator[bytes]) -> Iterator[bytes]:
    """The parts of a streamed answer, each made under the scope of its request: they are made after the middleware."""
    made = iter(parts)
    while True:
        with acting(asked):
            part: Any = next(made, _END)
        if part is _END:
            return
        yield part


def scope_of(user: Any) -> RowScope:
    """What the database shows to a user; nothing to whoever is not logged in.

    The administrators (三员) reach the whole district in what they administer and no unit's rows.
    """
    if not user.is_authenticated:
        return NOTHING
    roles = {grant.role for grant in user.grants if grant.role in ROLES}
    if user.sees_everything() and roles - ADMINISTRATORS:
        return RowScope("all", user.pk)
    today = clock.today()
    units = set() if user.sees_everything() else visible_organization_ids(user, today) or set()
    delegators = [row.delegator for row in Delegation.objects.to(user, today).select_related("delegator")]
    task_units, anywhere = set(units), {role for role in roles if ROLES[role].whole_district}
    for delegator in delegators:
        task_units |= visible_organization_ids(delegator, today) or set()
        lent = {grant.role for grant in delegator.grants if grant.role in ROLES}
        roles |= lent
        anywhere |= {role for role in lent if ROLES[role].whole_district}
    return RowScope(
        "units",
        user.pk,
        units=tuple(sorted(units)),
        users=tuple(sorted({user.pk, *(one.pk for one in delegators)})),
        roles=tuple(sorted(roles - anywhere)),
        anywhere=tuple(sorted(anywhere)),
        task_units=tuple(sorted(task_units)),
    )

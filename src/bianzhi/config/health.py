"""`/healthz`: is this server able to answer from its database? `/readyz`: is the installation fit for its work?

A balancer asks the first before it sends people here; monitoring and whoever has just upgraded ask the second.
"""

from __future__ import annotations

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from bianzhi.common.web.access import public_page
from bianzhi.config import probing, readiness

log = logging.getLogger(__name__)

PLAIN = "text/plain; charset=utf-8"
DETAILS = "system.manage"


@public_page
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers, 503 when it doesn't; says nothing else to whoever asks."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        log.exception("health check: the database does not answer")
        return HttpResponse("database unavailable\n", status=503, content_type=PLAIN)
    return HttpResponse("ok\n", content_type=PLAIN)


@public_page
@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when all is in order, else 503; what is not is told to monitoring and the system administrator alone."""
    found = readiness.findings()
    good = readiness.are_good(found)
    text = "ok\n" if good else "not ready\n"
    if _may_read_details(request):
        text += "".join(f"{'正常' if each.is_good else '异常'}  {each.name}：{each.told}\n" for each in found)
    return HttpResponse(text, status=200 if good else 503, content_type=PLAIN)


def _may_read_details(request: HttpRequest) -> bool:
    if probing.is_monitoring(request):
        return True
    try:
        user = request.user
        return bool(user.is_authenticated and user.can(DETAILS))
    except DatabaseError:
        return False

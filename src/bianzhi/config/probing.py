"""Who may read what is meant for the monitoring of an office: its addresses, or whoever has its token."""

from __future__ import annotations

import hmac
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


def is_monitoring(request: HttpRequest) -> bool:
    """Whether the request carries BIANZHI_METRICS_TOKEN or comes from one of BIANZHI_METRICS_FROM."""
    return _has_token(request) or _from_known_address(request)


def _has_token(request: HttpRequest) -> bool:
    kind, _, given = request.headers.get("Authorization", "").partition(" ")
    expected: str = settings.METRICS_TOKEN
    return bool(expected) and kind == "Bearer" and hmac.compare_digest(given.encode(), expected.encode())


def _from_known_address(request: HttpRequest) -> bool:
    """An address is believed only where it is the visitor's own.

    Behind a proxy that is not declared (BIANZHI_HTTPS), everybody seems to come from the proxy.
    """
    if not settings.HTTPS and any(request.headers.get(name) for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(address in ip_network(each, strict=False) for each in settings.METRICS_FROM)

"""A POST to a system outside: to the address that was looked at and to no other, without redirects or proxies."""

import http.client
import socket
import ssl
import threading
from collections.abc import Collection, Mapping
from contextlib import suppress
from typing import Final

from bianzhi.exchange.rules.webhooks import may_be_reached, parse_url

TIMEOUT: Final = 10.0
"""Seconds for each step of the conversation."""
DEADLINE: Final = 30.0
"""Seconds for the whole of it: a receiver that answers drop by drop does not hold the worker."""
READ: Final = 4096


class UnsafeAddress(Exception):
    """The name leads into the server's own network."""


def post(url: str, body: bytes, headers: Mapping[str, str], *, allowed_hosts: Collection[str]) -> int:
    """Send the body; returns the status of the answer.

    The name is resolved once, every address it has is looked at, and the connection goes to one of these: a name that
    leads elsewhere a moment later changes nothing. Raises UnsafeAddress, OSError, http.client.HTTPException.
    """
    parts = parse_url(url)
    if parts is None or parts.hostname is None:
        raise UnsafeAddress(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _safe_address(parts.hostname, port, is_allowed=parts.hostname in allowed_hosts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = http.client.HTTPConnection(parts.hostname, port, timeout=TIMEOUT)
    connection.sock = _connected(parts.scheme, parts.hostname, address, port)
    watch = threading.Timer(DEADLINE, _cut, [connection.sock])
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", path, body, dict(headers))
        response = connection.getresponse()
        response.read(READ)
        return response.status
    finally:
        watch.cancel()
        connection.close()


def _safe_address(host: str, port: int, *, is_allowed: bool) -> str:
    found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not found or not all(may_be_reached(address, is_allowed=is_allowed) for address in found):
        raise UnsafeAddress(host)
    return found[0]


def _connected(scheme: str, host: str, address: str, port: int) -> socket.socket:
    plain = socket.create_connection((address, port), TIMEOUT)
    if scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _cut(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)

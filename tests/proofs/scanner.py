"""A scanner that speaks clamd's INSTREAM and knows one signature, bare and inside of packages, as clamd does."""

from __future__ import annotations

import io
import socketserver
import threading
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from tests.proofs.judge import EICAR_MARK

HELLO = b"zINSTREAM\0"


class _Scan(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        if self.rfile.read(len(HELLO)) != HELLO:
            return
        content = b""
        while size := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(size)
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if _is_known(content) else b"stream: OK\0")


def _is_known(content: bytes) -> bool:
    if EICAR_MARK in content:
        return True
    if b"PK\x03\x04" not in content or len(content) > 2**20:
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return any(EICAR_MARK in package.open(entry).read(2**20) for entry in package.infolist())
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError):
        return False


@contextmanager
def scanner_of_packages() -> Iterator[str]:
    """The address of a running one."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Scan) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "{}:{}".format(*server.server_address)
        server.shutdown()

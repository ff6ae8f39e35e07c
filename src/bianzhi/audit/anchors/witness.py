"""The witness: a small server for another machine that appends anchors to a file and never takes one back.

Standard library and no database: it runs wherever Python does.
"""

import logging
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from bianzhi.audit.anchors.lines import BadAnchor, read
from bianzhi.audit.anchors.places import FilePlace

log = logging.getLogger(__name__)
LONGEST: Final = 1000


class WitnessServer(ThreadingHTTPServer):
    """Serves one file of anchors."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], file: Path) -> None:
        super().__init__(address, _Handler)
        self.place = FilePlace(file)
        self.lock = threading.Lock()


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    timeout = 10

    def do_POST(self) -> None:
        """Take one anchor; anything else is refused."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        text = self.rfile.read(int(length)).decode(errors="replace").strip()
        try:
            read(text)
        except BadAnchor:
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        if "\n" in text or "\r" in text:
            self._answer(HTTPStatus.BAD_REQUEST)
            return
        try:
            with self.server.lock:
                self.server.place.append(text)
        except OSError:
            log.exception("witness: the file could not be written")
            self._answer(HTTPStatus.INSUFFICIENT_STORAGE)
            return
        self._answer(HTTPStatus.CREATED)

    def do_GET(self) -> None:
        """Give back what is kept: everything, or the last line; 404 where there is no file."""
        place = self.server.place
        try:
            found = place.newest() if self.path.endswith("?tail=1") else "".join(place.lines())
        except FileNotFoundError:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        self._answer(HTTPStatus.OK, found.encode())

    def _answer(self, status: HTTPStatus, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name the base class gives it
        """Requests are not worth a line each."""

"""A real mail server for tests: it speaks SMTP on a port of this machine, keeps what it takes, refuses what it is told.

with Sink() as sink:
    sink.answers["RCPT"] = b"550 no such user"
    ...                              # send to ("127.0.0.1", sink.port)
    sink.letters                     # [Letter(sender, recipients, message)]
"""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self


@dataclass
class Letter:
    """One mail as it came over the wire."""

    sender: str
    recipients: list[str]
    message: EmailMessage
    raw: bytes

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def body(self) -> str:
        return str(self.message.get_content())


@dataclass
class _Session:
    sender: str = ""
    recipients: list[str] = field(default_factory=list)


class _Handler(socketserver.StreamRequestHandler):
    server: Sink

    def handle(self) -> None:
        self.server.connections += 1
        self._say(b"220 sink ESMTP")
        session = _Session()
        while line := self.rfile.readline(2000):
            command, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if not self._obey(command.upper(), rest, session):
                return

    def _obey(self, command: str, rest: str, session: _Session) -> bool:
        """Answer one command; False when the conversation is over."""
        answer = self.server.answers.get(command)
        if answer == b"":  # hang up without a word
            return False
        if answer is not None:
            self._say(answer)
        elif command in ("EHLO", "HELO"):
            self._say(b"250-sink\r\n250-8BITMIME\r\n250 SMTPUTF8")
        elif command == "MAIL":
            session.sender, session.recipients = _address(rest), []
            self._say(b"250 ok")
        elif command == "RCPT":
            session.recipients.append(_address(rest))
            self._say(b"250 ok")
        elif command == "DATA":
            self._say(b"354 go on")
            self._take(session)
        elif command == "QUIT":
            self._say(b"221 bye")
            return False
        else:
            self._say(b"250 ok")
        return True

    def _take(self, session: _Session) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        raw = b"".join(lines)
        message = email.message_from_bytes(raw, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.server.letters.append(Letter(session.sender, session.recipients, message, raw))
        self._say(self.server.answers.get("END OF DATA", b"250 taken"))

    def _say(self, words: bytes) -> None:
        self.wfile.write(words + b"\r\n")


def _address(rest: str) -> str:
    return rest.partition("<")[2].partition(">")[0]


class Sink(socketserver.ThreadingTCPServer):
    """The server. `answers` replaces the answer to a command (MAIL, RCPT, DATA, "END OF DATA"); b"" hangs up."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.letters: list[Letter] = []
        self.answers: dict[str, bytes] = {}
        self.connections = 0
        self.port: int = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.shutdown()
        self.server_close()

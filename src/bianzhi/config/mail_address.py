"""The mail server's address as one variable: smtp://user:password@host:port."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from bianzhi.config.environment import BadSetting

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


@dataclass(frozen=True)
class MailServer:
    """How to reach the server; no host: mail is not set up."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    uses_starttls: bool = False
    uses_tls: bool = False


def mail_server(name: str, text: str) -> MailServer:
    """Read the address in the variable `name`; empty gives a server without a host. Raises BadSetting.

    smtp:// speaks plainly (only inside the own network), smtp+starttls:// and smtps:// encrypt. Special characters in
    user and password are written as %XX.
    """
    if not text.strip():
        return MailServer()
    example = (
        f"环境变量 {name} 无法识别：请写成 smtp://主机:端口、smtp+starttls://账号:密码@主机 或 smtps://账号:密码@主机"
    )
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise BadSetting(example) from error
    if parts.scheme not in PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadSetting(example)
    return MailServer(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        uses_starttls=parts.scheme == "smtp+starttls",
        uses_tls=parts.scheme == "smtps",
    )


def mail_sender(name: str, text: str, server: MailServer) -> str:
    """The sender in the variable `name`: an address, with a name before it or not. Raises BadSetting without one.

    A server needs a sender; without a server none is asked for.
    """
    _, address = parseaddr(text.strip())
    if server.host and "@" not in address:
        raise BadSetting(f"设置了邮件服务器，还须用环境变量 {name} 写明发件地址，如 编制通 <bianzhi@example.gov.cn>")
    return text.strip()

"""The name under which keys of devices are made and used: the host of the site, bound to its address."""

import ipaddress
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

NO_KEYS_HERE: Final = (
    "通行密钥只能在用域名访问的 HTTPS 网站上使用（本机试用可用 http://localhost），不能用 IP 地址或不加密的网址。"
)


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks for a signature: the domain keys are bound to, and the one origin answers may come from."""

    host: str
    origin: str


def relying_party(address: str) -> RelyingParty | None:
    """The relying party of a site's address; None where browsers offer no keys: an IP address, or no encryption."""
    parts = urlsplit(address)
    host = (parts.hostname or "").lower()
    is_local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_number(host) or (parts.scheme != "https" and not is_local):
        return None
    default = {"https": 443, "http": 80}.get(parts.scheme)
    port = f":{parts.port}" if parts.port not in (None, default) else ""
    return RelyingParty(host, f"{parts.scheme}://{host}{port}")


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

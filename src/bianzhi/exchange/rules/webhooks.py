"""Where a department's system may be told at once, and how often it is tried."""

import ipaddress
import re
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import SplitResult, urlsplit

from bianzhi.kernel.objections import Objection

SECRET_NAME: Final = re.compile(r"BIANZHI_WEBHOOK_SECRET_[A-Z0-9_]{1,50}")
"""Only such variables: a name of one's own choosing could sign with, and so give away, any secret of the server."""
LEAST_SECRET: Final = 16
PAUSES: Final = (30, 120, 600, 1800, 7200, 21600, 43200)
"""Seconds after the first, second, … failure; after the last one nothing more is tried."""
MOST_TRIES: Final = len(PAUSES) + 1
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_CARRYING: Final = tuple(ipaddress.IPv6Network(text) for text in ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96"))
"""Networks whose addresses carry one of IPv4 in their last 32 bits."""
_NO_ADDRESS: Final = "推送地址不是完整的网址"


def objections_to_url(url: str, allowed_hosts: Collection[str]) -> list[Objection]:
    """What stands against an address, as it is written: what its name leads to is looked at when it is used."""
    parts = parse_url(url)
    if parts is None:
        return [
            Objection(
                "K31", _NO_ADDRESS, next_step="请填写 https:// 开头的网址，不含账号和 # 部分，路径中的汉字须写成 %XX"
            )
        ]
    host = str(parts.hostname)
    is_allowed = host in allowed_hosts
    if parts.scheme == "http" and not is_allowed:
        message = f"“{host}”使用未加密的 http"
        return [Objection("K32", message, next_step="请改用 https，或由运维人员把主机列入 BIANZHI_WEBHOOK_HOSTS")]
    if (written := _written_address(host)) is not None and not may_be_reached(written, is_allowed=is_allowed):
        return [unreachable(host)]
    return []


def objections_to_secret(name: str, secret: str) -> list[Objection]:
    """What stands against the variable that holds the key of the signature."""
    if not SECRET_NAME.fullmatch(name):
        step = "变量名须以 BIANZHI_WEBHOOK_SECRET_ 开头，后接大写字母、数字或下划线"
        return [Objection("K34", f"“{name}”不能用作签名密钥的环境变量", next_step=step)]
    if len(secret) < LEAST_SECRET:
        message = f"环境变量 {name} 没有设置，或不足 {LEAST_SECRET} 个字符"
        return [Objection("K35", message, next_step="请由运维人员在服务器上设置后重启")]
    return []


def unreachable(host: str) -> Objection:
    """The address is one of the server's own network, or of none."""
    return Objection(
        "K33",
        f"“{host}”指向本机或内部网络的地址",
        next_step="确需推送到内网系统的，由运维人员把主机列入 BIANZHI_WEBHOOK_HOSTS",
    )


def parse_url(url: str) -> SplitResult | None:
    """The parts of an address that can be posted to; None for anything else."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    is_plain = parts.username is None and parts.password is None and not parts.fragment and url.isprintable()
    is_plain = is_plain and f"{parts.path}{parts.query}".isascii()
    is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and has_port and " " not in url
    return parts if is_plain and is_whole else None


def may_be_reached(address: str, *, is_allowed: bool) -> bool:
    """Whether an IP address may be connected to: a public one, or that of a host the operators have listed.

    Link-local addresses (where clouds keep their secrets), multicast and 0.0.0.0 never.
    """
    found = _meant(ipaddress.ip_address(address.partition("%")[0]))
    if found.is_link_local or found.is_multicast or found.is_unspecified:
        return False
    is_inside = isinstance(found, ipaddress.IPv6Address) and found.is_site_local
    return is_allowed or (found.is_global and not is_inside)


def _meant(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 address leads to: mapped, by 6to4, by NAT64, or in the writing of old."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if (found := address.ipv4_mapped or address.sixtofour) is not None:
        return found
    if any(address in network for network in _CARRYING) and int(address) > 1:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def next_try(tries: int, last: datetime) -> datetime | None:
    """When to try again after so many tries; None when it was the last."""
    return last + timedelta(seconds=PAUSES[tries - 1]) if tries <= len(PAUSES) else None


def _written_address(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None

"""The settings of single sign-on, read together: half a configuration stops the start with a sentence."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bianzhi.config.environment import BadSetting, words

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """Where the office's identity provider is, and as whom this installation speaks to it; all blank for none."""

    issuer: str = ""
    client_id: str = ""
    secret: str = ""
    label: str = ""
    strong: tuple[str, ...] = ()


def identity_provider() -> IdentityProvider:
    """BIANZHI_OIDC_ISSUER, _CLIENT_ID, _SECRET_FILE, _LABEL and _STRONG. Raises BadSetting naming the variable."""
    issuer = os.environ.get("BIANZHI_OIDC_ISSUER", "").strip()
    if not issuer:
        return IdentityProvider()
    parts = urlsplit(issuer)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise BadSetting(f"环境变量 BIANZHI_OIDC_ISSUER={issuer!r} 无法使用：统一身份认证的地址须为 https://")
    client_id = os.environ.get("BIANZHI_OIDC_CLIENT_ID", "").strip()
    if not client_id:
        raise BadSetting("设了 BIANZHI_OIDC_ISSUER，还须设 BIANZHI_OIDC_CLIENT_ID（在统一身份认证登记的客户端编号）")
    strong = tuple(words("BIANZHI_OIDC_STRONG", default=[]))
    if bad := [each for each in strong if not each.startswith(("acr:", "amr:"))]:
        raise BadSetting(f"环境变量 BIANZHI_OIDC_STRONG 中的 {bad[0]!r} 无法识别：请写成 acr:值 或 amr:值")
    label = os.environ.get("BIANZHI_OIDC_LABEL", "").strip() or "统一身份认证"
    return IdentityProvider(issuer, client_id, _secret(), label, strong)


def _secret() -> str:
    place = os.environ.get("BIANZHI_OIDC_SECRET_FILE", "").strip()
    if not place:
        raise BadSetting("设了 BIANZHI_OIDC_ISSUER，还须设 BIANZHI_OIDC_SECRET_FILE（存放客户端密钥的文件）")
    try:
        text = Path(place).read_text("utf-8").strip()
    except OSError as error:
        raise BadSetting(f"BIANZHI_OIDC_SECRET_FILE 指向的 {place} 无法读取：{error.strerror}") from error
    if not text:
        raise BadSetting(f"BIANZHI_OIDC_SECRET_FILE 指向的 {place} 是空的：请写入客户端密钥")
    return text

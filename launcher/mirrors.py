"""Package mirrors: what the operator configured for pip also holds for uv and for the launcher's own downloads."""

from __future__ import annotations

import configparser
import os
import ssl
import sys
from pathlib import Path

PYPI = "https://pypi.org/simple"

PYTHON_ADVICE = [
    "检查本机能否上网；如需代理，请设置 HTTPS_PROXY",
    "使用国内镜像：export PIP_INDEX_URL=https://pypi.tuna.tsinghua.edu.cn/simple",
    "单位有内部镜像时，把 PIP_INDEX_URL 指向它；自签证书用 PIP_CERT 指明证书文件",
    "处理后重新运行同一条命令，已完成的步骤不会重做",
]
NPM_ADVICE = [
    "检查本机能否上网；如需代理，请设置 HTTPS_PROXY",
    "使用国内镜像：export NPM_CONFIG_REGISTRY=https://registry.npmmirror.com",
    "内部镜像使用自签证书时：export NODE_EXTRA_CA_CERTS=证书文件",
    "处理后重新运行同一条命令，已完成的步骤不会重做",
]


def pip_setting(name: str) -> str:
    """pip's setting `name` ("index-url") from PIP_INDEX_URL or pip's configuration files; "" when unset."""
    value = os.environ.get("PIP_" + name.upper().replace("-", "_"), "")
    for file in _pip_configuration_files():
        if value:
            break
        parser = configparser.RawConfigParser()
        try:
            parser.read(file, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in ("install", "global"):
            value = value or parser.get(section, name, fallback="")
    return " ".join(value.split())


def _pip_configuration_files() -> list[Path]:
    """pip's files, the most particular first."""
    named = os.environ.get("PIP_CONFIG_FILE", "")
    home = Path.home()
    config_home = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    files = [Path(named)] if named else []
    files += [config_home / "pip" / "pip.conf", home / ".pip" / "pip.conf"]
    if sys.platform == "darwin":
        files.append(home / "Library" / "Application Support" / "pip" / "pip.conf")
    return [*files, Path("/etc/pip.conf"), Path("/etc/xdg/pip/pip.conf")]


def index() -> str:
    """The address of the package index to fetch from."""
    for value in (pip_setting("index-url"), os.environ.get("UV_DEFAULT_INDEX"), os.environ.get("UV_INDEX_URL")):
        if value:
            return value.rstrip("/")
    return PYPI


def variables_for_uv() -> dict[str, str]:
    """pip's settings said in uv's words, where uv has none of its own."""
    translated = {
        "UV_DEFAULT_INDEX": pip_setting("index-url"),
        "UV_INDEX": pip_setting("extra-index-url"),
        "UV_FIND_LINKS": pip_setting("find-links").replace(" ", ","),
        "UV_INSECURE_HOST": pip_setting("trusted-host"),
        "SSL_CERT_FILE": pip_setting("cert"),
    }
    if os.environ.get("UV_INDEX_URL"):
        del translated["UV_DEFAULT_INDEX"]
    return {name: value for name, value in translated.items() if value and not os.environ.get(name)}


def tls() -> ssl.SSLContext:
    """How the launcher's own downloads check the other side: the operator's certificate file, if one is named."""
    named = os.environ.get("SSL_CERT_FILE") or os.environ.get("REQUESTS_CA_BUNDLE") or pip_setting("cert")
    return ssl.create_default_context(cafile=named or None)

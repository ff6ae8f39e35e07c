"""From an address of PostgreSQL to Django's settings of a database."""

from __future__ import annotations

from typing import Any, Final

import dj_database_url

from bianzhi.config.environment import BadSetting

OURS: Final = "bianzhi.common.db.postgresql"
PLAIN: Final = "django.db.backends.postgresql"
OF_AN_ACCOUNT: Final = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


def kept_open(url: str) -> dict[str, Any]:
    """The platform's own database; connections are kept between requests and checked before they are used again."""
    facts: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    return {**facts, "ENGINE": OURS} if facts["ENGINE"] == PLAIN else facts


def account(name: str, url: str) -> dict[str, Any]:
    """How another account reaches the same database; empty without one. Raises BadSetting."""
    if not url.strip():
        return {}
    try:
        facts: dict[str, Any] = dict(dj_database_url.parse(url.strip()))
    except ValueError as error:
        raise BadSetting(f"环境变量 {name} 无法识别（{error}）：写法 postgres://账号:密码@主机/库名") from error
    if facts["ENGINE"] != PLAIN:
        raise BadSetting(f"环境变量 {name} 不是 PostgreSQL 数据库的地址：写法 postgres://账号:密码@主机/库名")
    return {key: facts[key] for key in OF_AN_ACCOUNT if key in facts}

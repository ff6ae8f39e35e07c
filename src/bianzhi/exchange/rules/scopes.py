"""What a key of the interface may be allowed, and for how long."""

from collections.abc import Collection
from datetime import date
from typing import Final

from bianzhi.kernel.objections import Objection

DELIVER: Final = "deliver"
MESSAGES: Final = "messages"
PULL: Final = "pull"
ACKNOWLEDGE: Final = "acknowledge"
ARCHIVE: Final = "archive"

SCOPES: Final[dict[str, str]] = {
    DELIVER: "报送数据",
    MESSAGES: "发送业务消息",
    PULL: "取回回送和差异清单",
    ACKNOWLEDGE: "提交回执",
    ARCHIVE: "报送档案文件",
}
"""Scope → how an official reads it."""

LONGEST_DAYS: Final = 366
"""A key lives for a year at most: one that leaked unnoticed ends by itself."""


def objections_to_token(label: str, scopes: Collection[str], expires_on: date, today: date) -> list[Objection]:
    """What is wrong with a key about to be issued."""
    found = []
    if not label.strip():
        found.append(Objection("K01", "没有填写用途", next_step="请写明哪个系统使用，便于以后停用"))
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown:
        found.append(Objection("K02", f"没有“{unknown[0]}”这种范围", next_step=f"可选：{'、'.join(SCOPES)}"))
    elif not scopes:
        found.append(Objection("K02", "没有选择范围，密钥什么也做不了", next_step="请至少选择一项"))
    days = (expires_on - today).days
    if days < 0:
        found.append(Objection("K03", f"有效期至 {expires_on} 早于今天 {today}", next_step="请改为今天以后的日期"))
    elif days > LONGEST_DAYS:
        message = f"有效期 {days} 天，超过一年（{LONGEST_DAYS} 天）"
        found.append(Objection("K03", message, figures={"days": days}, next_step="请缩短有效期，到期前可以另发新密钥"))
    return found

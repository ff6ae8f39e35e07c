"""Everything a deployment is checked for, in the order it is shown."""

from typing import Final

from bianzhi.doctor.checks import database, machine, people, settings_of, upkeep
from bianzhi.doctor.findings import Check

CHECKS: Final[dict[str, tuple[str, Check]]] = {
    "settings": ("设置与 HTTPS", settings_of.settings_and_https),
    "keys": ("密钥文件", settings_of.key_files),
    "database": ("数据库", database.database),
    "machine": ("磁盘、时间、版本", machine.machine),
    "people": ("管理员与第二因素", people.administrators),
    "worker": ("后台进程", upkeep.worker),
    "anchors": ("审计锚点", upkeep.anchor_places),
    "backup": ("备份与恢复演练", upkeep.backups),
    "installation": ("程序清单与入侵迹象", upkeep.installation_and_watch),
    "services": ("病毒检查、邮件、检索", upkeep.services),
}
"""Name → (title, check)."""

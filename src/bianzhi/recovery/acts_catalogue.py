"""The acts of backup and recovery and how the audit pages call them."""

ACTS: dict[str, str] = {
    "recovery.backed_up": "备份",
    "recovery.backup_asked": "要求备份",
    "recovery.backups_removed": "按保留期清理旧备份",
    "recovery.drill_asked": "要求恢复演练",
    "recovery.drilled": "恢复演练",
}

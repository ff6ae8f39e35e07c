"""`python -m bianzhi <command>`: Django's management commands, as `./bianzhi` runs them."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import ManagementUtility, call_command, get_commands, load_command_class
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from bianzhi.common.db import row_scope
from bianzhi.common.db.structure import OlderStructure
from bianzhi.common.field_keys import KeysUnreadable
from bianzhi.common.in_use import StandsStill
from bianzhi.config.environment import BadSetting
from bianzhi.config.logs import log_what_nobody_caught
from bianzhi.kernel.encryption.ciphers import CipherUnavailable

WRONG_USE = 2
FOUND_WRONG = 1
TOLD = (BadSetting, CipherUnavailable, KeysUnreadable, OlderStructure, StandsStill)
"""What stops a command with a sentence for the operator, not with a traceback."""


def main(arguments: list[str]) -> int:
    """Run one command; 2 for a command that doesn't exist, 1 where the database can't serve it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bianzhi.config.settings")
    name = arguments[1] if len(arguments) > 1 else ""
    if name == "restore":  # it may be asked to go on in a home where it was interrupted
        os.environ.setdefault("BIANZHI_RESTORING", "1")
    if name == "upgrade":  # it puts back what an upgrade that was cut off has left
        os.environ.setdefault("BIANZHI_UPGRADING", "1")
    row_scope.act_as_system()
    try:
        django.setup()
        if os.environ.get("BIANZHI_PROCESS") in ("server", "worker"):
            log_what_nobody_caught()
        return _run(name, arguments)
    except TOLD as problem:
        sys.stderr.write(f"{problem}\n")
        return FOUND_WRONG


def _run(name: str, arguments: list[str]) -> int:
    commands = get_commands()
    if name not in commands:
        sys.stderr.write(f"没有命令 {name!r}。运行 ./bianzhi --help 查看全部命令。\n")
        return WRONG_USE
    if _needs_database(name, commands[name]) and not {"-h", "--help"} & set(arguments):
        refusal = _database_refusal()
        if refusal:
            sys.stderr.write(refusal + "\n")
            return FOUND_WRONG
    ManagementUtility(["./bianzhi", *arguments[1:]]).execute()
    return 0


def _needs_database(name: str, app: str) -> bool:
    """Whether a command is of our own apps and does not say that it works on files alone."""
    return app.startswith("bianzhi.") and getattr(load_command_class(app, name), "needs_database", True)


def _database_refusal() -> str:
    """Set up an empty database on the spot; for one of another version, the sentence that says what to do."""
    try:
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        return f"连不上数据库：{error}\n请检查 DATABASE_URL 或数据目录 BIANZHI_HOME。"
    if not waiting:
        return ""
    if executor.loader.applied_migrations:
        return f"数据库结构需要升级（{len(waiting)} 步未执行）。请先停止平台，再运行 ./bianzhi upgrade（会自动备份）。"
    call_command("migrate", verbosity=0)
    return ""


if __name__ == "__main__":
    sys.exit(main(sys.argv))

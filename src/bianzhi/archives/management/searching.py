"""`./bianzhi archive search "…"`: the full-text search of the platform from the command line."""

import argparse
import json
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.fulltext.backend import EngineDown, IndexBusy, IndexMissing
from bianzhi.search import sources
from bianzhi.search.management.asking import answer, ready
from bianzhi.search.selectors.searching import Wish

HELP: Final = "全文检索 search everything that is kept"
WRONG_USE: Final = 2
NOT_READY: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What is asked for, in whose name."""
    parser.add_argument("text", help="检索内容，写法同网页 what to look for")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")
    parser.add_argument("--as", dest="username", metavar="账号", help="按该用户的权限检索；不写则检索全部")
    parser.add_argument("--kind", action="append", default=[], help="只查这一种，如 archives.item；可重复")
    parser.add_argument("--fuzzy", action="store_true", help="近似查找（扫描件识别有误时）")
    parser.add_argument("--page", type=int, default=1, help="第几页，从 1 起")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Answer once."""
    user = _user(command, options["username"])
    filters = {"kind": _kinds(command, options["kind"])}
    wish = Wish(options["text"], filters, is_fuzzy=options["fuzzy"], page=options["page"])
    try:
        ready(command.stderr.write)
        found = answer(user, wish)
    except (IndexBusy, IndexMissing) as error:
        command.stderr.write("检索索引正由另一个进程写入或尚未建立，请稍后再试。")
        raise SystemExit(NOT_READY) from error
    except EngineDown as error:
        command.stderr.write("检索服务没有应答，请检查检索服务后再试。")
        raise SystemExit(NOT_READY) from error
    if options["json"]:
        command.stdout.write(json.dumps(found, ensure_ascii=False))
        return
    command.stdout.write(f"共找到 {found['total']} 项")
    for hit in found["hits"]:
        where = f"（第 {hit['page']} 页）" if hit["page"] else ""
        command.stdout.write(f"· {hit['title']}{where}　{hit['subtitle']}")
        if hit["snippet"]:
            command.stdout.write(f"  {hit['snippet']}")


def _user(command: BaseCommand, username: str | None) -> Any:
    if not username:
        return System("命令行")
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        command.stderr.write(f"没有账号“{username}”，或者它已停用。")
        raise SystemExit(WRONG_USE)
    return user


def _kinds(command: BaseCommand, kinds: list[str]) -> tuple[str, ...]:
    known = [source.kind for source in sources.sources()]
    if unknown := [kind for kind in kinds if kind not in known]:
        command.stderr.write(f"没有“{unknown[0]}”这一种；可选：{'、'.join(known)}。")
        raise SystemExit(WRONG_USE)
    return tuple(kinds)

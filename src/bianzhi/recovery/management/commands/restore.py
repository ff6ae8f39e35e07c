"""`./bianzhi restore`: a backup into an empty home, proved before and after."""

import argparse
import json
import os
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.kernel.objections import Refused
from bianzhi.recovery.sets.homes import key_names
from bianzhi.recovery.sets.proofs import upgrade_and_prove
from bianzhi.recovery.sets.restoring import SETTINGS, Order, Outcome, restore
from bianzhi.recovery.sets.sealing import office_key
from bianzhi.recovery.showing import age, telling

FOUND_WRONG, WRONG_USE = 1, 2


class Command(BaseCommand):
    help = "把备份恢复到空目录，先核验每个字节，再核对数据和审计链：0 完成且无误，1 拒绝或有误"
    needs_database = False
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, nargs="?", help="一份备份（内有 label.json 的文件夹）one set")
        parser.add_argument("--into", type=Path, metavar="HOME", help="空的数据目录 an empty home")
        parser.add_argument(
            "--database-url",
            default=os.environ.get("BIANZHI_RESTORE_DATABASE_URL", ""),
            help="PostgreSQL 备份：空库的地址（或设 BIANZHI_RESTORE_DATABASE_URL，免得密码出现在命令行）",
        )
        parser.add_argument("--key-id", default="", help="所信任的签名密钥编号 name of the signing key, from paper")
        parser.add_argument(
            "--keys", type=Path, help="保存密钥的目录（内有 keys/、secrets/）folder of the keys kept apart"
        )
        parser.add_argument("--prove", action="store_true", help=argparse.SUPPRESS)
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["prove"]:
            self.stdout.write(json.dumps({"findings": upgrade_and_prove()}, ensure_ascii=False))
            return
        if options["backup"] is None or options["into"] is None:
            self.stderr.write("用法：./bianzhi restore 备份 --into 空目录。详见 --help。")
            raise SystemExit(WRONG_USE)
        try:
            key = office_key()
            home = options["into"].expanduser().resolve()
            order = Order(options["backup"], home, options["database_url"], key, options["key_id"], options["keys"])
            with telling(self.stderr) as progress:
                outcome = restore(order, progress)
        except Refused as refused:
            self.stderr.write(str(refused))
            raise SystemExit(FOUND_WRONG) from refused
        self._tell(outcome, home, as_json=options["json"])
        if outcome.findings:
            raise SystemExit(FOUND_WRONG)

    def _tell(self, outcome: Outcome, home: Path, *, as_json: bool) -> None:
        label, later = outcome.label, outcome.later
        if as_json:
            told = {
                "backup": label.name,
                "seconds": outcome.total_seconds,
                "age_minutes": outcome.age_minutes,
                "audit_seq": label.audit_seq,
                "known_later": later.seq,
                "findings": outcome.findings,
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
            return
        self.stdout.write(f"已恢复到 {home}：备份 {label.name}，审计记录到第 {label.audit_seq} 条。")
        self.stdout.write(f"  丢失时段（RPO）：备份做于 {age(label.moment)}前，其后的办理不在其中。")
        steps = "、".join(f"{name} {seconds:.1f} 秒" for name, seconds in outcome.seconds.items())
        self.stdout.write(f"  恢复用时（RTO）：{outcome.total_seconds:.1f} 秒（{steps}）。")
        if later.seq:
            self.stdout.write(
                f"  注意：这不是最后的状态。{later.told_by} 表明平台曾记到第 {later.seq} 条（{later.at}），"
                f"缺 {later.lost(label)} 条。核实后请运行 ./bianzhi audit accept --reason …"
            )
        self._tell_what_is_left(outcome, home)

    def _tell_what_is_left(self, outcome: Outcome, home: Path) -> None:
        missing = sorted(set(outcome.label.keys_apart) - set(key_names(home)))
        if missing:
            self.stdout.write(
                f"  还须放回密钥：{'、'.join(missing)}（放入 {home}）。没有放回的会重新生成，旧的密文将无法读取。"
            )
        self.stdout.write(
            f"  原来的设置见 {home / SETTINGS}（不含密码和密钥）。检索索引会重新建立，登录会话已全部结束。"
        )
        for finding in outcome.findings:
            self.stdout.write(finding)
        found = f"发现 {len(outcome.findings)} 处问题，数据按备份原样恢复。" if outcome.findings else "全部核对无误。"
        self.stdout.write(found)

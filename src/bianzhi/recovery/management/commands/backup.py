"""`./bianzhi backup`: make a backup, prove one, list them, make a key for them."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from bianzhi.audit.actors import System
from bianzhi.exchange import signing
from bianzhi.kernel.objections import Refused
from bianzhi.recovery.backing_up import Order, Outcome, back_up, prune
from bianzhi.recovery.rules.retention import Policy
from bianzhi.recovery.sets.folders import sets_in
from bianzhi.recovery.sets.label import Label
from bianzhi.recovery.sets.sealing import BackupKey, make_key, office_key
from bianzhi.recovery.sets.verifying import verify
from bianzhi.recovery.showing import age, shown_size, telling

FOUND_WRONG, WRONG_USE = 1, 2
CONSOLE = System("命令行")


class Command(BaseCommand):
    help = "备份到目录（DIR）、核验（verify）、列出（list）、清理（prune）、生成密钥（key）：0 完成，1 有误，2 用法错误"
    needs_database = False
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.usage = (
            "./bianzhi backup DIR [--incremental] [--plain] [--keep 7,4,12]\n"
            "      ./bianzhi backup verify 备份    ./bianzhi backup list DIR    ./bianzhi backup prune DIR\n"
            "      ./bianzhi backup key 文件"
        )
        parser.add_argument(
            "words", nargs="*", metavar="DIR", help="备份目录（默认 BIANZHI_BACKUP_DIR）folder of backups"
        )
        parser.add_argument("--incremental", action="store_true", help="只存此前备份没有的文件 only files not yet held")
        secrecy = parser.add_mutually_exclusive_group()
        secrecy.add_argument(
            "--encrypt", action="store_true", help="没有设置 BIANZHI_BACKUP_KEY_FILE 就不备份 refuse without a key"
        )
        secrecy.add_argument(
            "--plain", action="store_true", help="不加密（设置了密钥时默认加密）in clear although a key is set"
        )
        parser.add_argument(
            "--keep",
            metavar="日,周,月",
            help="完成后按份数清理旧备份；prune 默认用 BIANZHI_BACKUP_KEEP then remove old ones, e.g. 7,4,12",
        )
        parser.add_argument("--key-id", default="", help="所信任的签名密钥编号 name of the signing key, from paper")

    def handle(self, *args: Any, **options: Any) -> None:
        words = options["words"]
        acts = {"verify": self._verify, "list": self._list, "prune": self._prune, "key": self._key}
        act = acts.get(words[0]) if len(words) == 2 else None
        if (not act and len(words) > 1) or (not words and not settings.BACKUP_DIR):
            self.stderr.write("用法：./bianzhi backup DIR，或 ./bianzhi backup verify 备份。详见 --help。")
            raise SystemExit(WRONG_USE)
        try:
            if act:
                act(Path(words[1]), options)
            else:
                self._backup(Path(words[0] if words else settings.BACKUP_DIR), options)
        except Refused as refused:
            self.stderr.write(str(refused))
            raise SystemExit(FOUND_WRONG) from refused
        except DatabaseError as error:
            self.stderr.write(f"已清理旧备份，但没有写进审计记录（{error}）。")
            raise SystemExit(FOUND_WRONG) from error
        except ValueError as error:
            self.stderr.write(str(error))
            raise SystemExit(WRONG_USE) from error

    def _backup(self, folder: Path, options: dict[str, Any]) -> None:
        policy = Policy.read(options["keep"]) if options["keep"] else None
        order = Order(folder, options["incremental"], self._wanted_key(options), policy)
        with telling(self.stderr) as progress:
            outcome = back_up(order, actor=CONSOLE, progress=progress)
        if outcome.problems:
            self.stderr.write("备份做完后核验不通过：" + "；".join(outcome.problems[:3]))
            raise SystemExit(FOUND_WRONG)
        self._tell(outcome)

    def _tell(self, outcome: Outcome) -> None:
        label = outcome.label
        kind = "完整" if label.is_full else f"增量，依据 {len(label.needs)} 份此前的备份"
        self.stdout.write(f"备份完成：{outcome.path}（{kind}，{_secrecy(label)}）")
        self.stdout.write(
            f"  数据库 {shown_size(label.database['size'])}，{len(label.tables)} 张表，审计到第 {label.audit_seq} 条；"
            f"文件 {label.files} 个，本次新存 {label.new_files} 个 {shown_size(label.new_bytes)}。全部摘要核验一致。"
        )
        self.stdout.write(f"  签名密钥编号 {label.signed_with}（请打印存档）。")
        self.stdout.write(f"  密钥不在备份里，须另行保存：{'、'.join(label.keys_apart)}")
        for damaged in label.damaged:
            self.stdout.write(f"  注意：{damaged} 在备份之前就已与其摘要不符")
        if outcome.removed:
            self.stdout.write(f"  按保留份数清理了 {len(outcome.removed)} 份旧备份。")
        if outcome.unrecorded:
            self.stderr.write(f"备份已完成，但没有写进审计记录（{outcome.unrecorded}）。数据库结构升级前属正常。")

    def _wanted_key(self, options: dict[str, Any]) -> BackupKey | None:
        if options["encrypt"] and not settings.BACKUP_KEY_FILE:
            raise ValueError(
                "加密需要密钥文件：请设置 BIANZHI_BACKUP_KEY_FILE（可用 ./bianzhi backup key 文件 生成）。"
            )
        return None if options["plain"] else office_key()

    def _prune(self, folder: Path, options: dict[str, Any]) -> None:
        removed = prune(folder, Policy.read(options["keep"] or settings.BACKUP_KEEP), actor=CONSOLE)
        self.stdout.write("\n".join([*removed, f"清理了 {len(removed)} 份旧备份。"]))

    def _verify(self, path: Path, options: dict[str, Any]) -> None:
        with telling(self.stderr) as progress:
            verified = verify(path, key=office_key(), trusted={options["key_id"]} - {""}, progress=progress)
        for problem in verified.problems:
            self.stdout.write(problem)
        if verified.problems:
            self.stdout.write(f"备份 {verified.label.name} 不完好：{len(verified.problems)} 处。")
            raise SystemExit(FOUND_WRONG)
        self.stdout.write(
            f"备份 {verified.label.name} 完好：签名、数据库和 {verified.label.files} 个文件的摘要全部一致；"
            f"做于 {age(verified.label.moment)}前，审计记录到第 {verified.label.audit_seq} 条。"
        )

    def _list(self, folder: Path, options: dict[str, Any]) -> None:
        try:
            found = sets_in(folder, trusted={options["key_id"]} - {""})
        except OSError as error:
            raise ValueError(f"目录 {folder} 读不到（{error.strerror}）") from error
        for one in found:
            if one.label is None:
                self.stdout.write(f"{one.name}  不可用：{one.problem}")
                continue
            proved = ("完好" if one.state.is_good else "不完好") if one.state.checked_at else "未核验"
            self.stdout.write(
                f"{one.name}  {age(one.label.moment)}前  数据库 {shown_size(one.label.database['size'])}  "
                f"文件 {one.label.files} 个  审计 {one.label.audit_seq}  "
                f"{_secrecy(one.label)}  {proved}"
            )
        self.stdout.write(f"共 {len(found)} 份。")

    def _key(self, path: Path, options: dict[str, Any]) -> None:
        key = make_key(path)
        self.stdout.write(
            f"已生成备份密钥 {path}（编号 {key.name}）。请另存两份、与备份分开保管：丢失后加密的备份无法打开。"
        )
        self.stdout.write(f"本机签名密钥编号：{signing.key_id()}（请一并打印存档）。")


def _secrecy(label: Label) -> str:
    return "加密" if label.encrypted_with else "未加密"

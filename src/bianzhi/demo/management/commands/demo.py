"""`./bianzhi demo`: load the synthetic district, print the accounts to try it with, or write rosters to compare."""

import argparse
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from bianzhi.demo.accounts import ACCOUNTS, PASSWORD
from bianzhi.demo.load import NotEmpty, load_district
from bianzhi.demo.rosters import NobodyOnQuota, write_district_rosters
from bianzhi.kernel.clock import today
from bianzhi.reconciliation.generate import Form, GenerateOptions, TooManyPeople, write_rosters

WRONG_USE = 2


class Command(BaseCommand):
    help = (
        "装入虚构的演示区县（仅限空库），列出演示账号，或生成四部门名册（demo rosters DIR）"
        " load the synthetic district, or write the rosters of four departments"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--size", choices=["full", "small"], default="full", help="规模：full 全量，small 小样")
        parser.add_argument("--accounts", action="store_true", help="只列出演示账号 print the demo accounts only")
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")
        parser.add_argument("what", nargs="?", choices=["rosters"], help="rosters：生成四部门名册和真值")
        parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="名册写入的目录")
        parser.add_argument("--people", type=int, metavar="N", help="虚构 N 人；不填则用库中演示区县的人员")
        parser.add_argument("--seed", type=int, default=1, help="随机种子，相同的种子得到相同的文件")
        parser.add_argument("--noise", type=float, default=1.0, help="差错率的倍数，默认 1")
        parser.add_argument("--month", metavar="YYYY-MM", help="第一个月，默认上个月；第二个月接着生成")
        parser.add_argument(
            "--form",
            choices=[form.value for form in Form],
            default=Form.AUTO.value,
            help="parquet，或 files 各部门常用格式",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "rosters":
            self._write_rosters(options)
            return
        if options["accounts"]:
            self._print_accounts(as_json=options["json"])
            return
        say = self.stderr.write if options["json"] else self.stdout.write
        try:
            counts = load_district(size=options["size"], today=today(), say=say)
        except NotEmpty as error:
            self.stderr.write(
                "数据库中已有机构，演示区县只能装入空库。请另设 BIANZHI_HOME（或 DATABASE_URL）后重试；已有数据未改动。"
            )
            raise SystemExit(WRONG_USE) from error
        if options["json"]:
            self.stdout.write(json.dumps(counts))
            return
        self.stdout.write(
            "已装入虚构区县：机构 {organizations} 个，台账 {ledger_entries} 条，人员 {persons} 人，"
            "占编记录 {occupancies} 条，变动 {movements} 笔。".format(**counts)
        )

    def _write_rosters(self, options: dict[str, Any]) -> None:
        """Two months of four departments; of invented people, or of the register's."""
        say = self.stderr.write if options["json"] else self.stdout.write
        folder = options["folder"]
        if folder is None:
            raise self._refused("请写明目录，例如：./bianzhi demo rosters 名册")
        try:
            made = GenerateOptions(
                people=options["people"] or 0,
                seed=options["seed"],
                noise=options["noise"],
                month=options["month"] or f"{today().replace(day=1) - timedelta(days=1):%Y-%m}",
                form=Form(options["form"]),
            )
            if options["people"]:
                months = write_rosters(folder, made, say)
            else:
                months = write_district_rosters(folder, made, today=today(), say=say)
        except TooManyPeople as error:
            raise self._refused(str(error)) from error
        except NobodyOnQuota as error:
            raise self._refused(
                "库中没有在编人员。请先运行 ./bianzhi demo 装入演示区县，或用 --people N 虚构 N 人。"
            ) from error
        if options["json"]:
            self.stdout.write(json.dumps({"months": [str(month) for month in months]}, ensure_ascii=False))
        else:
            self.stdout.write("已写入：" + "、".join(str(month) for month in months))

    def _refused(self, text: str) -> SystemExit:
        self.stderr.write(text)
        return SystemExit(WRONG_USE)

    def _print_accounts(self, *, as_json: bool) -> None:
        """The accounts that are there; nothing where no district was loaded."""
        there = set(User.objects.filter(username__in=[a.username for a in ACCOUNTS]).values_list("username", flat=True))
        shown = [account for account in ACCOUNTS if account.username in there]
        if as_json:
            rows = [{"username": a.username, "role": ROLES[a.role].label, "unit": a.unit} for a in shown]
            self.stdout.write(
                json.dumps({"password": PASSWORD if rows else None, "accounts": rows}, ensure_ascii=False)
            )
            return
        for account in shown:
            self.stdout.write(f"{account.username:<10}{PASSWORD}   {ROLES[account.role].label}（{account.office}）")

"""`./bianzhi demo`: load the synthetic district, or print the accounts to try it with."""

import argparse
import json
from typing import Any

from django.core.management.base import BaseCommand

from bianzhi.accounts.models import User
from bianzhi.accounts.roles import ROLES
from bianzhi.demo.accounts import ACCOUNTS, PASSWORD
from bianzhi.demo.load import NotEmpty, load_district
from bianzhi.kernel.clock import today

WRONG_USE = 2


class Command(BaseCommand):
    help = "装入虚构的演示区县（仅限空库），或列出演示账号 load the synthetic district into an empty database"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--size", choices=["full", "small"], default="full", help="规模：full 全量，small 小样")
        parser.add_argument("--accounts", action="store_true", help="只列出演示账号 print the demo accounts only")
        parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
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

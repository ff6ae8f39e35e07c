"""`./bianzhi archive`: what can be done with the archive without the server; each act is a module of `management`."""

import argparse
from types import ModuleType
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.archives.management import exporting, importing, ingesting, restoring, searching, verifying

ACTS: Final[dict[str, ModuleType]] = {
    "ingest": ingesting,
    "search": searching,
    "export": exporting,
    "import": importing,
    "verify": verifying,
    "restore": restoring,
}
"""Name of the act → module with HELP, add_arguments(parser) and run(command, options)."""


class Command(BaseCommand):
    help = "档案：" + "；".join(f"{act.HELP.partition(' ')[0]}（{name}）" for name, act in ACTS.items())

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True, metavar="|".join(ACTS))
        for name, act in ACTS.items():
            act.add_arguments(acts.add_parser(name, help=act.HELP))

    def handle(self, *args: Any, **options: Any) -> None:
        ACTS[options["act"]].run(self, options)

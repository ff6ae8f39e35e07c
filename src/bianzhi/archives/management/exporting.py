"""`./bianzhi archive export FILE`: filed items into a BagIt bag with SHA-256 and SM3."""

import argparse
import shutil
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand

from bianzhi.archives.management.telling import OPERATOR, or_exit, tell
from bianzhi.archives.models import Item, ItemState, Package
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.services.packages.exporting import export_items, packed
from bianzhi.kernel.file_digests import PIECE

HELP: Final = "导出移交包 export a package (BagIt, SHA-256 and SM3, EEP XML)"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, and which items."""
    parser.add_argument("file", type=Path, help="写到哪个 zip 文件 the zip file to write")
    parser.add_argument("--title", default="档案移交包", help="移交包名称")
    parser.add_argument("--fonds", help="只要这个全宗号")
    parser.add_argument("--unit", help="只要这个机构编码的单位")
    parser.add_argument("--year", type=int, help="只要这个年度")
    parser.add_argument("--retention", choices=["Y", "D30", "D10"], help="只要这个保管期限")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Write the package; exit code 1 when it is refused."""
    package = or_exit(command, lambda: _exported(options))
    target: Path = options["file"]
    with PACKAGES.open(package.sha256) as stream, target.open("wb") as written:
        shutil.copyfileobj(stream, written, PIECE)
    tell(command, package, options, f"已导出到 {target}")


def _exported(options: dict[str, Any]) -> Package:
    with packed(by=OPERATOR, title=options["title"], item_ids=_ids(options)) as bag:
        return export_items(actor=OPERATOR, bag=bag)


def _ids(options: dict[str, Any]) -> list[int]:
    wanted = {
        "fonds__number": options["fonds"],
        "organization__code": options["unit"],
        "year": options["year"],
        "retention": options["retention"],
    }
    rows = Item.objects.filter(state__in=(ItemState.FILED, ItemState.DISPOSED))
    return list(rows.filter(**{name: value for name, value in wanted.items() if value}).values_list("pk", flat=True))

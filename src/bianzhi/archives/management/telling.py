"""What the commands of packages share: in whose name they act, how they fail, what they say."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from django.core.management.base import BaseCommand

from bianzhi.archives.models import Package
from bianzhi.audit.actors import System
from bianzhi.kernel.objections import Refused

OPERATOR: Final = System("档案命令行")
FAILED: Final = 1
T = TypeVar("T")


def or_exit(command: BaseCommand, act: Callable[[], T]) -> T:
    """What the act gives; refused, or with a file that cannot be read, the command ends with code 1 and the reason."""
    try:
        return act()
    except (Refused, OSError) as refusal:
        command.stderr.write(str(refusal))
        raise SystemExit(FAILED) from refusal


def tell(command: BaseCommand, package: Package, options: Mapping[str, Any], words: str) -> None:
    """Say what became of a package, in words or as one JSON object."""
    if options["json"]:
        answer = {"package": package.pk, "sha256": package.sha256, "size": package.size, **package.facts}
        command.stdout.write(json.dumps(answer, ensure_ascii=False))
    else:
        command.stdout.write(f"{words}：{package.facts['items']} 件，SHA-256 {package.sha256}")

"""`./bianzhi archive ingest DIR`: a folder taken into the archive and worked through here; no server is needed."""

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError

from bianzhi.archives.management.telling import FAILED, OPERATOR, or_exit
from bianzhi.archives.models import Batch, Channel, FileState, Fonds
from bianzhi.archives.rules.splitting import SPLITTINGS
from bianzhi.archives.selectors.arrivals import state_of_batch
from bianzhi.archives.services.fonds import set_up
from bianzhi.archives.services.ingest import open_batch, receive_file, start_batch
from bianzhi.common.dropped_files import copied, readable
from bianzhi.common.jobs.running import run_job
from bianzhi.common.models import Job
from bianzhi.common.working_files import workspace
from bianzhi.kernel.objections import Refused

HELP: Final = "接收文件夹中的档案 take a folder into the archive"
NO_FILE: Final = "不是普通文件（例如链接），没有接收。"
WRONG_USE: Final = 2
PAUSE: Final = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which folder, for which 全宗."""
    parser.add_argument(
        "folder", type=Path, metavar="DIR", help="文件夹，连同其下各级文件夹 the folder with all below it"
    )
    parser.add_argument("--fonds", default="", metavar="NUMBER", help="全宗号；只有一个全宗时不必写 the fonds")
    parser.add_argument("--fonds-name", default="", metavar="NAME", help="全宗不存在时以此名称建立 establish the fonds")
    parser.add_argument("--splitting", default="file", choices=list(SPLITTINGS), help="分件方式 how files become items")
    parser.add_argument("--title", default="", help="批次名称 title of the batch")
    parser.add_argument("--json", action="store_true", help="输出一个 JSON 对象 print one JSON object")


def run(command: BaseCommand, options: dict[str, Any]) -> None:
    """Receive every file, work the batch through, tell what became of each; code 1 when a file was not taken."""
    folder: Path = options["folder"]
    if not folder.is_dir():
        command.stderr.write(f"没有文件夹 {folder}。")
        raise SystemExit(WRONG_USE)
    batch = or_exit(command, lambda: _opened(options, folder))
    not_received = list(_receive(batch, folder))
    if batch.files.exists():
        _work(start_batch(actor=OPERATOR, batch_id=batch.pk))
    told = {**state_of_batch(Batch.objects.get(pk=batch.pk)), "not_received": not_received}
    command.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) if options["json"] else _in_words(told))
    taken = (FileState.DONE, FileState.DUPLICATE)
    if not_received or any(file["state"] not in taken for file in told["files"]):
        raise SystemExit(FAILED)


def _opened(options: dict[str, Any], folder: Path) -> Batch:
    return open_batch(
        actor=OPERATOR,
        title=options["title"] or f"命令行接收 {folder.resolve().name}",
        channel=Channel.COMMAND,
        fonds_id=_fonds(options).pk,
        splitting=options["splitting"],
    )


def _fonds(options: dict[str, Any]) -> Fonds:
    """The 全宗 named, or the only one. Raises CommandError."""
    number, name = options["fonds"], options["fonds_name"]
    if number and name:
        return set_up(actor=OPERATOR, number=number, name=name)
    found = list(Fonds.objects.filter(number=number) if number else Fonds.objects.all()[:2])
    if len(found) != 1:
        known = "、".join(f"{fonds.number} {fonds.name}" for fonds in Fonds.objects.order_by("number")[:10]) or "还没有"
        raise CommandError(f"请用 --fonds 指定全宗号（已有：{known}）；新全宗另加 --fonds-name 名称。")
    return found[0]


def _receive(batch: Batch, folder: Path) -> Iterator[dict[str, str]]:
    """Receive the files; yields those that could not be."""
    with workspace("archive-") as place:
        for path in sorted(each for each in folder.rglob("*") if not each.is_dir()):
            name = "/".join(readable(part) for part in path.relative_to(folder).parts)
            if reason := _refusal(batch, path, name, place / "copy"):
                yield {"name": name, "reason": reason}


def _refusal(batch: Batch, path: Path, name: str, copy: Path) -> str:
    if path.is_symlink():
        return NO_FILE
    if reason := copied(path, copy, NO_FILE):
        return reason
    try:
        receive_file(actor=OPERATOR, batch_id=batch.pk, name=name, content=copy)
    except Refused as refusal:
        return str(refusal)
    return ""


def _work(batch: Batch) -> None:
    """Run the job of the batch here, unless a worker has taken it already: then wait for it."""
    job = batch.job
    if job is None:
        raise AssertionError("a batch is started with its job")
    run_job.call(job.pk)
    while not Job.objects.get(pk=job.pk).is_finished:
        time.sleep(PAUSE)


def _in_words(told: dict[str, Any]) -> str:
    lines = [f"批次 {told['batch']}“{told['title']}”：{told['state_words']}"]
    for file in told["files"]:
        what = f"（{file['reason']}）" if file["reason"] else f"，{len(file['items'])} 件、{file['total']} 页"
        lines.append(f"  {file['name']}：{file['state_words']}{what}")
    lines += [f"  {each['name']}：未接收（{each['reason']}）" for each in told["not_received"]]
    return "\n".join(lines)

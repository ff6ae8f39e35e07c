"""The process that reads one file: request on standard input, one line of JSON on standard output for each event.

Run by `limited` as `python -m bianzhi.reconciliation.reading.child`; it sets its own ceilings before it looks at a
byte of the file, and a crash here takes nothing else with it.
"""

import json
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bianzhi.common.tabular.errors import Fault, UnreadableFile
from bianzhi.reconciliation.contracts.model import Contract
from bianzhi.reconciliation.contracts.parsing import parse_contract
from bianzhi.reconciliation.reading.ceilings import set_ceilings
from bianzhi.reconciliation.reading.checking import Checker
from bianzhi.reconciliation.reading.columns import Found, find_rosters
from bianzhi.reconciliation.reading.limits import ReadingLimits
from bianzhi.reconciliation.reading.opening import open_file
from bianzhi.reconciliation.reading.report import ReadingReport
from bianzhi.reconciliation.reading.rosters import RosterWriter
from bianzhi.reconciliation.reading.tables import Opened

STAGES = 3


def main() -> None:
    """Read the file that standard input names, and end at once: a reader still busy beside is not waited for."""
    request = json.load(sys.stdin)
    limits = ReadingLimits(**request["limits"])
    set_ceilings(limits)
    try:
        _say({"report": _read(request, limits).as_json()})
    except UnreadableFile as refusal:
        _say({"refusal": {"fault": refusal.fault.value, "message": str(refusal)}})
    except MemoryError:
        _say({"refusal": {"fault": Fault.OVER_LIMIT.value, "message": "memory"}})
    os._exit(0)


def _say(event: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(event, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _read(request: Mapping[str, Any], limits: ReadingLimits) -> ReadingReport:
    started = time.monotonic()
    contract = parse_contract(request["contract"])
    out = Path(request["out"])
    _say({"stage": 0, "message": "正在打开文件"})
    opened = open_file(Path(request["path"]), name=request["name"], limits=limits)
    found = find_rosters(opened, contract, name=request["name"])
    read = time.monotonic()
    _say({"stage": 1, "message": "正在读取各行"})
    with RosterWriter(out, contract=contract, department=request["department"], delivery=request["delivery"]) as writer:
        _write(writer, found)
    written = time.monotonic()
    if not writer.rows:
        raise UnreadableFile(Fault.EMPTY, "表头下面没有人员数据。请确认选对了文件后重新报送。")
    _say({"stage": 2, "message": f"正在检查 {writer.rows} 行"})
    report = _checked(opened, found, writer, contract, out, limits)
    seconds = {"open": read - started, "write": written - read, "check": time.monotonic() - written}
    report.seconds.update({name: round(value, 3) for name, value in seconds.items()})
    return report


def _write(writer: RosterWriter, found: Found) -> None:
    shift = 0
    for roster in found.rosters:
        for rows in writer.take(roster, shift=shift):
            _say({"stage": 1, "message": f"已读取 {rows} 行"})
        shift += roster.table.last_row


def _checked(
    opened: Opened, found: Found, writer: RosterWriter, contract: Contract, out: Path, limits: ReadingLimits
) -> ReadingReport:
    checker = Checker(out, memory=limits.memory, scratch=out.parent)
    try:
        problems = checker.problems(contract)
        unit_count, units = checker.units()
    finally:
        checker.close()
    delivered = {field for roster in found.rosters for field in (*roster.columns, *roster.constants)}
    return ReadingReport(
        format=opened.format,
        encoding=opened.encoding,
        rows=writer.rows,
        left_out=writer.left_out,
        left_out_examples=tuple(writer.left_out_examples),
        sheets=found.sheets,
        columns=found.columns,
        not_delivered=tuple(one.title for one in contract.fields if one.name not in delivered),
        problems=problems,
        units=units,
        unit_count=unit_count,
        remarks=(*opened.remarks, *found.remarks),
    )


if __name__ == "__main__":
    main()

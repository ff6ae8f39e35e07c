"""Proving a set without touching anything: signature, list, database and every file, from end to end."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from bianzhi.kernel.file_digests import Digests
from bianzhi.recovery.sets import label as labels
from bianzhi.recovery.sets import states
from bianzhi.recovery.sets.folders import lines_of, require_key
from bianzhi.recovery.sets.label import Label, digests_in
from bianzhi.recovery.sets.listing import Line
from bianzhi.recovery.sets.making import Progress, quiet
from bianzhi.recovery.sets.parts import DATABASE, object_name, prove_part
from bianzhi.recovery.sets.refusing import Damaged
from bianzhi.recovery.sets.sealing import BackupKey


@dataclass(slots=True)
class Verified:
    """A set that was read from end to end; `problems` are empty when it is whole.

    `elsewhere` are those problems that lie in sets it needs, by their names.
    """

    label: Label
    lines: list[Line]
    problems: list[str] = field(default_factory=list)
    elsewhere: dict[str, list[str]] = field(default_factory=dict)


def verify(
    path: Path, *, key: BackupKey | None = None, trusted: Collection[str] = (), progress: Progress = quiet
) -> Verified:
    """Prove a set and note beside it how it was found; and beside the sets it needs what was found wrong in them.

    Raises Refused where it cannot even be begun: no label, another key; a label that was touched raises Damaged.
    """
    path = path.resolve()
    try:
        verified = _verify(path, key, trusted, progress)
    except Damaged as damaged:
        states.write(path, [str(damaged)])
        raise
    states.write(path, verified.problems)
    for name, problems in verified.elsewhere.items():
        states.add(path.with_name(name), problems)
    return verified


def _verify(path: Path, key: BackupKey | None, trusted: Collection[str], progress: Progress) -> Verified:
    label = labels.read(path, trusted=trusted)
    key = require_key(label, key)
    verified = Verified(label, lines_of(path, label, key))
    _prove(verified, path.parent, label.name, DATABASE, digests_in(label.database), key)
    parts = {(line.held_in, line.sha256): line for line in verified.lines}
    for number, line in enumerate(parts.values()):
        progress(number, len(parts), f"正在核验 {number}/{len(parts)}")
        _prove(verified, path.parent, line.held_in, object_name(line.sha256), line.digests, key)
    progress(len(parts), len(parts), "核验完毕")
    return verified


def _prove(verified: Verified, root: Path, set_name: str, part: str, expected: Digests, key: BackupKey | None) -> None:
    try:
        prove_part(root, set_name, part, expected, key)
    except Damaged as damaged:
        verified.problems.append(str(damaged))
        if set_name != verified.label.name:
            verified.elsewhere.setdefault(set_name, []).append(str(damaged))

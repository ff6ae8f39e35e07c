"""Changing the master key of the encrypted columns, and moving what older keys sealed to the new one.

The keys themselves lie in a file outside database and backups (`common.field_keys`). A value moved to another key keeps
its own data key: only the wrapping is written anew, in units of work that each leave the database whole.
"""

from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from django.db import models

from bianzhi.audit.actors import Actor
from bianzhi.audit.models import SealedModel
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common import field_keys, sealed_places
from bianzhi.common.db.encrypted import SealedColumn, SealedText
from bianzhi.common.db.sealed_columns import columns, keys_in_use, stored_texts
from bianzhi.kernel.objections import Objection, Refused

ROTATED: Final = "keys.rotated"
MOVED: Final = "keys.values_moved"
FILES_MOVED: Final = "keys.files_moved"
FILE_OPENED: Final = "keys.file_opened"
RETIRED: Final = "keys.retired"
ACTS: Final = {
    ROTATED: "更换加密主密钥",
    MOVED: "将已加密内容移到新密钥",
    FILES_MOVED: "将已加密文件移到新密钥",
    FILE_OPENED: "在服务器上解密文件",
    RETIRED: "停用旧的加密主密钥",
}
BATCH: Final = 500


@unit_of_work
def rotate(*, actor: Actor) -> str:
    """Make a fresh master key the current one and return its id; what older keys sealed goes on being readable."""
    keys = field_keys.keyring().rotated()
    key_id = keys.current.hex()
    record(ROTATED, actor=actor, subject=Subject("keys.master", key_id, f"主密钥 {key_id}"), facts={"key": key_id})
    field_keys.replace_keys(keys)
    return key_id


def move_all(*, actor: Actor) -> int:
    """Move every value that rests on another key to the current one, batch by batch; returns how many were moved.

    May be stopped anywhere and run again. Raises Forged for a value that does not open: nothing is moved blindly.
    """
    current = field_keys.keyring().current.hex()
    moved = 0
    for model, field in columns():
        waiting = (pk for pk, text in list(stored_texts(model, field)) if field.key_id(text) != current)
        while batch := list(islice(waiting, BATCH)):
            move_values(actor=actor, model=model, field=field, ids=batch)
            moved += len(batch)
    return moved


@unit_of_work
def move_values(*, actor: Actor, model: type[models.Model], field: SealedColumn, ids: Sequence[int]) -> None:
    """Move the values of one column in some rows to the current key. Raises Forged when one does not open."""
    texts = dict(stored_texts(model, field, ids))
    rows: list[Any] = list(model._base_manager.filter(pk__in=ids).select_for_update())
    for row in rows:
        setattr(row, field.attname, SealedText.of(field.rewrapped(texts[row.pk])))
    model._base_manager.bulk_update(rows, [field.attname])
    subject = Subject("keys.column", field.context(), f"{model._meta.verbose_name}·{field.verbose_name}")
    wrote = [row for row in rows if isinstance(row, SealedModel)]
    record(MOVED, actor=actor, subject=subject, facts={"rows": len(rows)}, wrote=wrote)


def move_files(*, actor: Actor, progress: sealed_places.Progress) -> int:
    """Move every kept file to the current key, sealing those that lie plain; returns how many were moved.

    May be stopped anywhere and run again. Raises as `sealed_places.move`.
    """
    moved = 0
    for place in sealed_places.registered():
        count = 0

        def heard(label: str, looked_at: int, done: int) -> None:
            nonlocal count
            count = done
            progress(label, looked_at, done)

        try:
            sealed_places.move(place, heard)
        finally:
            if count:
                note_files_moved(actor=actor, label=place.label, count=count)
        moved += count
    return moved


@unit_of_work
def note_files_moved(*, actor: Actor, label: str, count: int) -> None:
    """Put on record that files of a place rest on the current key now; what was moved before a stop counts as well."""
    record(FILES_MOVED, actor=actor, subject=Subject("keys.files", label, label), facts={"files": count})


@unit_of_work
def note_file_opened(*, actor: Actor, name: str, context: str) -> None:
    """Put on record that a sealed file is being opened on the server."""
    record(FILE_OPENED, actor=actor, subject=Subject("keys.file", context[:60], name[:200]), facts={"context": context})


@unit_of_work
def retire(*, actor: Actor, key_id: str) -> None:
    """Take a master key nothing rests on any more out of the key file.

    Raises Refused for the current key, one that still seals something, and one that is not there.
    """
    keys = field_keys.keyring()
    used, files = keys_in_use()[key_id], sealed_places.in_use().by_key[key_id]
    if key_id == keys.current.hex() or used or files:
        rests = f"还有 {used} 项内容、{files} 个文件由它加密"
        why = "它是当前密钥" if key_id == keys.current.hex() else rests
        step = "请先运行 ./bianzhi keys rotate 和 ./bianzhi keys move"
        raise Refused([Objection("K01", f"不能停用主密钥 {key_id}：{why}", next_step=step)])
    if bytes.fromhex(key_id) not in keys.masters:
        step = "请用 ./bianzhi keys status 查看现有密钥"
        raise Refused([Objection("K02", f"密钥文件中没有主密钥 {key_id}", next_step=step)])
    record(RETIRED, actor=actor, subject=Subject("keys.master", key_id, f"主密钥 {key_id}"), facts={"key": key_id})
    field_keys.replace_keys(keys.without(bytes.fromhex(key_id)))

"""Changing the master key of the encrypted columns, and moving what older keys sealed to the new one.

The keys themselves lie in a file outside database and backups (`common.field_keys`). A value moved to another key keeps
its own data key: only the wrapping is written anew, in units of work that each leave the database whole.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

from django.db import connection, models
from django.utils import timezone

from bianzhi.audit.actors import Actor
from bianzhi.audit.chain import not_as_sealed
from bianzhi.audit.models import AuditEntry, SealedModel
from bianzhi.audit.unit_of_work import ID_LENGTH, Subject, record, unit_of_work
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
KEYS_LOCK: Final = 0x6B657973  # "keys"
SETTLED: Final = timedelta(minutes=10)
"""So long after a rotation a file or a value that was being sealed with the key before it is there to be seen."""


@unit_of_work
def rotate(*, actor: Actor) -> str:
    """Make a fresh master key the current one and return its id; what older keys sealed goes on being readable."""
    _one_at_a_time()
    keys = field_keys.keyring().rotated()
    key_id = keys.current.hex()
    record(ROTATED, actor=actor, subject=Subject("keys.master", key_id, f"主密钥 {key_id}"), facts={"key": key_id})
    field_keys.replace_keys(keys)
    return key_id


def move_all(*, actor: Actor) -> int:
    """Move every value that rests on another key to the current one, batch by batch; returns how many were moved.

    May be stopped anywhere and run again. Raises as `move_values`: nothing is moved blindly.
    """
    moved = 0
    for model, field in columns():
        waiting = list(_resting_elsewhere(field, stored_texts(model, field)))
        for start in range(0, len(waiting), BATCH):
            moved += move_values(actor=actor, model=model, field=field, ids=waiting[start : start + BATCH])
    return moved


@unit_of_work
def move_values(*, actor: Actor, model: type[models.Model], field: SealedColumn, ids: Sequence[int]) -> int:
    """Move the values of one column in some rows to the current key; returns how many were moved.

    What is stored is read only once the rows are locked: somebody may have saved another value, or none, since they
    were found. Raises Forged when a value does not open, Refused when a row is not as its newest seal left it: to seal
    it anew would make tampering look audited.
    """
    rows: dict[int, Any] = {
        row.pk: row for row in model._base_manager.filter(pk__in=ids).order_by("pk").select_for_update()
    }
    texts = _resting_elsewhere(field, stored_texts(model, field, rows))
    if issubclass(model, SealedModel):
        _refuse_tampered(model, texts)
    for pk, text in texts.items():
        setattr(rows[pk], field.attname, SealedText.of(field.rewrapped(text)))
    moved = [rows[pk] for pk in texts]
    if moved:
        model._base_manager.bulk_update(moved, [field.attname])
        subject = Subject("keys.column", field.context(), f"{model._meta.verbose_name}·{field.verbose_name}")
        wrote = [row for row in moved if isinstance(row, SealedModel)]
        record(MOVED, actor=actor, subject=subject, facts={"rows": len(moved)}, wrote=wrote)
    return len(moved)


def _resting_elsewhere(field: SealedColumn, texts: Iterable[tuple[int, str]]) -> dict[int, str]:
    current = field_keys.keyring().current.hex()
    return {pk: text for pk, text in texts if field.key_id(text) != current}


def _refuse_tampered(model: type[SealedModel], ids: Iterable[int]) -> None:
    if changed := not_as_sealed(model, ids):
        where = "、".join(str(pk) for pk in changed[:20]) + ("等" if len(changed) > 20 else "")
        message = f"{model._meta.verbose_name} {where}（{model._meta.db_table}.id）共 {len(changed)} 行与审计封印不符"
        step = "请运行 ./bianzhi check 查明，从备份更正后再移到新密钥"
        raise Refused([Objection("K04", f"{message}，没有移到新密钥", next_step=step)])


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
    subject = Subject("keys.file", context[:ID_LENGTH], name)
    record(FILE_OPENED, actor=actor, subject=subject, facts={"context": context})


@unit_of_work
def retire(*, actor: Actor, key_id: str) -> None:
    """Take a master key nothing rests on any more out of the key file.

    Raises Refused for the current key, one that still seals something or may be about to, and one that is not there.
    """
    _one_at_a_time()
    keys = field_keys.keyring()
    unsettled = _unsettled(keys.current.hex())  # asked before counting: what ends in between is counted
    used, files = keys_in_use()[key_id], sealed_places.in_use().by_key[key_id]
    if key_id == keys.current.hex() or used or files:
        rests = f"还有 {used} 项内容、{files} 个文件由它加密"
        why = "它是当前密钥" if key_id == keys.current.hex() else rests
        step = "请先运行 ./bianzhi keys rotate 和 ./bianzhi keys move"
        raise Refused([Objection("K01", f"不能停用主密钥 {key_id}：{why}", next_step=step)])
    if key_id not in {key.hex() for key in keys.masters}:
        step = "请用 ./bianzhi keys status 查看现有密钥"
        raise Refused([Objection("K02", f"密钥文件中没有主密钥 {key_id}", next_step=step)])
    if unsettled:
        step = "请稍后再运行 ./bianzhi keys move 和 keys retire"
        raise Refused([Objection("K05", f"暂不能停用主密钥 {key_id}：{unsettled}", next_step=step)])
    record(RETIRED, actor=actor, subject=Subject("keys.master", key_id, f"主密钥 {key_id}"), facts={"key": key_id})
    field_keys.replace_keys(keys.without(bytes.fromhex(key_id)))


def _one_at_a_time() -> None:
    """Let nobody else change the key file before this unit of work ends; on SQLite it is the only one that writes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [KEYS_LOCK])


def _unsettled(current: str) -> str:
    """Why something begun before the newest key was made may still be sealing with an older one, unseen; or nothing."""
    rotation = AuditEntry.objects.filter(action=ROTATED, subject_id=current).first()
    if rotation is None:
        return ""
    since = timezone.now() - rotation.recorded_at
    if since < SETTLED:
        return f"更换主密钥还不到 {SETTLED // timedelta(minutes=1)} 分钟，可能还有内容正用旧密钥写入"
    if still_open := _open_for_longer_than(since):
        return f"还有 {still_open} 项更换主密钥之前开始的数据库操作没有结束，可能正用旧密钥写入"
    return ""


def _open_for_longer_than(age: timedelta) -> int:
    """How many transactions of others on this database were begun so long ago."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND backend_type = 'client backend' AND xact_start < clock_timestamp() - make_interval(secs => %s)",
            [age.total_seconds()],
        )
        return int(cursor.fetchone()[0])

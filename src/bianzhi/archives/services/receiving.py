"""Files on their way in: whole, or in pieces that may break off and go on. Nothing is opened here."""

import re
from pathlib import Path
from typing import Final
from uuid import uuid4

from bianzhi.accounts import policies
from bianzhi.archives import quarantine
from bianzhi.archives.models import Batch, BatchState, FileState, IncomingFile
from bianzhi.archives.parameters import FILE_MEGABYTES
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.rules.secrecy import objections_to_secrecy
from bianzhi.kernel.characters import sound
from bianzhi.kernel.objections import Objection, Refused, refuse_if

MANAGE: Final = "archives.manage"
NAME_LENGTH: Final = 300
LARGEST_PIECE: Final = 8 * 2**20
MEGA: Final = 2**20
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class WrongOffset(Exception):
    """A piece does not continue the file; `received` says where it goes on."""

    def __init__(self, received: int) -> None:
        self.received = received
        super().__init__(f"续传位置不符，应从第 {received} 字节继续")


@unit_of_work
def receive_file(
    *, actor: Actor, batch_id: int, name: str, content: bytes | Path, upload_key: str = ""
) -> IncomingFile:
    """Put a whole file into a batch's quarantine; `upload_key` is the mark its sender knows it by.

    Raises Denied without archives.manage, Batch.DoesNotExist, Refused: archives.batch_closed, archives.file_size, R27
    (the name is marked).
    """
    policies.require(actor, MANAGE)
    batch = _open_batch(batch_id)
    size = content.stat().st_size if isinstance(content, Path) else len(content)
    refuse_if(_objections_to(name, size))
    file = IncomingFile.objects.create(
        batch=batch,
        name=clean_name(name),
        size=size,
        received=size,
        upload_key=upload_key,
        state=FileState.RECEIVED,
    )
    quarantine.put(file.pk, content)
    return file


@unit_of_work
def begin_upload(*, actor: Actor, batch_id: int, name: str, size: int, upload_key: str = "") -> IncomingFile:
    """Announce a file that comes in pieces; the same key of the same batch again goes on where it broke off.

    Raises as `receive_file`, and archives.upload_key for a key that is none or belongs to another file.
    """
    policies.require(actor, MANAGE)
    batch = _open_batch(batch_id)
    refuse_if([*_objections_to_key(upload_key), *_objections_to(name, size)])
    announced = {"batch": batch, "name": clean_name(name), "size": size}
    file, _ = IncomingFile.objects.get_or_create(
        upload_key=upload_key or uuid4().hex, defaults={**announced, "state": FileState.RECEIVING}
    )
    if any(getattr(file, name) != value for name, value in announced.items()):
        message = "续传标识已用于另一个文件。"
        raise Refused([Objection("archives.upload_key", message, next_step="请重新选择文件上传")])
    return file


@unit_of_work
def append_chunk(*, actor: Actor, upload_key: str, offset: int, data: bytes) -> IncomingFile:
    """Write the next piece of a file; the last one makes it received.

    A piece that was sent before is taken as sent. Raises Denied, IncomingFile.DoesNotExist, WrongOffset, Refused:
    archives.piece_size, archives.file_size (more bytes than announced).
    """
    policies.require(actor, MANAGE)
    file = IncomingFile.objects.select_for_update().get(upload_key=upload_key)
    refuse_if(_objections_to_piece(file, offset, data))
    if file.state != FileState.RECEIVING or offset + len(data) <= file.received:
        return file
    if offset > file.received:
        raise WrongOffset(file.received)
    try:
        file.received = quarantine.write_at(file.pk, offset, data)
    except FileNotFoundError as error:
        raise WrongOffset(0) from error
    if file.received == file.size:
        file.state = FileState.RECEIVED
    file.save(update_fields=["received", "state"])
    return file


def clean_name(name: str) -> str:
    """A file's name with its folders, without control characters, no longer than is kept; its ending stays."""
    parts = [part for part in sound(name).replace("\\", "/").split("/") if part.strip() and part not in (".", "..")]
    clean = "/".join(" ".join(part.split()) for part in parts) or "未命名"
    if len(clean) <= NAME_LENGTH:
        return clean
    stem, dot, ending = clean.rpartition(".")
    ending = ending[:20]
    return f"{stem[-(NAME_LENGTH - len(ending) - 1) :]}.{ending}" if dot else clean[-NAME_LENGTH:]


def _open_batch(batch_id: int) -> Batch:
    batch = Batch.objects.get(pk=batch_id)
    if batch.state == BatchState.CANCELLED:
        message = f"批次“{batch.title}”已取消，不能再加文件。"
        raise Refused([Objection("archives.batch_closed", message, next_step="请新建一个批次")])
    return batch


def _objections_to_key(key: str) -> list[Objection]:
    if not key or _KEY.fullmatch(key):
        return []
    message = "续传标识应为不超过 64 个字母、数字、连字符或下划线。"
    return [Objection("archives.upload_key", message, next_step="请重新选择文件上传")]


def _objections_to(name: str, size: int) -> list[Objection]:
    found = objections_to_secrecy(文件名=name)
    most = FILE_MEGABYTES.number
    if size > most * MEGA:
        message = f"“{clean_name(name)}”有 {size / MEGA:.1f} MB，超过 {most} MB。"
        found.append(Objection("archives.file_size", message, next_step="请拆分后上传"))
    if size <= 0:
        message = f"“{clean_name(name)}”是空文件。"
        found.append(Objection("archives.file_size", message, next_step="请核对后重新上传"))
    return found


def _objections_to_piece(file: IncomingFile, offset: int, data: bytes) -> list[Objection]:
    if len(data) > LARGEST_PIECE:
        message = f"一次传送 {len(data) / MEGA:.1f} MB，超过 {LARGEST_PIECE // MEGA} MB。"
        return [Objection("archives.piece_size", message, next_step="请减小每段的大小")]
    if offset < 0 or offset + len(data) > file.size:
        message = f"“{file.name}”登记为 {file.size} 字节，传来的内容更长。"
        return [Objection("archives.file_size", message, next_step="请重新选择文件上传")]
    return []

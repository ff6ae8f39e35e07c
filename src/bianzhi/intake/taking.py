"""Taking an uploaded file: checked by its content, kept under its digest, and proved to be there."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from bianzhi.audit.actors import Actor
from bianzhi.common.integrity import Finding
from bianzhi.common.kept_files import KeptFiles, sha256_of, sm3_of
from bianzhi.common.models.kept_file import KeptFileRow
from bianzhi.intake import gate
from bianzhi.kernel.files import KINDS, FileKind, Upload, kind_of, objections_to_file, plain_name
from bianzhi.kernel.objections import Refused

UNKNOWN: Final = "application/octet-stream"


def take(
    upload: Upload, *, actor: Actor, into: KeptFiles, largest_megabytes: int, kinds: Mapping[str, FileKind] = KINDS
) -> dict[str, Any]:
    """Keep a file; returns the columns of its row (`KeptFileRow`).

    Raises Refused as `objections_to_file` and the gate say.
    """
    name = plain_name(upload.name)
    objections = objections_to_file(name, upload.data, largest_megabytes=largest_megabytes, kinds=kinds)
    if objections:
        raise Refused(objections)
    gate.look_at(upload.data, name, actor=actor)
    kind = kind_of(name)
    return {
        "name": name,
        "content_type": kind.content_type if kind else UNKNOWN,
        "size": len(upload.data),
        "sha256": into.keep(upload.data),
        "sm3": sm3_of(upload.data),
    }


def look_ahead(
    upload: Upload, *, actor: Actor, largest_megabytes: int, kinds: Mapping[str, FileKind] = KINDS
) -> Upload:
    """Have the gate look at a file before a transaction is opened for it; what is plainly not taken is left to `take`.

    Returns the upload. Raises Refused as the gate says.
    """
    name = plain_name(upload.name)
    if not objections_to_file(name, upload.data, largest_megabytes=largest_megabytes, kinds=kinds):
        gate.look_at(upload.data, name, actor=actor)
    return upload


def as_kept(rows: Iterable[KeptFileRow], kept_in: KeptFiles, what: str) -> Iterator[Finding]:
    """Rows whose file is gone from the folder, or is not what was registered."""
    for row in rows:
        try:
            data = kept_in.read(row.sha256)
        except FileNotFoundError:
            yield Finding(f"{what} {row.name}（{row.pk}）", "文件不在数据目录中")
            continue
        except (OSError, ValueError) as error:
            yield Finding(f"{what} {row.name}（{row.pk}）", f"文件无法读取：{error}")
            continue
        if (sha256_of(data), sm3_of(data), len(data)) != (row.sha256, row.sm3, row.size):
            yield Finding(f"{what} {row.name}（{row.pk}）", "文件内容与登记的摘要不符")

"""What `./bianzhi check` proves of the interface: what was given back and what was told are as they were."""

import hashlib
from collections.abc import Iterator
from typing import Final

from bianzhi.common.integrity import Finding as Fault
from bianzhi.exchange import files, signing
from bianzhi.exchange.models import Dispatch, Message
from bianzhi.exchange.rules.dispatching import signed_text
from bianzhi.exchange.rules.messages import digest_of_message
from bianzhi.kernel.file_digests import digests_of, pieces_from

CHUNK: Final = 500


def dispatches_as_signed() -> Iterator[Fault]:
    """Every dispatch has the digest and the signature of its content, and its files are kept as they were."""
    rows = Dispatch.objects.select_related("source").order_by("pk")
    for dispatch in rows.iterator(chunk_size=CHUNK):
        where = f"回送 {dispatch.key}（{dispatch.pk}）"
        text = signed_text(dispatch.source.code, dispatch.kind, dispatch.key, dispatch.payload, dispatch.files)
        if hashlib.sha256(text).hexdigest() != dispatch.sha256:
            yield Fault(where, "内容与登记的摘要不符")
        elif not signing.is_signed(text, dispatch.signature):
            yield Fault(where, "签名无效，或签名密钥已更换")
        for name, digest in dispatch.files.items():
            if fault := files_fault(digest):
                yield Fault(f"{where} {name}", fault)


def messages_as_told() -> Iterator[Fault]:
    """Every message has the digest its sender computed."""
    for message in Message.objects.order_by("pk").iterator(chunk_size=CHUNK):
        computed = digest_of_message(message.kind, message.message_id, message.seq, message.payload)
        if computed != message.sha256:
            yield Fault(f"部门消息 {message.message_id}（{message.pk}）", "内容与发送方的摘要不符")


def files_fault(digest: str) -> str:
    """What is wrong with a kept file; "" when nothing is."""
    try:
        with files.open_file(digest) as stream:
            found = digests_of(pieces_from(stream)).sha256
    except FileNotFoundError:
        return "文件不在数据目录中"
    except OSError as error:
        return f"文件无法读取：{error}"
    except ValueError:
        return "登记的摘要不是摘要"
    return "" if found == digest else "文件内容与登记的摘要不符"

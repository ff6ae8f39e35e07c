"""Batches of the tests: files received, the job run in this process, what came of them."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from bianzhi.archives.models import Batch, Candidate, Fonds, IncomingFile, Item, Page
from bianzhi.archives.services.fonds import set_up
from bianzhi.archives.services.ingest import open_batch, receive_file, start_batch
from bianzhi.audit.actors import System
from bianzhi.common import jobs

ARCHIVIST = System("测试档案员")


def fonds() -> Fonds:
    return set_up(actor=ARCHIVIST, number="330699", name="测试区委编办")


def bring(files: Mapping[str, bytes], **facts: Any) -> Batch:
    """A batch with these files, not started."""
    told = {"title": "测试批次", "channel": "upload", **facts}
    batch = open_batch(actor=ARCHIVIST, fonds_id=fonds().pk, **told)
    for name, content in files.items():
        receive_file(actor=ARCHIVIST, batch_id=batch.pk, name=name, content=content)
    return batch


def work(batch: Batch) -> Batch:
    """Start a batch and run its job to the end."""
    start_batch(actor=ARCHIVIST, batch_id=batch.pk)
    jobs.run_waiting()
    return Batch.objects.get(pk=batch.pk)


def taken(files: Mapping[str, bytes], **facts: Any) -> Batch:
    """A batch brought and worked through."""
    return work(bring(files, **facts))


def only_file(batch: Batch) -> IncomingFile:
    return batch.files.get(parent=None)


def outcome(batch: Batch) -> list[dict[str, Any]]:
    """Everything that came of a batch, but for keys and times: equal results are equal here."""
    return [
        {
            "file": [file.name, file.state, file.sha256, file.format, file.total, file.done, file.reason],
            "stages": [[each.stage, each.version, each.facts] for each in file.stages.order_by("pk")],
            "items": [_item(origin.item) for origin in file.items.order_by("item_id")],
        }
        for file in batch.files.order_by("pk")
    ]


def _item(item: Item) -> dict[str, Any]:
    return {
        "title": item.title,
        "state": item.state,
        "source": item.source,
        "organization": item.organization_id,
        "files": list(item.files.values_list("original__sha256", "original__sm3", "first_page", "last_page", "name")),
        "pages": list(
            Page.objects.filter(item=item)
            .order_by("number")
            .values_list("number", "source_page", "text", "text_origin", "width", "height", "dpi")
        ),
        "candidates": list(
            Candidate.objects.filter(item=item)
            .order_by("pk")
            .values_list("field", "value", "confidence", "page", "box", "method")
        ),
    }


def files_left() -> dict[str, list[str]]:
    """What lies in the archive's folders, by folder."""
    home = settings.HOME / "archive"
    return {
        folder: sorted(str(path.relative_to(home / folder)) for path in (home / folder).rglob("*") if path.is_file())
        for folder in ("originals", "quarantine", "withheld")
        if (home / folder).exists()
    }

"""Incoming files as those who watch them see them, and what is known of the same content already."""

from typing import Any

from bianzhi.archives.models import Batch, Category, FileState, IncomingFile, ItemFile, Original, OriginalState
from bianzhi.archives.rules.stages import STAGES, title_of


def passed_stages(file: IncomingFile) -> dict[str, str]:
    """The stages a file has passed, version by name."""
    return dict(file.stages.values_list("stage", "version"))


def known_as(sha256: str) -> str:
    """Where the archive has the same content already, in words; "" when it has not."""
    original = Original.objects.filter(sha256=sha256).exclude(state=OriginalState.DISPOSED).first()
    if original is None:
        return ""
    kept = ItemFile.objects.filter(original=original).select_related("item").order_by("pk").first()
    where = f"《{kept.item.title}》{kept.item.code or '（未编档号）'}" if kept else "原件"
    return f"档案中已有内容完全相同的文件：{where}，没有重复接收。"


def usual_category() -> Category | None:
    """The category of official papers, where the office keeps one."""
    active = Category.objects.filter(is_active=True)
    return active.filter(code="WS").first() or (active.first() if active.count() == 1 else None)


def state_of_file(file: IncomingFile) -> dict[str, Any]:
    """A file on its way in, for JSON."""
    return {
        "id": file.pk,
        "name": file.name,
        "state": file.state,
        "state_words": file.get_state_display(),
        "stage": file.stage,
        "stage_words": title_of(file.stage),
        "received": file.received,
        "size": file.size,
        "done": file.done,
        "total": file.total,
        "reason": file.reason,
        "retryable": file.retryable,
        "sha256": file.sha256,
        "items": list(file.items.order_by("item_id").values_list("item_id", flat=True)),
    }


def state_of_batch(batch: Batch) -> dict[str, Any]:
    """A batch with its files, for JSON."""
    files = [state_of_file(file) for file in batch.files.order_by("pk")]
    counts = {state.value: sum(file["state"] == state.value for file in files) for state in FileState}
    return {
        "batch": batch.pk,
        "title": batch.title,
        "state": batch.state,
        "state_words": batch.get_state_display(),
        "counts": {state: count for state, count in counts.items() if count},
        "stages": [stage.title for stage in STAGES],
        "files": files,
    }

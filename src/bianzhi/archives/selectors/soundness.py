"""What `./bianzhi check` proves of the archive's originals."""

from collections.abc import Iterator

from django.db.models import QuerySet

from bianzhi.archives.models import FileState, IncomingFile, ItemFile, Original, OriginalState
from bianzhi.archives.storage import originals
from bianzhi.common.integrity import Finding


def unsound() -> QuerySet[Original]:
    """Originals the last check did not find as they came."""
    return Original.objects.filter(state__in=(OriginalState.DAMAGED, OriginalState.MISSING)).order_by("pk")


def names_of(original: Original) -> str:
    """The names under which an original belongs to items; its digest when it belongs to none yet."""
    names = ItemFile.objects.filter(original=original).order_by("pk").values_list("name", flat=True)[:3]
    return "、".join(names) or str(original)


def originals_as_kept() -> Iterator[Finding]:
    """Every original is there and has both digests and the size it came with."""
    store = originals()
    for original in Original.objects.exclude(state=OriginalState.DISPOSED).order_by("pk").iterator():
        state = store.verify(original.sha256, original.sm3)
        if state is not OriginalState.INTACT:
            what = "内容与登记的 SHA-256、SM3 不符" if state is OriginalState.DAMAGED else "文件不在原件库中"
            yield Finding(f"档案原件 {names_of(original)}（{original.pk}）", f"{what}；请从备份恢复（archive restore）")


def arrivals_and_originals_agree() -> Iterator[Finding]:
    """A file that was worked through has an original or members, and the original has its digest."""
    done = IncomingFile.objects.filter(state=FileState.DONE).select_related("original").order_by("pk")
    for file in done.iterator():
        if file.original is None and not file.members.exists():
            yield Finding(f"接收文件 {file.name}（{file.pk}）", "处理完毕，却没有原件")
        elif file.original is not None and file.original.sha256 != file.sha256:
            yield Finding(f"接收文件 {file.name}（{file.pk}）", "摘要与原件不同")

"""Which originals make up an item today."""

from collections.abc import Iterable

from bianzhi.archives.models import Item, ItemFile


def newest_files(item: Item) -> list[ItemFile]:
    """The files of an item's newest version, in their order; the older versions are kept and not shown."""
    return _newest(item.files.select_related("original"))


def newest_files_of(items: Iterable[Item]) -> dict[int, list[ItemFile]]:
    """The same for many items with one query, by item id."""
    by_item: dict[int, list[ItemFile]] = {item.pk: [] for item in items}
    for file in ItemFile.objects.select_related("original").filter(item__in=list(by_item)):
        by_item[file.item_id].append(file)
    return {pk: _newest(files) for pk, files in by_item.items()}


def _newest(files: Iterable[ItemFile]) -> list[ItemFile]:
    rows = list(files)
    newest = max((file.version for file in rows), default=0)
    return [file for file in rows if file.version == newest]

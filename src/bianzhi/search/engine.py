"""The engine of this installation, as its settings say."""

from functools import cache
from pathlib import Path

from django.conf import settings

from bianzhi.fulltext.backend import SearchBackend
from bianzhi.fulltext.embedded import TantivyBackend
from bianzhi.search.locking import one_writer


def backend() -> SearchBackend:
    """The one engine every process of this installation reads and writes."""
    if settings.SEARCH_BACKEND == "opensearch":
        return _on_server(settings.OPENSEARCH_URL)
    return _in_folder(Path(settings.SEARCH_ROOT))


@cache
def _in_folder(root: Path) -> SearchBackend:
    return TantivyBackend(root)


@cache
def _on_server(url: str) -> SearchBackend:
    from bianzhi.fulltext.server import OpenSearchBackend  # noqa: PLC0415 - its client is installed only where it is used

    return OpenSearchBackend.at(url, one_writer)

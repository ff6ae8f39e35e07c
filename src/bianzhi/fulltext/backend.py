"""The interface of search engines. One writer at a time, any number of readers in any number of processes."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Protocol

from bianzhi.fulltext.documents import Doc, Request, Results, Suggestion


class IndexMissing(Exception):
    """There is no index to search in, or none this version can read; it must be built."""


class IndexBusy(Exception):
    """Another process is writing; try again a little later."""


class EngineDown(Exception):
    """The engine does not answer, or failed at what it was asked; any operation may raise it. Told to the log."""


class Writer(Protocol):
    """Changes to one index, all seen after `commit`; left without it, some may have been written: write them again."""

    def replace(self, subject: str, docs: Iterable[Doc]) -> int:
        """Put these in the place of everything of a subject; returns how many there are now."""

    def commit(self) -> None:
        """Let readers see what was written."""


class Build(Protocol):
    """A new index beside the one in use."""

    @property
    def place(self) -> str:
        """Where it is built, in words."""

    @property
    def writer(self) -> Writer:
        """Its writer."""

    def switch(self, catch_up: Callable[[Writer], None]) -> None:
        """Write what changed meanwhile, while nobody else writes, and put it in the place of the old one at once."""


class SearchBackend(Protocol):
    """An engine. Only docs that carry one of the request's access tokens are found, counted, suggested or cited.

    Every operation may raise EngineDown.
    """

    @property
    def name(self) -> str:
        """As configured: tantivy, opensearch."""

    def exists(self) -> bool:
        """Whether there is an index to search in."""

    def count(self) -> int:
        """Docs in the index. Raises IndexMissing."""

    def writer(self) -> AbstractContextManager[Writer]:
        """Change the index in use. Raises IndexMissing, IndexBusy."""

    def build(self) -> AbstractContextManager[Build]:
        """Build anew; left without `switch`, what was built is thrown away. Raises IndexBusy."""

    def search(self, request: Request) -> Results:
        """Answer a reader. Raises IndexMissing."""

    def suggest(self, text: str, *, access: frozenset[str], limit: int = 8) -> list[Suggestion]:
        """Titles and numbers that begin like what has been typed. Raises IndexMissing."""

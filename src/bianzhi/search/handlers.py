"""What the full-text search contributes to the pages of the platform: menu, tabs, search, colours, jobs."""

from datetime import date

from bianzhi.common import jobs
from bianzhi.common.web import navigation
from bianzhi.search.jobs import changes, rebuilding


def register() -> None:
    """Put everything in its place; called once at start."""
    jobs.every("search.changes", changes.SECONDS, changes.Keeper().apply)
    jobs.daily("search.notes", forget_notes, title="清理检索索引的更新记录")
    navigation.register(
        navigation.Entry(
            navigation.Group.SYSTEM, "检索索引", "search", "search:index", permission="search.manage", order=60
        )
    )


def forget_notes(today: date) -> dict[str, int]:
    """The daily tidying of notes long applied."""
    return {"forgotten": changes.forget_applied()}


__all__ = ["rebuilding", "register"]

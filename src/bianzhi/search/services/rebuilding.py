"""Asking for the index to be built anew."""

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common import jobs
from bianzhi.common.models import Job
from bianzhi.search import engine
from bianzhi.search.selectors.standing import KIND, TITLE, rebuild_under_way


@unit_of_work
def ask_for_rebuild(*, actor: Actor) -> Job:
    """Have the whole index built beside the one in use; the one under way, when there is one. Raises Denied."""
    policies.require(actor, "search.manage")
    running = rebuild_under_way()
    if running is not None:
        return running
    record("search.rebuild_asked", actor=actor, subject=Subject("search.index", "1", TITLE), facts={})
    return jobs.enqueue(KIND, title=TITLE, params={"backend": engine.backend().name}, actor=actor)

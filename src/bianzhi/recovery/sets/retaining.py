"""Taking away the sets the policy no longer keeps."""

from pathlib import Path

from bianzhi.recovery.rules.retention import Candidate, Policy, kept
from bianzhi.recovery.sets.folders import KeptSet, remove, sets_in, working_in


def retain(folder: Path, policy: Policy) -> list[str]:
    """Remove what is no longer kept; returns the names. A set without a genuine label is left for people to judge."""
    with working_in(folder):
        found = [one for one in sets_in(folder) if one.label is not None]
        keep = kept([_candidate(one) for one in found], policy)
        gone = [one for one in found if one.name not in keep]
        for one in gone:
            remove(one.path)
        return [one.name for one in gone]


def _candidate(one: KeptSet) -> Candidate:
    if one.label is None:
        raise ValueError(f"not a set: {one.name}")
    is_good = bool(one.state.checked_at) and one.state.is_good
    return Candidate(one.name, one.label.moment, frozenset(one.label.needs), is_good)

"""Answering for what a restored backup does not hold: the anchors go on saying so, and the record says why."""

from itertools import chain as joined

from bianzhi.audit.actors import Actor
from bianzhi.audit.anchors import accepted_gaps, places, standing_in_the_way
from bianzhi.audit.anchors.lines import Anchor, BadAnchor, read
from bianzhi.audit.anchors.proving import GAP_ACCEPTED
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused


@unit_of_work
def accept_gap(*, actor: Actor, reason: str) -> tuple[int, int]:
    """Record that the entries the anchors miss were lost with a restored backup; returns their first and last number.

    From then on `verify` tells of the gap as a note. Raises Refused where no anchor misses anything, and without a
    reason.
    """
    if len(reason.strip()) < 4:
        raise Refused(
            [Objection("A01", "没有写明原因（至少 4 个字）。", next_step="请写明恢复了哪一份备份、由谁批准。")]
        )
    missed = list(joined(*standing_in_the_way(_everywhere(), accepted_gaps())))
    if not missed:
        raise Refused([Objection("A02", "各处锚点与审计链一致，没有需要说明的缺失。")])
    first, last = min(anchor.seq for anchor in missed), max(anchor.seq for anchor in missed)
    record(
        GAP_ACCEPTED,
        actor=actor,
        subject=Subject("audit.gap", str(first), f"审计记录 {first}–{last}"),
        facts={"first": first, "last": last, "anchors": len(missed), "reason": reason.strip()},
    )
    return first, last


def _everywhere() -> list[Anchor]:
    """Every anchor of every place that can be read."""
    found: list[Anchor] = []
    for place in places.configured():
        try:
            for text in filter(str.strip, place.lines()):
                found.append(read(text))
        except (OSError, BadAnchor, UnicodeDecodeError):
            continue
    return found

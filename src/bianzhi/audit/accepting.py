"""Answering for what a restored backup does not hold: the anchors go on saying so, and the record says why."""

from collections.abc import Collection
from itertools import chain as joined
from typing import Final

from bianzhi.audit.actors import Actor
from bianzhi.audit.anchors import accepted_gaps, places, standing_in_the_way
from bianzhi.audit.anchors.lines import Anchor, Seal, seal_state
from bianzhi.audit.anchors.proving import GAP_ACCEPTED, readable
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.kernel.objections import Objection, Refused

OWN: Final = frozenset({Seal.OURS})
OWN_AND_FOREIGN: Final = OWN | {Seal.FOREIGN}


@unit_of_work
def accept_gap(*, actor: Actor, reason: str, foreign: bool = False) -> tuple[int, int]:
    """Record that the entries the anchors miss were lost with a restored backup; returns their first and last number.

    From then on `verify` tells of the gap as a note. Only lines this platform sealed are answered for, and with
    `foreign` those of another anchor key: whoever writes to the place could make up others and have a longer gap
    excused. Raises Refused where no such anchor misses anything, and without a reason.
    """
    if len(reason.strip()) < 4:
        raise Refused(
            [Objection("A01", "没有写明原因（至少 4 个字）。", next_step="请写明恢复了哪一份备份、由谁批准。")]
        )
    missed = _missed(OWN_AND_FOREIGN if foreign else OWN)
    if not missed:
        raise Refused([_nothing_missed(foreign=foreign)])
    first, last = min(anchor.seq for anchor in missed), max(anchor.seq for anchor in missed)
    record(
        GAP_ACCEPTED,
        actor=actor,
        subject=Subject("audit.gap", str(first), f"审计记录 {first}–{last}"),
        facts={"first": first, "last": last, "anchors": len(missed), "foreign": foreign, "reason": reason.strip()},
    )
    return first, last


def _nothing_missed(*, foreign: bool) -> Objection:
    others = [] if foreign else _missed(OWN_AND_FOREIGN)
    if not others:
        return Objection("A02", "各处锚点与审计链一致，没有需要说明的缺失。")
    message = f"本平台密钥写下的锚点与审计链一致；另有 {len(others)} 个不符的锚点是用别的锚点密钥写下的。"
    step = "查明确是本单位更换锚点密钥之前写下的，请加 --foreign 重新运行"
    return Objection("A03", message, next_step=step)


def _missed(seals: Collection[Seal]) -> list[Anchor]:
    """The anchors the chain does not hold, among those sealed like that."""
    believed = [anchor for anchor in _everywhere() if seal_state(anchor) in seals]
    return list(joined(*standing_in_the_way(believed, accepted_gaps())))


def _everywhere() -> list[Anchor]:
    """Every anchor of every place that can be read; a line that is none hides no other."""
    found: list[Anchor] = []
    for place in places.configured():
        try:
            found += [item for item in readable(place.lines(), place.name) if isinstance(item, Anchor)]
        except OSError:
            continue
    return found

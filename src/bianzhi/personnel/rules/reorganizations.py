"""Whether people fit where a reorganisation takes them (R02, R05)."""

from collections import Counter
from collections.abc import Iterable, Mapping

from bianzhi.kernel.objections import Objection, Severity
from bianzhi.personnel.rules.capacity import QuotaUse
from bianzhi.personnel.rules.units import Unit, objections_to_quota_type, quota_label


def objections_to_arrivals(
    target: Unit, people: Iterable[tuple[str, bool]], amounts: Mapping[str, int], room: Mapping[str, QuotaUse]
) -> list[Objection]:
    """R02: whoever arrives needs a place that comes along or is free; an excess marked before may stay marked.

    `people` are (quota type, over_quota) of those who move, `amounts` the quota that moves with them, `room` the use
    of the target before.
    """
    arriving = Counter(quota_type for quota_type, is_excess in people if not is_excess)
    found: list[Objection] = []
    for quota_type, number in sorted(arriving.items()):
        found += objections_to_quota_type(target, quota_type)
        places = amounts.get(quota_type, 0) + max(room[quota_type].available, 0)
        if number > places:
            message = (
                f"划入“{target.name}”的{quota_label(quota_type)}人员 {number} 名，"
                f"随转编制与空额合计 {places} 名，不足 {number - places} 名（R02）"
            )
            figures: dict[str, int | str] = {"划入人员": number, "随转编制": amounts.get(quota_type, 0), "合计": places}
            step = "请增加划转的编制，或减少划转的人员"
            found.append(Objection("R02", message, Severity.BLOCK, figures, step))
    return found

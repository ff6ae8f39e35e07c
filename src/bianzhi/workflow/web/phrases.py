"""常用意见: what officials write most, and what this one has written last."""

from typing import Any, Final

from bianzhi.workflow.models import FlowOpinion, OpinionAction

USUAL: Final = (
    "同意。",
    "拟同意，请领导审定。",
    "已核，情况属实。",
    "请按规定办理。",
    "材料不全，请补正后再报。",
    "依据不足，请补充说明。",
)
LOOKED_AT: Final = 30
KEPT: Final = 4
LONGEST: Final = 40
SPOKEN: Final = (OpinionAction.AGREE, OpinionAction.DISAGREE, OpinionAction.SUBMIT)


def phrases(user: Any) -> list[str]:
    """The user's own newest short opinions first, then the usual ones; one query."""
    own = FlowOpinion.objects.filter(actor_id=user.pk, action__in=SPOKEN).exclude(text="").order_by("-pk")
    texts = [text for text in own.values_list("text", flat=True)[:LOOKED_AT] if len(text) <= LONGEST]
    mine = [text for text in dict.fromkeys(texts) if text not in USUAL][:KEPT]
    return [*mine, *USUAL]

"""手写签批: the scan of an opinion written by hand, kept with the opinion; its digest stands in the opinion's chain."""

from collections.abc import Mapping
from typing import Any

from bianzhi.intake.taking import take
from bianzhi.kernel.files import SCANS, Upload
from bianzhi.workflow.files import OPINION_PAPERS
from bianzhi.workflow.models import FlowOpinion, OpinionPaper
from bianzhi.workflow.parameters import LARGEST_PAPER
from bianzhi.workflow.services.act import CaseAct

Taken = Mapping[str, Any]


def taken(paper: Upload | None, act: CaseAct) -> Taken:
    """The scan checked and kept; empty without one. Raises Refused for what is no picture or PDF, or too large."""
    if paper is None:
        return {}
    return take(paper, actor=act.actor, into=OPINION_PAPERS, largest_megabytes=LARGEST_PAPER.number, kinds=SCANS)


def put_on(act: CaseAct, opinion: FlowOpinion, paper: Taken) -> None:
    """Register the scan with the opinion that bears its digest."""
    if paper:
        act.wrote.append(OpinionPaper.objects.create(opinion=opinion, uploaded_by_id=act.actor.pk, **paper))

"""Findings and changes in words that may stand in a form: facts and who says so, without full ID numbers."""

from collections.abc import Mapping
from typing import Any, Final

from bianzhi.exchange.models import Change, Finding
from bianzhi.exchange.rules.signals import signals_of
from bianzhi.reconciliation.findings import KINDS
from bianzhi.reconciliation.sources import DEPARTMENTS

LABELS: Final = dict(DEPARTMENTS)


def finding_label(finding: Finding) -> str:
    """What kind of difference it is."""
    rule = KINDS.get(finding.kind)
    return rule.label if rule else finding.kind


def finding_words(finding: Finding) -> str:
    """A finding as the reason of a case: what it is, what it rests on, in which month it was found."""
    explanation = str(finding.evidence.get("explanation") or "")
    return (
        f"四方核对（{finding.last_period}）发现{finding_label(finding)}：{explanation or finding}".rstrip("。") + "。"
    )


def change_words(change: Change) -> str:
    """A change as the reason of a case: what happened, when, and which departments say so."""
    sources = "、".join(LABELS.get(str(code), str(code)) for code in change.sources)
    when = f"，发生于 {change.happened_on}" if change.happened_on else ""
    document = change.evidence.get("document")
    cited = f"，依据{document}" if isinstance(document, str) and document else ""
    head = f"{change.period} 数据核对识别：{change.person_name}{change.get_kind_display()}{when}"
    return f"{head}（{sources or '来源不明'}）{cited}。{_signals(change.evidence)}"


def _signals(evidence: Mapping[str, Any]) -> str:
    """What each department shows, before and after."""
    told = [
        f"{signal.department}{signal.what}：{signal.before or '无'} → {signal.after or '无'}"
        for signal in signals_of(evidence)
        if signal.before or signal.after
    ]
    return "；".join(told) + ("。" if told else "")

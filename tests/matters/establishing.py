"""Papers and ways that the tests of 机构编制 matters (P07–P10) share."""

from __future__ import annotations

from typing import Any

from bianzhi.matters.models import Case
from tests.cast import TODAY
from tests.matters.people import People

REASONS = {"reason": "理顺职责，减少重复", "basis": "区委关于机构改革的部署"}
CONSULTED = {"consult_no": "绍市编办函〔2026〕3号", "consult_on": "2026-03-02", "consult_result": "agreed"}
MEETING = {"meeting_no": "虞编纪要〔2026〕2号", "meeting_on": "2026-03-02", "meeting_result": "agreed"}
GOVERNMENT = {"government_no": "区委常委会纪要〔2026〕6号", "government_on": "2026-03-02"}
UPPER = {
    "upper_document": {
        "doc_no": "绍市编〔2026〕8号",
        "title": "关于同意上虞区机构调整的批复",
        "issuer": "市委编委",
        "issuer_level": "upper",
        "kind": "reply",
        "issued_on": "2026-03-02",
    }
}


def reply(issuer_level: str = "commission", **other: Any) -> dict[str, Any]:
    """What the clerk writes when drafting the 批复."""
    word = "虞编办" if issuer_level == "office" else "虞编"
    paper = {
        "doc_no": f"{word}〔2026〕5号",
        "title": "关于机构编制事项的批复",
        "issuer": "区委编办" if issuer_level == "office" else "区委编委",
        "issuer_level": issuer_level,
        "kind": "reply",
        "issued_on": "2026-03-02",
        **other,
    }
    return {"decision": paper}


def written_at(step: str, level: str = "") -> dict[str, Any] | None:
    """What whoever decides a step writes into the form."""
    written: dict[str, dict[str, Any]] = {
        "consult": CONSULTED,
        "commission": MEETING,
        "government": GOVERNMENT,
        "upper": UPPER,
    }
    if step == "reply":
        return reply("office" if level == "office" else "commission")
    return written.get(step)


def deciders(matters: People) -> dict[str, Any]:
    """Who has the task of each step of the office."""
    return {
        "consult": matters.office_clerk,
        "accept": matters.office_clerk,
        "review": matters.deputy,
        "commission": matters.secretary,
        "government": matters.secretary,
        "upper": matters.office_clerk,
        "reply": matters.office_clerk,
        "ratify": matters.director,
    }


def carried(matters: People, case: Case, *, until: str = "publish") -> list[str]:
    """Let everybody agree, step by step, until the case is at `until` (or past 核准); the steps it took."""
    who, took = deciders(matters), []
    for _ in range(20):
        steps = sorted(set(matters.at(case)))
        if not steps or steps[0] == until:
            break
        took.append(steps[0])
        if steps == ["joint"]:
            sign(matters, case)
        elif steps[0] in who:
            level = case.instance.facts["level"] if case.instance else ""
            matters.agree(case, who[steps[0]], values=written_at(steps[0], level))
        else:
            break
        if took[-1] == "ratify":
            break
    return took


def sign(matters: People, case: Case) -> None:
    """会签 by every liaison who is asked."""
    for name in ("liaison_organization", "liaison_hr", "liaison_finance"):
        user = getattr(matters, name)
        assert case.instance is not None
        if case.instance.tasks.filter(node_id="joint", status="todo", pool_role=name).exists():
            matters.agree(case, user)


def signed(matters: People, case: Case, *liaisons: str) -> Case:
    """会签 by these liaisons, by name."""
    return matters.pass_on(case, *(getattr(matters, name) for name in liaisons), today=TODAY)


def through_upper_level(matters: People, case: Case) -> Case:
    """编委审议, 党委审定, 上级批准, 拟文: up to the director's desk."""
    matters.agree(case, matters.secretary, values=MEETING)
    matters.agree(case, matters.secretary, values=GOVERNMENT)
    matters.agree(case, matters.office_clerk, values=UPPER)
    return matters.agree(case, matters.office_clerk, values=reply())

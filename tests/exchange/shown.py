"""A hub with something on every page: findings of two units, a pair, names of units, changes, a settled month.

show = show_hub(hub)      # show.finding is about somebody of 财政局, show.of_others about somebody of 审计局
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from bianzhi.exchange.models import Change, Finding, LinkReview, Run, UnitAlias
from bianzhi.personnel.models import Occupancy
from tests.exchange.hub import Hub

PERIOD = "2026-02"


@dataclass
class Shown:
    """What the pages show."""

    hub: Hub
    occupancy: Occupancy
    run: Run

    @property
    def finding(self) -> Finding:
        """Paid, not on the establishment: about 财政局."""
        return Finding.objects.get(kind="ghost_payroll")

    @property
    def of_others(self) -> Finding:
        """A name written otherwise: about 审计局."""
        return Finding.objects.get(kind="name_conflict")

    @property
    def pair(self) -> LinkReview:
        """The surest of the two pairs that wait."""
        found = LinkReview.objects.order_by("-score").first()
        assert found is not None
        return found

    @property
    def alias(self) -> UnitAlias:
        """What 财政局 calls 审计局."""
        return UnitAlias.objects.get(text="区审计")

    @property
    def change(self) -> Change:
        """An exit told by two departments."""
        return Change.objects.get(kind="exit")


def show_hub(hub: Hub) -> Shown:
    """A month's run, taken in."""
    cast = hub.cast
    here, there = cast.member(cast.bureau, facts=cast.facts("王伟")), cast.member(cast.audit_office)
    run = hub.run(
        PERIOD,
        findings=[
            hub.finding(here, kind="ghost_payroll", sources=",finance,hr,", rows=_rows(hub, here)),
            hub.finding(
                there,
                kind="name_conflict",
                lane="review",
                unit="测试区审计局",
                owner="hr",
                severity="yellow",
                sources=",establishment,hr,",
                facts={"name_listed": there.person.name, "name_employed": "钱某"},
                rows=[hub.row(there, unit="测试区审计局"), hub.row(there, "hr", name="钱某", unit="测试区审计局")],
            ),
        ],
        records_asked=[
            _record(hub, here, "f1", "establishment"),
            _record(hub, here, "f2", "finance", name="王玮", row=9),
        ],
        pairs_for_review=[_pair("p1", 0.93), _pair("p2", 0.71)],
        unit_aliases=[_alias("区审计", "测试区审计局", 4), _alias("小学一", "测试区第一小学", 17)],
        events=[
            hub.event(
                "exit",
                here.person.name,
                id_number=here.person.id_number,
                from_unit="测试区财政局",
                evidence={
                    "signals": [
                        _signal("hr", "told", "测试区财政局", "retired"),
                        _signal("finance", "gone", "测试区财政局", ""),
                    ],
                    "rows": [{"source": "hr", "delivery": file_of("hr"), "row": 5}],
                },
            )
        ],
    )
    return Shown(hub, here, run)


def _rows(hub: Hub, occupancy: Occupancy) -> list[dict[str, object]]:
    person = occupancy.person
    return [
        hub.row(occupancy, name="王伟", birth="1990-05-06", sex="男", quota_type="行政编制", funding="财政全额拨款"),
        hub.row(occupancy, "organization", name="王伟", birth="1990.05", row=3),
        hub.row(
            occupancy, "finance", name="王玮", id_number=_one_digit_wrong(person.id_number), funding="全额拨款", row=7
        ),
    ]


def _one_digit_wrong(number: str) -> str:
    return number[:10] + str((int(number[10]) + 1) % 10) + number[11:]


def _record(hub: Hub, occupancy: Occupancy, fingerprint: str, source: str, **cells: object) -> dict[str, object]:
    return {**hub.row(occupancy, source), "name": "王伟", **cells, "fingerprint": fingerprint}


def _pair(key: str, score: float) -> dict[str, object]:
    steps = [
        {"name": "name", "title": "姓名一字之差", "value": "王伟 / 王玮", "weight": 3.2},
        {"name": "birth", "title": "出生日期不同", "value": "", "weight": -1.5},
        {"name": "unit", "title": "单位相同"},
    ]
    return {
        "key": key,
        "rule": "FUZZY_REVIEW",
        "score": score,
        "left_fingerprint": "f1",
        "right_fingerprint": "f2",
        "evidence": {"steps": steps},
    }


def _alias(text: str, unit: str, support: int) -> dict[str, object]:
    return {
        "source": "finance",
        "text": text,
        "unit": unit,
        "unit_code": None,
        "support": support,
        "share": 0.97,
        "is_exact": False,
    }


def _signal(source: str, what: str, before: str, after: str) -> dict[str, object]:
    return {"source": source, "what": what, "before": before, "after": after}


def file_of(department: str) -> str:
    """The digest of a department's file of the month."""
    return hashlib.sha256(f"{department}{PERIOD}1".encode()).hexdigest()

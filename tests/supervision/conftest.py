"""The standing cast, today, and whoever supervises, for the tests of supervision."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.kernel.clock import CHINA
from bianzhi.organizations.models import Organization
from bianzhi.supervision.models import Problem, ProblemSource
from bianzhi.supervision.services.problems import Finding, open_problem
from bianzhi.workflow.models import (
    FlowDefinition,
    FlowInstance,
    FlowTask,
    FlowToken,
    FlowVersion,
    InstanceStatus,
)
from tests.accounts.people import account
from tests.cast import TODAY, Cast, assemble


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages take today from the clock; the tests happen on TODAY."""
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture
def cast(db: None) -> Cast:
    return assemble()


@pytest.fixture
def inspector(cast: Cast) -> User:
    """Somebody of the supervision section of the establishment office."""
    return account("ducha", "office_supervision", display_name="孙督查")


@pytest.fixture
def of_bureau(cast: Cast) -> User:
    """The clerk of 财政局."""
    return account("caizheng", "unit_clerk", organization_id=cast.bureau.pk, display_name="赵财政")


@pytest.fixture
def of_audit_office(cast: Cast) -> User:
    """The clerk of 审计局."""
    return account("shenji", "unit_clerk", organization_id=cast.audit_office.pk, display_name="钱审计")


@pytest.fixture
def find_problem(cast: Cast, inspector: User) -> Callable[..., Problem]:
    """Register a problem of a unit: find_problem(cast.bureau, "Q03")."""

    def find(
        unit: Organization, kind: str = "Q10", facts: str = "实名制数据与档案不一致 3 人", **finding: object
    ) -> Problem:
        return open_problem(
            actor=inspector,
            today=TODAY,
            organization_id=unit.pk,
            finding=Finding(kind, facts, **finding),  # type: ignore[arg-type]
            source=ProblemSource.INSPECTION,
        )

    return find


@pytest.fixture
def ended_case(cast: Cast, inspector: User) -> Callable[..., FlowInstance]:
    """A case of a unit that ended on a day: ended_case(cast.bureau, "用编核准")."""

    def end(unit: Organization, title: str = "用编核准", on: date = TODAY, key: str = "p02") -> FlowInstance:
        version = flow_version(key)
        moment = datetime.combine(on, time(10), tzinfo=CHINA)
        return FlowInstance.objects.create(
            version=version,
            subject_kind="matters.case",
            subject_id=FlowInstance.objects.count() + 1,
            title=title,
            initiator=inspector,
            unit_id=unit.pk,
            status=InstanceStatus.COMPLETED,
            started_at=moment,
            ended_at=moment,
        )

    return end


@pytest.fixture
def late_task(ended_case: Callable[..., FlowInstance]) -> Callable[..., FlowTask]:
    """A task that is still to be done: late_task(cast.bureau, assignee=user)."""

    def keep(unit: Organization, **task: Any) -> FlowTask:
        instance = ended_case(unit, "在办的用编核准")
        FlowInstance.objects.filter(pk=instance.pk).update(status=InstanceStatus.RUNNING, ended_at=None)
        token = FlowToken.objects.create(instance=instance, node_id="review")
        facts = {"node_id": "review", "node_name": "审核", "pass_no": 1, "due_on": TODAY - timedelta(days=5)}
        return FlowTask.objects.create(instance=instance, token=token, **facts, **task)

    return keep


@unit_of_work
def flow_version(key: str) -> FlowVersion:
    """A published version of a flow by its key; what it says does not matter here."""
    found = FlowVersion.objects.filter(definition__key=key).first()
    if found is not None:
        return found
    definition = FlowDefinition.objects.create(key=key, title=f"流程 {key}", subject_kind="matters.case")
    version = FlowVersion.objects.create(definition=definition, number=1, bpmn_xml="", digest="", status="published")
    record("tests.built", actor=System("测试"), subject=definition, facts={}, wrote=[definition, version])
    return version

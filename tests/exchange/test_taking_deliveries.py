"""What the reading of a delivery leaves behind, step by step, and who may open the file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import Job, OutboxMessage
from bianzhi.exchange import files
from bianzhi.exchange.models import Contract, ContractStatus, Delivery, DeliveryState, Source
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.services.deliveries import deliver
from bianzhi.exchange.services.opening import open_delivery
from bianzhi.exchange.services.taking_deliveries import begin_reading, put_back, take_reading, take_refusal
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.reading.limited import read_file
from tests.exchange.rosters import as_csv, bring, source_of
from tests.exchange.rosters import people as people_of
from tests.matters.people import People

pytestmark = pytest.mark.django_db
HUB = System("报送读取")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", "2026-03-02")


@pytest.fixture
def source(people: People) -> Source:
    return source_of(people.director)


@pytest.fixture
def delivery(people: People, source: Source) -> Delivery:
    return deliver(
        actor=people.liaison_finance,
        source_id=source.pk,
        period="2026-02",
        file_name="名册.csv",
        data=as_csv(people_of(8)),
    )


def _contract(source: Source) -> Contract:
    found = in_force(source)
    assert found is not None
    return found


def test_a_delivery_is_taken_up_once_and_put_back_when_nothing_came_of_it(source: Source, delivery: Delivery):
    taken = begin_reading(actor=HUB, delivery_id=delivery.pk, contract=_contract(source))
    assert taken is not None
    assert (taken.state, taken.contract) == (DeliveryState.READING, _contract(source))
    put_back(actor=HUB, delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == DeliveryState.RECEIVED


def test_a_refusal_is_kept_with_its_reason_and_not_read_by_a_late_worker(source: Source, delivery: Delivery):
    take_refusal(actor=HUB, delivery_id=delivery.pk, reason="文件已损坏")
    delivery.refresh_from_db()
    assert (delivery.state, delivery.reason) == (DeliveryState.REJECTED, "文件已损坏")
    assert AuditEntry.objects.filter(action="exchange.delivery_unreadable").count() == 1
    assert OutboxMessage.objects.filter(topic="exchange.delivery_rejected", key=str(delivery.pk)).exists()
    assert begin_reading(actor=HUB, delivery_id=delivery.pk, contract=_contract(source)) is None


def test_a_contract_that_cannot_check_is_named_as_the_cause_and_the_file_waits(people: People, source: Source):
    schema = _contract(source).schema
    schema["fields"][0]["constraints"] = {"pattern": r"a\Z"}
    Contract.objects.filter(source=source).update(status=ContractStatus.RETIRED)
    Contract.objects.create(source=source, version=2, schema=schema, status=ContractStatus.PUBLISHED)
    delivery = bring(people.liaison_finance, source, as_csv(people_of(8)))
    assert (delivery.state, delivery.reason) == (DeliveryState.RECEIVED, "")
    told = Job.objects.get(kind="exchange.read").error
    assert "数据契约不能用于校验" in told
    assert "校验时不支持的写法" in told


def test_reading_and_job_end_together(source: Source, delivery: Delivery, tmp_path: Path):
    begin_reading(actor=HUB, delivery_id=delivery.pk, contract=_contract(source))
    out = tmp_path / "roster.parquet"
    with files.plain(delivery.sha256) as delivered:
        report = read_file(
            delivered,
            contract=_contract(source).schema,
            department="finance",
            delivery=delivery.sha256,
            out=out,
            name="名册.csv",
        )

    def broken(told: Mapping[str, Any]) -> None:
        raise RuntimeError("the worker was killed here")

    with pytest.raises(RuntimeError):
        take_reading(actor=HUB, delivery_id=delivery.pk, report=report, roster=out, finish=broken)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.roster) == (DeliveryState.READING, "")
    told: list[Mapping[str, Any]] = []
    taken = take_reading(actor=HUB, delivery_id=delivery.pk, report=report, roster=out, finish=told.append)
    assert (taken.state, taken.rows) == (DeliveryState.ACCEPTED, 8)
    assert told == [{"delivery": delivery.pk, "state": DeliveryState.ACCEPTED, "rows": 8}]
    assert files.read(taken.roster) == out.read_bytes()


def test_the_file_is_opened_by_its_department_and_by_whoever_may_see_numbers(people: People, source: Source):
    delivery = bring(people.liaison_finance, source, as_csv(people_of(8)))
    for actor in (people.liaison_finance, people.office_clerk, people.supervision):
        assert open_delivery(actor=actor, delivery_id=delivery.pk) == delivery
    assert AuditEntry.objects.filter(action="exchange.delivery_opened").count() == 3
    with pytest.raises(Refused) as refused:
        open_delivery(actor=people.liaison_hr, delivery_id=delivery.pk)
    assert refused.value.codes == ["X60"]
    with pytest.raises(Denied):
        open_delivery(actor=people.secretary, delivery_id=delivery.pk)

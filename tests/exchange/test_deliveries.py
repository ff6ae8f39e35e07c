"""Deliveries: taken in once, read in the background, replaced by newer ones, held by the breaker, decided by people."""

from __future__ import annotations

import json

import pyarrow.parquet as pq
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.common.jobs.running import run_job
from bianzhi.common.models import Job, JobState, OutboxMessage
from bianzhi.exchange import files
from bianzhi.exchange.models import Delivery, DeliveryState, Source
from bianzhi.exchange.services.contracts import draft_contract, publish_contract
from bianzhi.exchange.services.deliveries import (
    decide_delivery,
    deliver,
    open_roster,
    read_again,
    rosters_of,
    stop_reading,
)
from bianzhi.exchange.services.sources import change_source
from bianzhi.kernel.objections import Refused
from tests.exchange.rosters import HEADINGS, as_csv, bring, number, source_of
from tests.exchange.rosters import people as people_of
from tests.matters.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", "2026-03-02")


@pytest.fixture
def source(people: People) -> Source:
    return source_of(people.director)


def test_a_delivery_is_kept_read_and_accepted(people: People, source: Source):
    data = as_csv(_rows(20))
    delivery = bring(people.liaison_finance, source, data, signer="财政局 李四", manifest={"rows": 20})
    assert delivery.state == DeliveryState.ACCEPTED, delivery.reason
    assert (delivery.rows, delivery.signer, delivery.size) == (20, "财政局 李四", len(data))
    assert files.read(delivery.sha256) == data
    assert len(delivery.sm3) == 64
    table = pq.read_table(open_roster(delivery))
    assert table.column("id_number").to_pylist()[0] == number(0)
    assert set(table.column("delivery").to_pylist()) == {delivery.sha256}
    assert rosters_of("2026-02") == {"finance": [delivery]}
    acts = list(AuditEntry.objects.filter(action__startswith="exchange.del").values_list("action", flat=True))
    assert sorted(acts) == ["exchange.delivered", "exchange.delivery_read"]


def test_the_same_file_twice_is_one_delivery_and_says_so(people: People, source: Source):
    first = bring(people.liaison_finance, source, as_csv(_rows(5)))
    again = deliver(
        actor=people.office_clerk, source_id=source.pk, period="2026-02", file_name="另名.csv", data=as_csv(_rows(5))
    )
    assert again.pk == first.pk
    assert again.is_repeated
    assert Delivery.objects.count() == 1


def test_the_same_file_for_another_month_is_another_delivery(people: People, source: Source):
    first = bring(people.liaison_finance, source, as_csv(_rows(5)), "2026-02")
    second = bring(people.liaison_finance, source, as_csv(_rows(5)), "2026-01")
    assert first.pk != second.pk
    assert [each.state for each in (first, second)] == [DeliveryState.ACCEPTED] * 2


def test_a_newer_delivery_of_the_month_replaces_the_older(people: People, source: Source):
    older = bring(people.liaison_finance, source, as_csv(_rows(20)))
    newer = bring(people.liaison_finance, source, as_csv(_rows(21)))
    older.refresh_from_db()
    assert (older.state, newer.state) == (DeliveryState.SUPERSEDED, DeliveryState.ACCEPTED)
    said = AuditEntry.objects.get(action="exchange.delivery_read", subject_id=str(newer.pk)).facts
    assert json.loads(said)["superseded"] == [older.pk], "what no longer counts is named where that was done"
    assert rosters_of("2026-02") == {"finance": [newer]}


def test_parts_count_only_when_every_one_is_there(people: People, source: Source):
    first = bring(people.liaison_finance, source, as_csv(_rows(10)), part=1, parts=2)
    assert rosters_of("2026-02") == {}
    second = bring(people.liaison_finance, source, as_csv(_rows(10, first=10)), part=2, parts=2)
    assert rosters_of("2026-02") == {"finance": [first, second]}


def test_a_file_sent_as_the_whole_by_mistake_is_delivered_again_as_the_part_it_is(people: People, source: Source):
    mistaken = bring(people.liaison_finance, source, as_csv(_rows(10)))
    first = bring(people.liaison_finance, source, as_csv(_rows(10)), part=1, parts=2)
    assert first.pk != mistaken.pk
    second = bring(people.liaison_finance, source, as_csv(_rows(10, first=10)), part=2, parts=2)
    mistaken.refresh_from_db()
    assert mistaken.state == DeliveryState.SUPERSEDED
    assert rosters_of("2026-02") == {"finance": [first, second]}


def test_a_file_rejected_as_the_whole_is_taken_as_a_part(people: People, source: Source):
    held = _held(people, source)
    decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=False, reason="只有前一半")
    part = bring(people.liaison_finance, source, as_csv(_rows(30)), "2026-02", part=1, parts=2)
    assert (part.pk != held.pk, part.state) == (True, DeliveryState.ACCEPTED)


def test_one_file_is_not_two_parts_and_can_change_places_with_another(people: People, source: Source):
    def send(first: int, part: int) -> Delivery:
        return bring(people.liaison_finance, source, as_csv(_rows(10, first=first)), part=part, parts=2)

    send(10, part=1)
    with pytest.raises(Refused, match="已作为第 1 部分（共 2 部分）报送") as refused:
        send(10, part=2)
    assert refused.value.codes == ["X61"]
    right, moved = send(0, part=1), send(10, part=2)
    assert rosters_of("2026-02") == {"finance": [right, moved]}


def test_a_whole_set_of_parts_replaces_the_single_file_before_it(people: People, source: Source):
    single = bring(people.liaison_finance, source, as_csv(_rows(20)))
    first = bring(people.liaison_finance, source, as_csv(_rows(10)), part=1, parts=2)
    assert rosters_of("2026-02") == {"finance": [single]}
    second = bring(people.liaison_finance, source, as_csv(_rows(10, first=10)), part=2, parts=2)
    assert rosters_of("2026-02") == {"finance": [first, second]}


def test_a_truncated_file_waits_for_a_person_and_names_unit_and_figures(people: People, source: Source):
    bring(people.liaison_finance, source, as_csv(_rows(40)), "2026-01")
    cut = bring(people.liaison_finance, source, as_csv(_rows(30)), "2026-02")
    assert cut.state == DeliveryState.HELD
    assert "测试区财政局 上次 40 人、本次 30 人（少 10 人，25%）" in cut.reason
    assert "全部人员上次 40 人、本次 30 人" in cut.reason
    assert ["测试区财政局", 40, 30] in cut.report["losses"]
    assert rosters_of("2026-02") == {}


def test_a_fifth_less_is_not_more_than_a_fifth(people: People, source: Source):
    bring(people.liaison_finance, source, as_csv(_rows(40)), "2026-01")
    assert bring(people.liaison_finance, source, as_csv(_rows(32)), "2026-02").state == DeliveryState.ACCEPTED


def test_few_people_leaving_a_small_unit_do_not_trip_the_breaker(people: People, source: Source):
    bring(people.liaison_finance, source, as_csv(_rows(6)), "2026-01")
    assert bring(people.liaison_finance, source, as_csv(_rows(2)), "2026-02").state == DeliveryState.ACCEPTED


def test_a_month_delivered_late_is_not_held_against_a_later_one(people: People, source: Source):
    bring(people.liaison_finance, source, as_csv(_rows(40)), "2026-02")
    assert bring(people.liaison_finance, source, as_csv(_rows(10)), "2026-01").state == DeliveryState.ACCEPTED


def test_an_official_accepts_a_held_delivery_with_a_reason(people: People, source: Source):
    held = _held(people, source)
    with pytest.raises(Refused) as refused:
        decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=True, reason=" ")
    assert refused.value.codes == ["X67"]
    accepted = decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=True, reason="整建制划转")
    assert accepted.state == DeliveryState.ACCEPTED
    assert "整建制划转" in accepted.reason
    assert rosters_of("2026-02") == {"finance": [accepted]}
    with pytest.raises(Refused) as refused:
        decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=False, reason="又不要了")
    assert refused.value.codes == ["X66"]


def test_a_rejected_file_is_not_taken_again(people: People, source: Source):
    held = _held(people, source)
    decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=False, reason="文件不全")
    with pytest.raises(Refused) as refused:
        bring(people.liaison_finance, source, as_csv(_rows(30)), "2026-02")
    assert refused.value.codes == ["X65"]
    assert "文件不全" in str(refused.value)


def test_a_liaison_cannot_decide(people: People, source: Source):
    held = _held(people, source)
    with pytest.raises(Denied):
        decide_delivery(actor=people.liaison_finance, delivery_id=held.pk, accept_it=True, reason="没问题")


def test_an_older_held_delivery_accepted_late_does_not_replace_the_newer(people: People, source: Source):
    held = _held(people, source)
    newer = bring(people.liaison_finance, source, as_csv(_rows(39)), "2026-02")
    late = decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=True, reason="核实")
    assert late.state == DeliveryState.SUPERSEDED
    assert rosters_of("2026-02") == {"finance": [newer]}
    assert not AuditEntry.objects.filter(action="exchange.delivery_accepted").exists()
    said = json.loads(AuditEntry.objects.get(action="exchange.delivery_superseded").facts)
    assert (said["state"], said["superseded"], said["reason"]) == ("superseded", [], "核实")
    assert OutboxMessage.objects.filter(topic="exchange.delivery_superseded", key=str(held.pk)).exists()


def test_a_single_file_accepted_late_does_not_replace_the_parts_that_came_after_it(people: People, source: Source):
    held = _held(people, source)
    first = bring(people.liaison_finance, source, as_csv(_rows(20)), "2026-02", part=1, parts=2)
    second = bring(people.liaison_finance, source, as_csv(_rows(20, first=20)), "2026-02", part=2, parts=2)
    late = decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=True, reason="核实")
    assert late.state == DeliveryState.SUPERSEDED
    assert rosters_of("2026-02") == {"finance": [first, second]}


@pytest.mark.skipif(not connection.features.has_select_for_update, reason="one writer at a time")
def test_deliveries_of_a_source_are_accepted_one_after_the_other(people: People, source: Source):
    held = _held(people, source)
    with CaptureQueriesContext(connection) as queries:
        bring(people.liaison_finance, source, as_csv(_rows(39)), "2026-02")
        decide_delivery(actor=people.office_clerk, delivery_id=held.pk, accept_it=True, reason="核实")
    locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"] and "exchange_" in query["sql"]]
    readings = [place for place, sql in enumerate(locks) if 'FROM "exchange_delivery"' in sql]
    assert len(readings) == 2, "the reading, the decision"
    assert all('FROM "exchange_source"' in locks[place - 1] for place in readings)


def test_a_liaison_of_another_department_is_refused(people: People, source: Source):
    with pytest.raises(Refused) as refused:
        bring(people.liaison_hr, source, as_csv(_rows(5)))
    assert refused.value.codes == ["X60"]
    with pytest.raises(Denied):
        bring(people.clerk, source, as_csv(_rows(5)))
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"period": "2026-13"}, "X10"),
        ({"period": "2026-04"}, "X10"),
        ({"part": 3, "parts": 2}, "X61"),
        ({"part": 0, "parts": 0}, "X61"),
        ({"data": b""}, "X64"),
        ({"file_name": "机密 名册.xlsx"}, "R27"),
    ],
)
def test_what_cannot_be_delivered_is_refused(people: People, source: Source, told: dict[str, object], code: str):
    given = {"period": "2026-02", "file_name": "a.csv", "data": as_csv(_rows(5)), **told}
    with pytest.raises(Refused) as refused:
        deliver(actor=people.liaison_finance, source_id=source.pk, **given)  # type: ignore[arg-type]
    assert code in refused.value.codes


def test_a_source_out_of_use_takes_nothing(people: People, source: Source):
    change_source(actor=people.director, source_id=source.pk, changes={"is_active": False})
    with pytest.raises(Refused) as refused:
        bring(people.liaison_finance, source, as_csv(_rows(5)))
    assert refused.value.codes == ["X62"]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.csv", r"C:\temp\名册.csv", "a/../b.csv\x00.exe", "..", "\u202evsc.exe"]
)
def test_tricks_in_names_lead_nowhere(people: People, source: Source, name: str):
    delivery = bring(people.liaison_finance, source, as_csv(_rows(5)), file_name=name)
    assert not set(delivery.file_name) & set("/\\\x00\u202e")
    assert delivery.file_name not in ("..", ".", "")
    assert delivery.state == DeliveryState.ACCEPTED


def test_an_unreadable_file_goes_back_with_its_reason_and_is_read_again_under_a_better_contract(
    people: People, source: Source
):
    odd = as_csv(_rows(5), headings=("称呼", *HEADINGS[1:]))
    refused = bring(people.liaison_finance, source, odd)
    assert refused.state == DeliveryState.REJECTED
    assert "职工姓名" in refused.reason
    schema = draft_contract(actor=people.director, source_id=source.pk).schema
    field = next(one for one in schema["fields"] if one["hub"]["column"] == "name")
    field["hub"]["headings"].append("称呼")
    draft_contract(actor=people.director, source_id=source.pk, schema=schema)
    published = publish_contract(actor=people.director, source_id=source.pk)
    again = bring(people.liaison_finance, source, odd)
    assert (again.pk, again.state) == (refused.pk, DeliveryState.ACCEPTED)
    assert again.contract == published


def test_a_file_full_of_rounded_numbers_is_held(people: People, source: Source):
    rows = [(name, f"{number[:15]}000", *rest) for name, number, *rest in _rows(20)]
    held = bring(people.liaison_finance, source, as_csv(rows))
    assert held.state == DeliveryState.HELD
    assert "15 位有效数字" in held.reason


def test_a_stopped_reading_leaves_the_delivery_as_it_came(people: People, source: Source):
    delivered = deliver(
        actor=people.liaison_finance,
        source_id=source.pk,
        period="2026-02",
        file_name="a.csv",
        data=as_csv(_rows(5)),
    )
    stop_reading(actor=people.liaison_finance, delivery_id=delivered.pk)
    jobs.run_waiting()
    delivered.refresh_from_db()
    assert delivered.state == DeliveryState.RECEIVED
    read_again(actor=people.liaison_finance, delivery_id=delivered.pk)
    jobs.run_waiting()
    delivered.refresh_from_db()
    assert delivered.state == DeliveryState.ACCEPTED


@pytest.fixture
def abandoned(people: People, source: Source) -> Delivery:
    """A delivery whose worker was killed while it read: said to be read, and nobody reads it."""
    delivered = deliver(
        actor=people.liaison_finance, source_id=source.pk, period="2026-02", file_name="a.csv", data=as_csv(_rows(5))
    )
    Delivery.objects.filter(pk=delivered.pk).update(state=DeliveryState.READING)
    return delivered


def test_a_reading_whose_job_has_ended_begins_anew(people: People, source: Source, abandoned: Delivery):
    Job.objects.update(state=JobState.FAILED)
    read_again(actor=people.liaison_finance, delivery_id=abandoned.pk)
    jobs.run_waiting()
    abandoned.refresh_from_db()
    assert (abandoned.state, Job.objects.count()) == (DeliveryState.ACCEPTED, 2)


def test_a_reading_that_waits_to_be_taken_up_again_is_stopped_at_once(people: People, abandoned: Delivery):
    stop_reading(actor=people.liaison_finance, delivery_id=abandoned.pk)
    abandoned.refresh_from_db()
    assert (abandoned.state, Job.objects.get().state) == (DeliveryState.RECEIVED, JobState.CANCELLED)
    assert AuditEntry.objects.filter(action="exchange.reading_stopped").count() == 1


def test_what_is_being_read_is_not_begun_a_second_time(people: People, abandoned: Delivery):
    read_again(actor=people.liaison_finance, delivery_id=abandoned.pk)
    abandoned.refresh_from_db()
    assert (abandoned.state, Job.objects.count()) == (DeliveryState.READING, 1)


def test_a_job_taken_up_twice_reads_once(people: People, source: Source):
    delivery = bring(people.liaison_finance, source, as_csv(_rows(5)))
    assert delivery.job is not None
    type(delivery.job).objects.filter(pk=delivery.job.pk).update(state="waiting")
    run_job.call(delivery.job.pk)
    assert AuditEntry.objects.filter(action="exchange.delivery_read").count() == 1


def test_a_liaison_sees_the_own_department_only(people: People, source: Source):
    delivery = bring(people.liaison_finance, source, as_csv(_rows(5)))
    assert list(Delivery.objects.visible_to(people.liaison_finance)) == [delivery]
    assert not Delivery.objects.visible_to(people.liaison_hr).exists()
    assert not Delivery.objects.visible_to(people.clerk).exists()
    assert list(Delivery.objects.visible_to(people.office_clerk)) == [delivery]


def _rows(count: int, first: int = 0) -> list[tuple[str, ...]]:
    return people_of(count, first=first)


def _held(people: People, source: Source) -> Delivery:
    bring(people.liaison_finance, source, as_csv(_rows(40)), "2026-01")
    held = bring(people.liaison_finance, source, as_csv(_rows(30)), "2026-02")
    assert held.state == DeliveryState.HELD
    return held

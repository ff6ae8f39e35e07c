"""The index follows the store: news of every kind, a building meanwhile, an index that is not there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections, transaction

from bianzhi.audit.actors import System
from bianzhi.common import jobs, outbox
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.common.models import Job, JobState
from bianzhi.documents.services import correct_document
from bianzhi.fulltext.backend import IndexBusy
from bianzhi.organizations.services.names import add_alias, withdraw_alias
from bianzhi.search import engine
from bianzhi.search.entries import docs_of
from bianzhi.search.jobs import changes
from bianzhi.search.jobs.changes import apply_waiting, ask_for_index, forget_applied, note
from bianzhi.search.jobs.rebuilding import rebuild
from bianzhi.search.locking import one_writer
from bianzhi.search.models import IndexBuild, IndexChange
from bianzhi.search.selectors.searching import Wish, find
from bianzhi.search.selectors.standing import KIND, standing
from bianzhi.search.services.rebuilding import ask_for_rebuild
from bianzhi.search.services.refreshing import refresh
from bianzhi.search.sources import Entry, Source
from tests.cast import Cast
from tests.search.conftest import build, settle

pytestmark = pytest.mark.django_db
ALL = System("测试")


def total(text: str, user: Any = ALL, **filters: tuple[str, ...]) -> int:
    return find(user, Wish(text, filters)).total


def test_a_corrected_document_is_found_by_its_new_title_only(cast: Cast):
    build()
    correct_document(actor=ALL, document_id=cast.document.pk, reason="题名有误", changes={"title": "琥珀计划批复"})
    assert total("琥珀计划") == 0
    settle()
    assert total("琥珀计划") == 1


def test_somebody_new_is_found_and_carries_the_unit(cast: Cast):
    build()
    cast.member(cast.audit_office, facts=cast.facts("欧阳修文"))
    settle()
    assert total("欧阳修文", units=(str(cast.audit_office.pk),)) == 1
    assert total("oyxw") == 1


def test_a_surname_is_read_as_a_surname(cast: Cast):
    cast.member(cast.audit_office, facts=cast.facts("单雄信"))
    build()
    assert total("sxx") == 1
    assert total("dxx") == 0


def test_an_alias_finds_its_unit_until_it_is_withdrawn(cast: Cast):
    build()
    alias = add_alias(actor=ALL, organization_id=cast.bureau.pk, name="钱袋子局", source="测试")
    settle()
    assert total("钱袋子局") == 1
    withdraw_alias(actor=ALL, alias_id=alias.pk)
    settle()
    assert total("钱袋子局") == 0


def test_any_app_may_announce_a_change(cast: Cast):
    build()
    with transaction.atomic():
        outbox.put("search.changed", key=1, payload={"kind": "documents.document", "ids": [cast.document.pk, 987654]})
    deliver_waiting()
    assert set(IndexChange.objects.filter(applied_at__isnull=True).values_list("subject_id", flat=True)) >= {987654}
    settle()
    assert not IndexChange.objects.filter(applied_at__isnull=True).exists()


def test_a_kind_nobody_registers_any_more_stops_nothing(cast: Cast):
    build()
    note("gone.thing", [1])
    assert apply_waiting() >= 1
    assert refresh("gone.thing", [1]) == 0


def test_news_waits_for_another_writer(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bianzhi.fulltext.embedded.engine.WAIT", 0.05)
    build()
    note("documents.document", [cast.document.pk])
    with engine.backend().writer():
        assert apply_waiting() == 0
    assert apply_waiting() == 1


def write_alone() -> None:
    try:
        with one_writer(0.0):
            pass
    finally:
        connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_writers_to_a_server_take_turns_among_all_processes():
    with ThreadPoolExecutor(1) as pool:
        with one_writer(0.0), pytest.raises(IndexBusy):
            pool.submit(write_alone).result()
        pool.submit(write_alone).result()


def test_no_part_of_an_entry_carries_a_whole_number_of_a_person():
    whole = ("33010219900307123X", "13800138000")
    told = f"张三{whole[0]}，{whole[1]}"
    entry = Entry(
        key="x:1", subject="x:1", title=told, body=told, subtitle=told, url="/", access=("all",), persons=(told,),
        numbers=(told,), extra={"note": told},
    )  # fmt: skip
    source = Source(
        kind="x", label="x", icon="x", permission="x", all_ids=lambda: iter(()), entries=lambda ids: [entry],
        tokens=lambda user: (),
    )  # fmt: skip
    (doc,) = docs_of(source, [1])["x:1"]
    assert not any(number in str(doc) for number in whole)


def test_what_changes_while_the_index_is_built_is_in_the_new_one(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    build()

    def tell(done: int, total_ids: int, message: str) -> None:
        if done == total_ids and done:
            changed = {"title": "琥珀计划批复"}
            correct_document(actor=ALL, document_id=cast.document.pk, reason="题名有误", changes=changed)
            settle()

    rebuild(tell)
    assert total("琥珀计划") == 1
    assert IndexBuild.objects.filter(finished_at__isnull=False).count() == 2


def test_without_an_index_a_job_is_asked_for_once_and_builds_it(cast: Cast):
    note("documents.document", [cast.document.pk])
    assert apply_waiting() == 0
    assert apply_waiting() == 0
    job = Job.objects.get(kind=KIND)
    jobs.run_waiting()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert total("虞编〔2020〕3号") > 0
    assert standing().is_there
    assert standing().waiting == 0


def test_after_a_failure_the_next_building_is_not_asked_for_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any) -> int:
        raise RuntimeError

    monkeypatch.setattr("bianzhi.search.jobs.rebuilding.write", fail)
    assert ask_for_index() is not None
    jobs.run_waiting()
    assert Job.objects.get(kind=KIND).state == JobState.FAILED
    assert ask_for_index() is None


def test_a_cancelled_building_leaves_the_index_in_use(cast: Cast):
    build()
    before = standing().entries
    job = ask_for_rebuild(actor=ALL)
    assert ask_for_rebuild(actor=ALL) == job

    def cancelled(*_: object) -> None:
        raise jobs.Cancelled

    with pytest.raises(jobs.Cancelled):
        rebuild(cancelled)
    assert standing().entries == before


def test_notes_long_applied_are_forgotten(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    build()
    note("documents.document", [cast.document.pk])
    apply_waiting()
    assert forget_applied() == 0
    monkeypatch.setattr(changes, "KEPT_DAYS", -1)
    assert forget_applied() == 1

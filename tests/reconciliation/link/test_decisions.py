"""What people decided is stronger than every rule, for ever."""

import pytest

from bianzhi.reconciliation.link.constraints import Decisions, decide
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine
from tests.reconciliation.link.people import colleagues, found, link, number, person, row


@pytest.fixture
def engine():
    with DuckDBEngine(memory_limit="512MB") as opened:
        yield opened


def prints(engine, source, place):
    sql = f"SELECT fingerprint FROM links WHERE source = '{source}' AND row = {place}"
    return engine.rows(sql)[0][0]


def test_rows_that_must_not_be_one_person_are_parted_although_their_number_is_one(engine):
    rows = person()
    link(engine, rows)
    never = ("never", FINANCE, prints(engine, FINANCE, 1), ESTABLISHMENT, prints(engine, ESTABLISHMENT, 1))
    link(engine, rows, constraints=[never])
    now = found(engine)
    assert now[FINANCE, 1][0] != now[ESTABLISHMENT, 1][0] == now[HR, 1][0]
    assert now[FINANCE, 1][1] == "NEVER"


def test_rows_that_must_be_one_person_bring_their_whole_persons_together(engine):
    rows = [*person(ESTABLISHMENT, ORGANIZATION), *person(HR, FINANCE, name="王子轩", id_number=number(serial=47))]
    link(engine, rows)
    assert found(engine)[HR, 1][0] != found(engine)[ESTABLISHMENT, 1][0]
    must = ("must", ESTABLISHMENT, prints(engine, ESTABLISHMENT, 1), HR, prints(engine, HR, 1))
    link(engine, rows, constraints=[must])
    assert len({cluster for cluster, _ in found(engine).values()}) == 1


def test_a_pair_somebody_decided_is_not_asked_about_again(engine):
    rows = [*colleagues(), *person(), row(FINANCE, name="周文斌", unit="青禾区档案馆")]
    link(engine, rows)
    ((left, right),) = engine.rows("SELECT left_fingerprint, right_fingerprint FROM pairs_for_review")
    sides = dict(engine.rows("SELECT fingerprint, source FROM links"))
    link(engine, rows, constraints=[("never", sides[left], left, sides[right], right)])
    assert engine.count("pairs_for_review") == 0


def test_a_decision_about_rows_no_longer_delivered_changes_nothing(engine):
    link(engine, person(), constraints=[("must", HR, "0" * 32, FINANCE, "1" * 32)])
    assert {rule for _, rule in found(engine).values()} == {"ID_EXACT"}


def test_never_wins_over_must():
    a, b, c = (ESTABLISHMENT, "a"), (HR, "b"), (FINANCE, "c")
    clusters = {a: "1", b: "2", c: "2"}
    moved = decide(clusters, Decisions(must={(a, b)}, never={(a, c)}))
    assert moved == {}
    moved = decide(clusters, Decisions(must={(a, b)}, never={(c, b)}))
    assert moved == {a: ("1", "MUST"), b: ("1", "MUST"), c: ("Cc", "NEVER")} or moved[b][0] == "1"

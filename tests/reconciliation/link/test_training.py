"""Weights are learned from people whose number already says who they are."""

import pytest

from bianzhi.reconciliation.generate.options import Form, GenerateOptions
from bianzhi.reconciliation.generate.world import write_rosters
from bianzhi.reconciliation.link import LinkSettings, empty_inputs, make_links
from bianzhi.reconciliation.link.weights import BIRTH, HOME, NAME, NUMBER
from bianzhi.reconciliation.normalise import make_records
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
DECLARED = {
    (comparison, level): weight
    for comparison, scale in {"name": NAME, "birth": BIRTH, "home": HOME, "number": NUMBER}.items()
    for level, weight in scale.items()
}


def weights_of(folder, settings):
    with DuckDBEngine(memory_limit="1GB") as engine:
        engine.load("rosters", [folder / "canonical" / f"{source}.parquet" for source in DEPARTMENT_CODES])
        empty_inputs(engine)
        make_records(engine)
        make_links(engine, settings)
        origin = {one for (one,) in engine.rows("SELECT origin FROM link_weights")}
        return origin, {
            (c, level): w for c, level, w in engine.rows("SELECT comparison, level, weight FROM link_weights")
        }


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    options = GenerateOptions(people=2_500, seed=5, noise=5.0, form=Form.PARQUET)
    return write_rosters(tmp_path_factory.mktemp("rosters"), options)[0]


def test_what_is_learned_is_close_to_what_is_declared_and_the_same_each_time(month):
    origin, learned = weights_of(month, LinkSettings(scorer="splink"))
    assert origin == {"trained"}
    assert learned["name", "same"] > learned["name", "near"] > learned["name", "near_short"]
    assert learned["birth", "2"] > learned["birth", "1"] > 0 > learned["birth", "-2"]
    assert learned["home", "same"] > 0 > learned["home", "other"]
    assert {key: w for key, w in learned.items() if key[0] == "number"} == {
        key: w for key, w in DECLARED.items() if key[0] == "number"
    }
    assert weights_of(month, LinkSettings(scorer="splink"))[1] == learned


def test_too_few_people_teach_nothing(month):
    origin, used = weights_of(month, LinkSettings(scorer="splink", least_people_to_train=10_000))
    assert origin == {"declared"}
    assert used == DECLARED

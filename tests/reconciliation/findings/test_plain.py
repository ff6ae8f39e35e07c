"""Who is passed over before judging would not have been found by any rule."""

import random

import pytest

from bianzhi.reconciliation.findings.hits import hits
from bianzhi.reconciliation.findings.wide import make_person_wide, make_positions, wide_sql
from tests.reconciliation.people import engine_of, number, person

PEOPLE = 400
SAID: dict[str, list[str | None]] = {
    "name": ["王一", "王二"],
    "unit": ["教育局", "卫生局", None],
    "birth": [None, "198001", "198002", "19800101", "19800102", "19820101"],
    "sex": [None, "男", "女"],
    "quota_type": [None, "行政编制", "事业编制", "编外"],
    "funding": [None, "全额拨款", "差额补助"],
    "status": [None, "在职", "退休", "死亡", "调出"],
    "id_number": [None, number(1), number(2), "330699198001010010"],
}


def people_of(seed):
    """People who mostly agree: each has a usual way to be written, and now and then a row says something else."""
    chance = random.Random(seed)
    rows = []
    for place in range(PEOPLE):
        usual = {column: chance.choice(values) for column, values in SAID.items()}
        usual |= {"status": "在职", "id_number": number(place % 900)} if chance.random() < 0.8 else {}
        sources = chance.choice(["bzrf", "bzrf", "brf", "bf", "bzrff", "bbzrf", "bzr", "rf", "bz", "f", "b"])
        for row in person(f"P{place}", place % 900, sources, **usual):
            for column, values in SAID.items():
                if chance.random() < 0.04:
                    row[column] = chance.choice(values)
            rows.append(row)
    return rows


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_judging_everybody_finds_nothing_more(seed):
    with engine_of(people_of(seed)) as engine:
        make_positions(engine)
        make_person_wide(engine)
        judged, found = engine.count("person_wide"), hits(engine)
        engine.create("person_wide", wide_sql("positions"))
        assert found == hits(engine)
        assert len({hit.rule.code for hit in found}) > 10
        assert 0 < judged < engine.count("person_wide") == PEOPLE


def test_people_all_agree_about_are_not_judged():
    with engine_of(person("P", 1, z_birth="198001", b_birth="19800101", r_birth="19800101")) as engine:
        make_positions(engine)
        make_person_wide(engine)
        assert engine.count("person_wide") == 0

"""What becomes of one person's rows, mistake by mistake."""

from datetime import date

import pytest

from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine
from tests.reconciliation.link.people import (
    ALL,
    BORN,
    HOSPITAL,
    SCHOOL,
    colleagues,
    found,
    groups,
    link,
    number,
    person,
    row,
)  # fmt: skip


@pytest.fixture
def engine():
    with DuckDBEngine(memory_limit="512MB") as opened:
        yield opened


def last(rows, source):
    """The line of the last row of a source, as links names it."""
    return source, len([line for line in rows if line["source"] == source])


def rule_of(engine, rows, source):
    return found(engine)[last(rows, source)][1]


def are_one(engine, rows, *sources):
    return len({found(engine)[last(rows, source)][0] for source in sources}) == 1


def test_one_number_and_one_name_is_one_person(engine):
    link(engine, person())
    assert groups(engine) == [[(source, 1) for source in sorted(ALL)]]


@pytest.mark.parametrize("written", ["張曉偉", "张 晓 伟", "张晓伟（男）", "张　晓伟"])
def test_variants_spaces_and_notes_are_the_same_name(engine, written):
    link(engine, [*person(ESTABLISHMENT, HR), row(FINANCE, name=written)])
    assert {rule for _, rule in found(engine).values()} == {"ID_EXACT"}


@pytest.mark.parametrize("dot", ["·", "•", "‧", "・", ".", " ", ""])
def test_every_dot_of_a_minority_name_is_the_same_dot(engine, dot):
    rows = [*person(ESTABLISHMENT, name="阿依古丽·买买提"), row(FINANCE, name=f"阿依古丽{dot}买买提")]
    link(engine, rows)
    assert len(groups(engine)) == 1


def test_a_wrong_character_stays_with_its_number(engine):
    rows = [*person(ESTABLISHMENT, ORGANIZATION, FINANCE), row(HR, name="张晓玮")]
    link(engine, rows)
    assert rule_of(engine, rows, HR) == "ID_NAMEVAR"
    assert are_one(engine, rows, *ALL)


def test_a_changed_surname_stays_with_its_number(engine):
    rows = [*person(ESTABLISHMENT, ORGANIZATION, FINANCE), row(HR, name="欧阳晓伟")]
    link(engine, rows)
    assert rule_of(engine, rows, HR) == "ID_NAMEVAR"


def test_a_changed_name_stays_when_birth_and_unit_agree(engine):
    rows = [*colleagues(), *person(ESTABLISHMENT, ORGANIZATION, FINANCE), row(HR, name="王子轩")]
    link(engine, rows)
    assert rule_of(engine, rows, HR) == "ID_UNIT"


def test_somebody_elses_number_is_evidence_of_nothing_and_neither_is_its_birth(engine):
    borrower = {"name": "周文斌", "born": date(1991, 3, 9), "unit": HOSPITAL}
    rows = [
        *colleagues(), *colleagues(HOSPITAL), *person(),
        *person(ESTABLISHMENT, ORGANIZATION, HR, **borrower), row(FINANCE, **borrower | {"id_number": number(BORN)}),
    ]  # fmt: skip
    link(engine, rows)
    assert rule_of(engine, rows, FINANCE) == "NAME_UNIT"
    assert are_one(engine, rows, FINANCE, ESTABLISHMENT)


def test_a_borrowed_number_without_its_owner_found_is_asked_about(engine):
    rows = [*colleagues(), *person(), row(FINANCE, name="周文斌", unit="青禾区档案馆")]
    link(engine, rows)
    assert rule_of(engine, rows, FINANCE) == "ALONE"
    assert [rule for (rule,) in engine.rows("SELECT rule FROM pairs_for_review")] == ["ID_CONFLICT"]


def test_one_number_of_two_people_makes_two_people(engine):
    rows = [*colleagues(), *colleagues(HOSPITAL), *person(), *person(name="吴桂兰", unit=HOSPITAL)]
    link(engine, rows)
    assert len(groups(engine)) == 3 + 3 + 2
    assert {len(lines) for lines in groups(engine)} == {4}
    assert [rule for _, rule in found(engine).values()].count("ID_COLLISION") == 4


def test_a_collision_of_near_names_is_seen_because_departments_write_both(engine):
    rows = [*colleagues(), *colleagues(HOSPITAL), *person(name="王伟"), *person(name="王芳", unit=HOSPITAL)]
    link(engine, rows)
    assert len(groups(engine)) == 3 + 3 + 2


@pytest.mark.parametrize("slip", ["33069919800517021", "3306991980051702"])
def test_a_number_one_slip_away_is_put_right(engine, slip):
    right = number()
    wrong = (
        right[:9] + str((int(right[9]) + 1) % 10) + right[10:] if len(slip) == 17 else right[:12] + "71" + right[14:]
    )
    rows = [*person(ESTABLISHMENT, ORGANIZATION, HR), row(FINANCE, id_number=wrong)]
    link(engine, rows)
    assert rule_of(engine, rows, FINANCE) == "ID_REPAIR"


def test_a_wrong_check_character_is_put_right(engine):
    right = number()
    rows = [*person(ESTABLISHMENT), row(HR, id_number=right[:17] + ("0" if right[17] != "0" else "1"))]
    link(engine, rows)
    assert rule_of(engine, rows, HR) == "ID_REPAIR"


def test_a_slip_towards_a_twins_number_does_not_make_the_twin(engine):
    rows = [
        *person(name="张建国", id_number=number(serial=21)),
        *person(ESTABLISHMENT, ORGANIZATION, HR, name="张建军", id_number=number(serial=23)),
        row(FINANCE, name="张建军", id_number=number(serial=23)[:16] + "1" + number(serial=23)[17]),
    ]
    link(engine, rows)
    assert are_one(engine, rows, FINANCE, ESTABLISHMENT)
    assert found(engine)[(ESTABLISHMENT, 1)][0] != found(engine)[last(rows, FINANCE)][0]


def test_fifteen_digits_of_one_department_are_the_same_number(engine):
    old = number()[:6] + number()[8:17]
    rows = [*person(ESTABLISHMENT, ORGANIZATION, FINANCE), row(HR, id_number=old)]
    link(engine, rows)
    assert rule_of(engine, rows, HR) == "ID_EXACT"


def test_a_number_a_spreadsheet_rounded_is_no_key_even_when_it_looks_sound(engine):
    rounded = next(
        number(date(1980, 5, 17), serial) for serial in range(0, 1000, 100) if number(BORN, serial).endswith("000")
    )
    rows = [
        *colleagues(),
        *person(name="周文斌", id_number=rounded),
        *person(ESTABLISHMENT, HR, id_number=number(serial=21)),
        row(FINANCE, id_number=rounded, flags="id_rounded"),
    ]
    link(engine, rows)
    assert rule_of(engine, rows, FINANCE) == "NAME_UNIT"
    assert are_one(engine, rows, FINANCE, ESTABLISHMENT)


def test_a_reissued_number_joins_the_persons_rows_when_departments_complement_each_other(engine):
    rows = [*colleagues(), *person(ESTABLISHMENT, HR), *person(ORGANIZATION, FINANCE, id_number=number(serial=47))]
    link(engine, rows)
    assert are_one(engine, rows, *ALL)
    assert "ID_REISSUED" in {rule for _, rule in found(engine).values()}


def test_two_numbers_in_one_department_stay_two_people(engine):
    rows = [*colleagues(), *person(), *person(ESTABLISHMENT, id_number=number(serial=47))]
    link(engine, rows)
    assert found(engine)[last(rows, ESTABLISHMENT)][0] != found(engine)[(ESTABLISHMENT, 4)][0]


def test_a_missing_number_is_matched_by_name_birth_and_unit(engine):
    rows = [*colleagues(), *person(ESTABLISHMENT, ORGANIZATION, FINANCE), row(HR, id_number=None)]
    link(engine, rows)
    assert rule_of(engine, rows, HR) == "NAME_BIRTH_UNIT"


def test_a_department_is_known_by_its_own_name_for_a_unit(engine):
    short = [line | ({"unit": "一中"} if line["source"] == FINANCE else {}) for line in colleagues()]
    rows = [*short, *person(ESTABLISHMENT, ORGANIZATION, HR), row(FINANCE, id_number=None, unit="一中")]
    link(engine, rows)
    assert rule_of(engine, rows, FINANCE) == "NAME_UNIT"
    aliases = engine.rows(f"SELECT unit, support, share, is_exact FROM unit_aliases WHERE text = '一中'")  # noqa: F541
    assert aliases == [(SCHOOL, 3, 1.0, False)]


def paid_as(text, lines):
    return [line | ({"unit": text} if line["source"] == FINANCE else {}) for line in lines]


def sure_homes(engine, text):
    return sorted(engine.rows(f"SELECT home, is_sure FROM homes WHERE unit_key = '{text}' AND source = '{FINANCE}'"))


def test_a_text_several_people_of_two_units_are_paid_by_stands_for_both(engine):
    link(engine, [*paid_as("一中", colleagues(SCHOOL, 4)), *paid_as("一中", colleagues(HOSPITAL, 3))])
    assert sure_homes(engine, "一中") == sorted([(SCHOOL, 1), (HOSPITAL, 1)])


def test_one_person_paid_elsewhere_makes_no_second_meaning_nor_does_a_units_own_name_have_one(engine):
    link(engine, [*paid_as("一中", colleagues(SCHOOL, 4)), *paid_as("一中", colleagues(HOSPITAL, 1))])
    assert sure_homes(engine, "一中") == sorted([(SCHOOL, 1), (HOSPITAL, 0)])
    link(engine, [*colleagues(SCHOOL, 4), *paid_as(SCHOOL, colleagues(HOSPITAL, 3))])
    assert {sure for _, sure in sure_homes(engine, SCHOOL)} == {0}


def test_two_people_of_one_name_in_a_unit_are_not_guessed_at(engine):
    rows = [
        *colleagues(),
        *person(ESTABLISHMENT, ORGANIZATION, HR),
        *person(ESTABLISHMENT, ORGANIZATION, HR, born=date(1975, 8, 1)),
        row(FINANCE, id_number=None),
    ]
    link(engine, rows)
    assert rule_of(engine, rows, FINANCE) == "ALONE"


def test_a_person_who_has_a_row_of_the_department_takes_no_second(engine):
    rows = [*colleagues(), *person(), row(FINANCE, id_number=None, pay="1")]
    link(engine, rows)
    assert rule_of(engine, rows, FINANCE) == "ALONE"


def test_two_slips_at_once_are_weighed(engine):
    rows = [*colleagues(), *person(ESTABLISHMENT, ORGANIZATION, FINANCE), row(HR, id_number=None, name="张晓玮")]
    link(engine, rows)
    assert rule_of(engine, rows, HR) == "FUZZY"


def test_a_contradiction_beats_every_score(engine):
    other = date(1966, 11, 2)
    rows = [
        *colleagues(),
        *person(ESTABLISHMENT, ORGANIZATION, FINANCE),
        row(HR, id_number=number(other), birth="1966-11-02"),
    ]
    link(engine, rows)
    assert not are_one(engine, rows, HR, ESTABLISHMENT)


def test_rows_nobody_has_a_number_of_are_still_one_person(engine):
    rows = [*colleagues(), *person(ESTABLISHMENT, HR, FINANCE, id_number=None)]
    link(engine, rows)
    assert are_one(engine, rows, ESTABLISHMENT, HR, FINANCE)


def test_identical_rows_of_a_department_are_one_person_with_two_fingerprints(engine):
    rows = [*person(), row(HR)]
    link(engine, rows)
    prints = [p for (p,) in engine.rows("SELECT fingerprint FROM links WHERE source = 'hr' ORDER BY fingerprint")]
    assert prints[1] == f"{prints[0]}#2"
    assert len(groups(engine)) == 1

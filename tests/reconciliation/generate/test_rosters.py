"""Invented rosters: reproducible, nobody's, and labelled truly."""

import hashlib
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest

from bianzhi.kernel.identifiers.id_number import IdNumberError, parse_id_number
from bianzhi.reconciliation.generate import Form, GenerateOptions, TooManyPeople, write_rosters
from bianzhi.reconciliation.generate.world import month_after
from bianzhi.reconciliation.reading.folders import read_folder
from bianzhi.reconciliation.sources import DEPARTMENT_CODES, ESTABLISHMENT, FINANCE, HR, ORGANIZATION, ROSTER_COLUMNS
from tests.reconciliation.generate.population import FIRST, SECOND, everything, labels, roster, rows, written


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three thousand people, careless clerks."""
    return written(tmp_path_factory.mktemp("rosters"), noise=3.0)


def digests(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.mark.parametrize("form", [Form.PARQUET, Form.FILES])
def test_the_same_options_give_the_same_bytes_and_another_seed_gives_others(tmp_path, form) -> None:
    once, again, other = (
        digests(written(tmp_path / name, people=300, seed=seed, form=form))
        for name, seed in (("a", 4), ("b", 4), ("c", 5))
    )
    assert once == again
    assert once.keys() == other.keys()
    assert all(once[name] != other[name] for name in once if "canonical" in name)


def test_numbers_written_without_mistake_are_sound_of_the_unallocated_region_and_one_persons(population) -> None:
    holders = defaultdict(set)
    for row in everything(population, FIRST):
        if row["truth"]["kinds"] == ",":
            number = parse_id_number(row["id_number"])
            assert number.value == row["id_number"]
            assert number.region == "330699"
            holders[number.value].add(row["truth"]["person"])
    shared = [people for people in holders.values() if len(people) > 1]
    assert len(holders) > 2500
    assert all(len(people) == 2 for people in shared)  # 重号: issued twice, injected at 0.45 per thousand pairs
    assert len(shared) < 10


def test_a_row_without_mistake_says_what_the_others_say(population) -> None:
    said = defaultdict(set)
    for row in everything(population, FIRST):
        if row["truth"]["kinds"] == ",":
            said[row["truth"]["person"]].add((row["name"], row["id_number"]))
    assert all(len(writings) == 1 for writings in said.values())


def test_each_kind_of_mistake_is_what_its_name_says(population) -> None:
    plain = {row["truth"]["person"]: row for row in everything(population, FIRST) if row["truth"]["kinds"] == ","}
    checks = {
        "id_missing": lambda bad, _: bad["id_number"] is None,
        "id_fifteen": lambda bad, good: parse_id_number(bad["id_number"]).value == good["id_number"],
        "id_spaced": lambda bad, good: bad["id_number"].replace(" ", "") == good["id_number"],
        "id_substitution": lambda bad, good: differing(bad["id_number"], good["id_number"]) == 1,
        "id_transposition": lambda bad, good: sorted(bad["id_number"][:17]) == sorted(good["id_number"][:17]),
        "id_check": lambda bad, good: bad["id_number"][:17] == good["id_number"][:17],
        "id_rounded": lambda bad, good: bad["id_number"] == good["id_number"][:15] + "000",
        "name_spaced": lambda bad, good: "".join(bad["name"].split()) == good["name"],
        "name_wrong": lambda bad, good: differing(bad["name"], good["name"]) == 1,
        "minority_dot": lambda bad, good: bad["name"] != good["name"] and "·" in good["name"],
        "name_note": lambda bad, good: bad["name"].startswith(good["name"]),
    }
    seen: Counter[str] = Counter()
    for row in everything(population, FIRST):
        kind = row["truth"]["kinds"].strip(",")
        if kind in checks and row["truth"]["person"] in plain:
            assert checks[kind](row, plain[row["truth"]["person"]]), (kind, row)
            seen[kind] += 1
    assert seen.keys() == checks.keys()


def differing(left: str, right: str) -> int:
    assert len(left) == len(right)
    return sum(a != b for a, b in zip(left, right, strict=True))


def test_broken_numbers_are_refused_by_the_check(population) -> None:
    broken = [
        row["id_number"]
        for row in everything(population, FIRST)
        if row["truth"]["kinds"] in (",id_substitution,", ",id_transposition,", ",id_check,")
    ]
    assert len(broken) > 100
    for number in broken:
        with pytest.raises(IdNumberError):
            parse_id_number(number)


def test_more_noise_gives_more_mistakes_but_no_more_discrepancies(tmp_path, population) -> None:
    calm = written(tmp_path, noise=1.0)
    assert mistaken(population) > 2 * mistaken(calm)
    assert ghosts(population) == ghosts(calm)


def mistaken(folder: Path) -> int:
    return sum(row["kinds"] != "," for row in labels(folder, FIRST, "truth"))


def ghosts(folder: Path) -> set[int]:
    return {row["person"] for row in labels(folder, FIRST, "truth_findings") if row["kind"] == "ghost_payroll"}


def test_departments_deliver_what_they_have_in_reality(population) -> None:
    first = {source: roster(population, FIRST, source) for source in DEPARTMENT_CODES}
    assert all(list(row)[:-1] == list(ROSTER_COLUMNS) for source in first for row in first[source][:3])
    assert all(row["birth"][4] == "." and len(row["birth"]) == 7 for row in first[ORGANIZATION])
    assert all(row["birth"] is None and row["unit_code"] is None for row in first[FINANCE])
    full = {row["unit"] for row in first[ESTABLISHMENT]}
    assert any(row["unit"] not in full for row in first[FINANCE])
    assert {row["status"] for row in first[HR]} == {"在职", "退休", "死亡"}


def test_ghosts_and_unpaid_are_those_the_rows_show(population) -> None:
    listed = {row["truth"]["person"] for row in roster(population, SECOND, ESTABLISHMENT)}
    paid = {row["truth"]["person"] for row in roster(population, SECOND, FINANCE)}
    gone = {row["truth"]["person"] for row in roster(population, SECOND, HR) if row["status"] != "在职"}
    found = defaultdict(set)
    for label in labels(population, SECOND, "truth_findings"):
        found[label["kind"]].add(label["person"])
    assert found["ghost_payroll"] == paid - listed - gone
    assert found["unpaid"] == listed - paid - gone
    assert found["retired_listed"] | found["dead_listed"] == listed & gone
    assert found["retired_paid"] | found["dead_paid"] == paid & gone


def test_units_over_quota_are_those_with_more_people_than_quota(population) -> None:
    used = defaultdict(set)
    for row in roster(population, FIRST, ESTABLISHMENT):
        used[row["truth"]["unit"]].add(row["truth"]["person"])
    quotas = {row["unit"]: row["approved"] for row in rows(population / FIRST / "canonical" / "quotas.parquet")}
    over = {unit for unit, people in used.items() if len(people) > quotas[unit]}
    assert {
        label["unit"] for label in labels(population, FIRST, "truth_findings") if label["kind"] == "over_quota"
    } == over
    assert over


def test_events_of_the_second_month_are_those_the_rosters_show(population) -> None:
    before = {row["truth"]["person"]: row["truth"]["unit"] for row in roster(population, FIRST, ESTABLISHMENT)}
    after = {row["truth"]["person"]: row["truth"]["unit"] for row in roster(population, SECOND, ESTABLISHMENT)}
    events = labels(population, SECOND, "truth_events")
    told = {(event["kind"], event["person"]) for event in events if event["lane"] == "candidate"}
    assert {person for kind, person in told if kind == "hire"} <= after.keys() - before.keys()
    assert {person for kind, person in told if kind == "exit"} <= before.keys() - after.keys()
    for event in events:
        if event["kind"] == "transfer" and event["lane"] == "candidate":
            assert before[event["person"]] != after[event["person"]] == event["to_unit"]
    assert {"hire", "exit", "transfer", "attribute"} <= {event["kind"] for event in events}
    assert not labels(population, FIRST, "truth_events")


def test_people_of_a_renamed_unit_have_no_event_and_those_of_a_merged_one_are_set_apart(tmp_path) -> None:
    folder = written(tmp_path, people=6000, seed=9)
    before = {row["unit"] for row in roster(folder, FIRST, ESTABLISHMENT)}
    after = {row["unit"] for row in roster(folder, SECOND, ESTABLISHMENT)}
    eventful = {event["person"]: event for event in labels(folder, SECOND, "truth_events")}
    moved = [row for row in roster(folder, SECOND, ESTABLISHMENT) if row["unit"] in after - before]
    assert moved
    for row in moved:
        event = eventful.get(row["truth"]["person"])
        assert event is None or event["cause"] != "merger"


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_files_are_read_as_the_hub_has_them_whatever_their_headings(tmp_path, seed) -> None:
    folder = written(tmp_path / "made", people=300, seed=seed, noise=5.0, form=Form.FILES)
    read = read_folder(folder / FIRST, tmp_path / "read")
    for source in DEPARTMENT_CODES:
        expected = [{**row, "truth": None, "flags": None} for row in roster(folder, FIRST, source)]
        found = [{**row, "truth": None, "flags": None} for path in read[source] for row in rows(path)]
        assert found == expected


def test_more_people_than_numbers_are_refused(tmp_path) -> None:
    with pytest.raises(TooManyPeople, match="最多生成 500 万人"):
        write_rosters(tmp_path, GenerateOptions(people=5_000_001))
    assert not list(tmp_path.iterdir())


def test_months_run_on_over_the_year() -> None:
    assert month_after("2026-11") == "2026-12"
    assert month_after("2026-12") == "2027-01"
    with pytest.raises(ValueError, match="month"):
        month_after("2026-13")


def test_nobody_is_born_after_entering(population) -> None:
    for row in roster(population, FIRST, ESTABLISHMENT):
        if "birth_wrong" not in row["truth"]["kinds"]:
            year, month, day = (int(part) for part in row["birth"].replace("/", "-").split("-"))
            assert date(year, month, day) < date.fromisoformat(row["since"]) <= date(2026, 10, 1)


def test_mismatches_are_those_two_departments_write(population) -> None:
    listed = {row["truth"]["person"]: row for row in roster(population, FIRST, ESTABLISHMENT)}
    paid = {row["truth"]["person"]: row for row in roster(population, FIRST, FINANCE)}
    known = {row["truth"]["person"]: row for row in roster(population, FIRST, HR)}
    found = defaultdict(set)
    for label in labels(population, FIRST, "truth_findings"):
        found[label["kind"]].add(label["person"])
    single = (listed.keys() & paid.keys()) - found["two_units"] - found["paid_twice"]
    assert found["funding_mismatch"] == {
        person for person in single if class_of(listed[person]["funding"]) != class_of(paid[person]["funding"])
    }
    assert found["unit_mismatch"] == {
        person for person in single if listed[person]["truth"]["unit"] != paid[person]["truth"]["unit"]
    }
    assert found["quota_type_mismatch"] == {
        person
        for person in listed.keys() & known.keys()
        if listed[person]["quota_type"].removesuffix("编制") != known[person]["quota_type"].removesuffix("编制")
        and not (listed[person]["quota_type"].startswith("参公") and known[person]["quota_type"].startswith("参公"))
    }
    assert min(len(found[kind]) for kind in ("funding_mismatch", "unit_mismatch", "quota_type_mismatch")) > 0


def class_of(funding: str) -> str:
    return funding.replace("财政", "").replace("自收自支", "经费自理")

"""Each piece of SQL says what its twin in Python says, on DuckDB and on Spark, for texts nobody thought of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable

import pyarrow as pa
import pytest

from bianzhi.kernel.dates import DateError, Precision, parse_date
from bianzhi.kernel.identifiers.id_number import IdNumberError, check_character, parse_id_number
from bianzhi.reconciliation.link.births import agreement, agreement_sql
from bianzhi.reconciliation.normalise.births import LATEST, birth_key, make_birth_keys
from bianzhi.reconciliation.normalise.character_distance import cd, cd_sql, may_be_near_sql, same_given, same_given_sql
from bianzhi.reconciliation.normalise.id_numbers import read_id
from bianzhi.reconciliation.normalise.names import make_name_keys, name_key
from bianzhi.reconciliation.normalise.records import make_records
from bianzhi.reconciliation.normalise.units import unit_key, unit_key_sql
from bianzhi.reconciliation.sources import ROSTER_COLUMNS
from bianzhi.reconciliation.sql.duckdb_engine import DuckDBEngine
from bianzhi.reconciliation.sql.engine import Engine
from tests.reconciliation.link.people import number
from tests.reconciliation.spark import IGNORED_WARNINGS, spark  # noqa: F401 - a fixture

pytestmark = IGNORED_WARNINGS
MANY, FEW = 20_000, 2_000
BIRTHS = (
    "1987-06-05", "1987/6/5", "1987.06", "1987年6月5日", "1987年6月", "19870605", "198706", "87.06", "31933",
    "1987-06-05 00:00:00", "2000-02-30", "1900-02-29", "一九八七年六月", "1987", "１９８７．０６", "99999", "",
)  # fmt: skip
TENTHS = {
    "1987.1": None, "87.1": None, "1987.10": 19871000, "1987.01": 19870100, "1987.11": 19871100, "1987-1": 19870100,
    "1987年1月": 19870100, "1987.1.1": 19870101, "19.7.1": 20190701, "1987.1月": 19870100,
}  # fmt: skip
NAMES = "张曉偉王李欧阳· 　•.（)Ａb?？□\n\t𬭎鍾峯-''ß\u200b\ufeff豈⼀"
UNITS = "青禾区（第一）中学(·)“”ＡＢc-—　 0０"
DIGITS = "0123456789Xx 　１Ｘ-.E+'"


@pytest.fixture(params=["duckdb", "spark"])
def engine(request):
    if request.param == "spark":
        yield request.getfixturevalue("spark")
    else:
        with DuckDBEngine(memory_limit="512MB") as opened:
            yield opened


def spoiled(samples: Iterable[str], alphabet: str, count: int) -> list[str]:
    """Texts with up to three characters changed or put in at random, the same each time."""
    draw = random.Random(20261126)
    texts, kept = set(samples), list(samples)
    while len(texts) < count:
        letters = list(draw.choice(kept))
        for _ in range(draw.randrange(1, 4)):
            place = draw.randrange(len(letters) + 1)
            letters[place : place + draw.randrange(2)] = draw.choice(alphabet)
        texts.add("".join(letters))
    return sorted(texts)


def how_many(engine: Engine) -> int:
    return MANY if engine.name == "duckdb" else FEW


def assert_twins(
    engine: Engine, texts: list[str], make: Callable[[], dict[str, object]], twin: Callable[[str], object]
):
    engine.register("written", pa.table({"text": texts}))
    made = make()
    assert {text: made[text] for text in texts} == {text: twin(text) for text in texts}


def test_births(engine):
    def make() -> dict[str, object]:
        make_birth_keys(engine, "written")
        return dict(engine.rows("SELECT text, key FROM birth_keys"))

    assert_twins(engine, spoiled((*BIRTHS, *TENTHS), "0123456789-./年月日 T号x一", how_many(engine)), make, birth_key)


def test_names(engine):
    def make() -> dict[str, object]:
        make_name_keys(engine, "written")
        return dict(engine.rows("SELECT text, key FROM name_keys"))

    assert_twins(engine, spoiled(("张晓伟", "阿依古丽·买买提", "", "鍾" * 30), NAMES, how_many(engine)), make, name_key)


def test_units(engine):
    def make() -> dict[str, object]:
        return dict(engine.rows(f"SELECT text, {unit_key_sql('text')} AS key FROM written"))

    assert_twins(engine, spoiled(("青禾区第一中学", "(青禾区)医院", ""), UNITS, how_many(engine)), make, unit_key)


def test_numbers(engine):
    samples = (
        number(),
        number(serial=100),
        number()[:6] + number()[8:17],
        "33069919800517002X",
        "3.30699198005171E+17",
    )
    texts = spoiled((*samples, "", "330699198005170.0"), DIGITS, how_many(engine))
    places = range(1, len(texts) + 1)
    flags = ["id_rounded" if place % 7 == 0 else None for place in places]
    columns: dict[str, list[object]] = {name: [None] * len(texts) for name in ROSTER_COLUMNS}
    columns |= {"source": ["hr"] * len(texts), "delivery": ["d"] * len(texts), "row": [*places]}
    columns |= {"id_number": [*texts], "flags": [*flags]}
    kinds = {"VARCHAR": pa.string(), "BIGINT": pa.int64()}
    engine.register("rosters", pa.table({n: pa.array(columns[n], kinds[k]) for n, k in ROSTER_COLUMNS.items()}))
    make_records(engine)
    made = engine.rows("SELECT row, id_body, id18, id_flags FROM records ORDER BY row")
    read = [read_id(text, flag) for text, flag in zip(texts, flags, strict=True)]
    assert made == [(place, one.body, one.id18, one.flags) for place, one in zip(places, read, strict=True)]


def test_character_distance(engine):
    names = spoiled(("王伟", "张晓伟", "欧阳晓伟", "阿依古丽买买提", ""), "王玮伟晓小张李欧阳", 200)
    pairs = [(a, b) for a in names for b in names[:: 1 if engine.name == "duckdb" else 9]]
    engine.register("pairs", pa.table({"l": [a for a, _ in pairs], "r": [b for _, b in pairs]}))
    made = engine.rows(f"SELECT l, r, {cd_sql('l', 'r')} AS far, {same_given_sql('l', 'r')} AS given FROM pairs")
    assert sorted(made) == sorted((a, b, cd(a, b), same_given(a, b)) for a, b in pairs)
    sifted = set(engine.rows(f"SELECT l, r FROM pairs WHERE {may_be_near_sql('l', 'r')}"))
    assert {(a, b) for a, b in pairs if cd(a, b) <= 1} <= sifted
    assert len(sifted) < len(pairs) / 2


def test_agreement_of_births(engine):
    keys = [None, 19800517, 19800500, 19800600, 19810517, 19801705, 19800518, 19790317, 20001231, 20010101, 19800705]
    pairs = [(a, b) for a in keys for b in keys]
    columns = {"l": pa.array([a for a, _ in pairs], pa.int64()), "r": pa.array([b for _, b in pairs], pa.int64())}
    engine.register("pairs", pa.table(columns))
    made = engine.rows(f"SELECT l, r, {agreement_sql('l', 'r')} AS level FROM pairs")
    assert sorted(made, key=repr) == sorted(((a, b, agreement(a, b)) for a, b in pairs), key=repr)


# --- the twins themselves, against what the register reads by -------------------------------------------------------


def test_a_number_is_a_key_exactly_when_the_register_would_take_it():
    for text in spoiled((number(), number(serial=100), number()[:6] + number()[8:17]), DIGITS, 5_000):
        try:
            taken = parse_id_number(text).value
        except IdNumberError:
            taken = None
        if taken is None or int(taken[6:10]) <= LATEST:
            assert read_id(text).id18 == taken, text


def test_a_birth_is_read_as_the_register_reads_it():
    for text in BIRTHS:
        try:
            found = parse_date(text)
        except DateError:
            found = None
        if found is not None and found.precision is Precision.DAY:
            assert birth_key(text) == int(f"{found.day:%Y%m%d}")
        elif found is not None and found.precision is Precision.MONTH:
            assert birth_key(text) == int(f"{found.day:%Y%m}00")
        else:
            assert birth_key(text) is None


def test_a_month_that_a_spreadsheet_may_have_cut_is_not_guessed():
    assert {text: birth_key(text) for text in TENTHS} == TENTHS


def test_a_distance_of_one_is_one_edit_and_nothing_else():
    names = spoiled(("王伟", "张晓伟", ""), "王玮伟晓小", 120)
    for left in names:
        near = {left[:i] + left[i + 1 :] for i in range(len(left))}
        near |= {left[:i] + c + left[i + 1 :] for i in range(len(left)) for c in "王玮伟晓小张"}
        near |= {left[:i] + left[i + 1] + left[i] + left[i + 2 :] for i in range(len(left) - 1)}
        for right in names:
            is_one_edit = left != right and (
                right in near or any(right[:i] + right[i + 1 :] == left for i in range(len(right)))
            )
            assert (cd(left, right) == 1) == is_one_edit, (left, right)


def test_the_check_character_is_part_of_the_number():
    assert check_character(number()[:17]) == number()[17]
    assert read_id(number()[:17] + ("1" if number()[17] != "1" else "2")).flags == ",checksum,"

"""Who there is: invented people with names, births and ID numbers that nobody else has."""

from bianzhi.kernel.identifiers.id_number import CHECK_CHARACTERS, UNALLOCATED_REGION, WEIGHTS
from bianzhi.reconciliation.generate import characters as made_of
from bianzhi.reconciliation.generate.draws import Lots
from bianzhi.reconciliation.generate.options import GenerateOptions

SERIALS = 500  # for each day and sex
OLDEST, DAYS_IN_SERVICE = "1966-12-01", 14_000
OLDEST_RETIRED, DAYS_RETIRED = "1941-01-01", 9_400
QUOTA_TYPES = ("行政编制", "参公事业编制", "事业编制", "工勤编制")
RETIRED_SHARE, DEAD_SHARE = 0.03, 0.001
POSTS = [
    "科员",
    "一级科员",
    "四级主任科员",
    "副科长",
    "科长",
    "主任",
    "副主任",
    "专业技术十一级",
    "专业技术十级",
    "专业技术七级",
    "管理九级",
    "高级工",
]


def id_number_sql(birth: str, serial: str) -> str:
    """SQL of a sound ID number from a date and a serial of 0 to 999."""
    body = f"'{UNALLOCATED_REGION}' || strftime({birth}, '%Y%m%d') || lpad(CAST({serial} AS VARCHAR), 3, '0')"
    return with_check(body)


def with_check(body: str) -> str:
    """SQL of 17 digits and their check character."""
    total = " + ".join(
        f"{weight} * CAST(substr({body}, {place}, 1) AS INTEGER)" for place, weight in enumerate(WEIGHTS, 1)
    )
    return f"({body}) || substr('{CHECK_CHARACTERS}', 1 + ({total}) % 11, 1)"


def invented_persons(options: GenerateOptions, lots: Lots, first: int, count: int) -> str:
    """SQL making `count` people from number `first` on, with columns as `lives` wants them.

    Those from number `options.people` on are hired in the second month. Numbered pairs may be twins (one birth,
    one surname) or bear the same ID number by mistake of the issuing office (重号).
    """
    return f"""
WITH people AS (
    SELECT pid, CAST(pid - pid % 2 AS VARCHAR) AS pair, CAST(pid AS VARCHAR) AS own
    FROM (SELECT CAST(range AS BIGINT) AS pid FROM range({first}, {first + count}))
), fates AS (
    SELECT *, {lots.share("pair", "pair")} AS pair_lot, {lots.share("state", "own")} AS state_lot FROM people
), pairs AS (
    SELECT *, pair_lot < {2 * options.persons.twins!r} AS is_twin,
        pair_lot >= 0.5 AND pair_lot < {0.5 + options.persons.collided!r} AS is_collided,
        CASE WHEN pid >= {options.people} THEN 'hired' WHEN state_lot < {RETIRED_SHARE} THEN 'retired'
             WHEN state_lot < {RETIRED_SHARE + DEAD_SHARE} THEN 'dead' ELSE 'active' END AS state1
    FROM fates
), births AS (
    SELECT *, CASE WHEN is_twin OR is_collided THEN pair ELSE own END AS birth_key,
        CASE WHEN is_twin THEN pair ELSE own END AS name_key
    FROM pairs
), drawn AS (
    SELECT *,
        CASE WHEN {lots.share("sex", "birth_key")} < 0.48 THEN '女' ELSE '男' END AS sex,
        CASE WHEN state1 = 'retired' AND NOT is_twin AND NOT is_collided
             THEN DATE '{OLDEST_RETIRED}' + CAST({lots.below(DAYS_RETIRED, "birth", "birth_key")} AS INTEGER)
             ELSE DATE '{OLDEST}' + CAST({lots.below(DAYS_IN_SERVICE, "birth", "birth_key")} AS INTEGER) END AS birth,
        {_surname(lots)} AS surname, {lots.share("given", "name_key")} < 0.22 AND NOT is_twin AS is_single,
        {lots.share("kind of name", "own")} AS name_lot
    FROM births
), named AS (
    SELECT *, {_name(options, lots)} AS name,
        CASE WHEN is_collided AND pid % 2 = 1 THEN pid - 1 ELSE pid END AS holder
    FROM drawn
)
SELECT pid, name, sex, birth, surname, holder, state1,
    CASE WHEN is_twin AND {lots.share("twins together", "pair")} < 0.5 THEN pair ELSE own END AS unit_key,
    {lots.share("reissued", "own")} < {options.persons.reissued!r} AND NOT is_collided AS is_reissued,
    strftime(least(birth + CAST(8000 + {lots.below(3000, "since", "own")} AS INTEGER), DATE '2026-09-01'), '%Y-%m-01')
        AS since
FROM named"""


def _surname(lots: Lots) -> str:
    pool = made_of.surnames()
    compound = "".join(made_of.COMPOUND_SURNAMES)
    place = f"1 + 2 * {lots.below(len(made_of.COMPOUND_SURNAMES), 'compound', 'name_key')}"
    return (
        f"CASE WHEN {lots.share('is compound', 'name_key')} < 0.008 THEN substr('{compound}', {place}, 2) "
        f"ELSE {lots.one_of(pool, 'surname', 'name_key')} END"
    )


def _name(options: GenerateOptions, lots: Lots) -> str:
    minority = options.persons.minority
    first, last = (
        f"[{', '.join(repr(part) for part in parts)}][1 + {lots.below(len(parts), stream, 'own')}]"
        for parts, stream in ((made_of.MINORITY_FIRST, "minority"), (made_of.MINORITY_LAST, "father"))
    )
    rare = f"surname || {lots.one_of(made_of.RARE_MARKS, 'rare', 'own')}"
    return f"""CASE WHEN name_lot < {minority!r} AND NOT is_twin THEN {first} || '·' || {last}
        WHEN name_lot < {minority + options.persons.rare!r} AND NOT is_twin
        THEN {rare} || CASE WHEN is_single THEN '' ELSE {lots.one_of(made_of.MALE, "given 2", "own")} END
        WHEN is_twin THEN surname || {_by_sex(lots, "given 1", "name_key")} || {_twin_character(lots)}
        WHEN is_single THEN surname || {_by_sex(lots, "given 1", "own")}
        ELSE surname || {_by_sex(lots, "given 1", "own")} || {_by_sex(lots, "given 2", "own")} END"""


def _by_sex(lots: Lots, stream: str, key: str) -> str:
    male, female = lots.one_of(made_of.MALE, stream, key), lots.one_of(made_of.FEMALE, stream, key)
    return f"CASE WHEN sex = '男' THEN {male} ELSE {female} END"


def _twin_character(lots: Lots) -> str:
    pool = made_of.distinct(made_of.MALE + made_of.FEMALE)
    count = len(pool)
    step = f"(pid % 2) * (1 + {lots.below(count - 1, 'twin step', 'pair')})"
    return f"substr('{pool}', 1 + ({lots.below(count, 'twin', 'pair')} + {step}) % {count}, 1)"


def numbered(lots: Lots, serial_offset: int) -> str:
    """SQL giving the people of `drawn_persons` their numbers, and an older one to those whose number was reissued.

    Serials run on within a day and sex from an offset of that day, so no two numbers are equal.
    """
    offset = f"{serial_offset} + {lots.below(200, 'offset', 'CAST(birth AS VARCHAR)')}"
    index = f"({offset} + place - 1) % {SERIALS}"
    serial = f"2 * ({index}) + CASE WHEN sex = '男' THEN 1 ELSE 0 END"
    return f"""
WITH wanted AS (
    SELECT pid, birth, sex, 0 AS version FROM drawn_persons WHERE holder = pid
    UNION ALL SELECT pid, birth, sex, 1 FROM drawn_persons WHERE is_reissued
), placed AS (
    SELECT *, row_number() OVER (PARTITION BY birth, sex ORDER BY version, pid) AS place FROM wanted
), bodies AS (
    SELECT pid, version, place, '{UNALLOCATED_REGION}' || strftime(birth, '%Y%m%d')
        || lpad(CAST({serial} AS VARCHAR), 3, '0') AS body FROM placed
), numbers AS (
    SELECT pid, version, place, {with_check("body")} AS number FROM bodies
)
SELECT p.* EXCLUDE (holder, is_reissued), n.number AS id_number, o.number AS old_number, n.place
FROM drawn_persons p JOIN numbers n ON n.pid = p.holder AND n.version = 0
LEFT JOIN numbers o ON o.pid = p.pid AND o.version = 1"""

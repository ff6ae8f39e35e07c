"""What the clerks wrote: slips in numbers, names and births, each with its kind, so that the truth can be told."""

from bianzhi.reconciliation.generate import characters as made_of
from bianzhi.reconciliation.generate.draws import Lots, choose
from bianzhi.reconciliation.generate.options import GenerateOptions


def mistakes(options: GenerateOptions, lots: Lots, people: int) -> str:
    """SQL from `postings` (and `units`, `lives`) to `written`: numbers, names and births as written, and `kinds`."""
    rates, noise = options.mistakes, options.noise
    fates = {
        "id_substitution": rates.id_substitution,
        "id_transposition": rates.id_transposition,
        "id_check": rates.id_check,
        "id_missing": rates.id_missing,
        "id_borrowed": rates.id_borrowed,
    }
    fifteen = f"CASE WHEN source = 'hr' THEN {rates.id_fifteen_hr * noise!r} ELSE {rates.id_fifteen * noise!r} END"
    rounded = f"{lots.share('rounded', 'key')} < {rates.id_rounded * noise!r}"
    id_fate = choose(lots.share("id", "key"), {kind: rate * noise for kind, rate in fates.items()})
    return f"""
WITH fated AS (
    SELECT p.*, {id_fate} AS fate,
        old_number IS NOT NULL AND {lots.share("old number", "key")} < 0.4 AS is_old,
        CAST(floor(1 + {lots.share("place", "key")} * 17) AS INTEGER) AS place,
        source = 'finance' AND (u.is_rounded OR {rounded}) AS is_rounded,
        year(birth) < 1999 AND {lots.share("fifteen", "key")} < {fifteen} AS is_fifteen
    FROM postings p JOIN units u ON u.idx = p.unit
), lent AS (
    SELECT f.*, l.id_number AS borrowed FROM fated f
    LEFT JOIN lives l ON f.fate = 'id_borrowed' AND l.pid = {lots.below(people, "lender", "key")}
), numbered AS (
    SELECT *, CASE WHEN is_old THEN old_number ELSE id_number END AS sound FROM lent
), spoiled AS (
    SELECT *, {_spoiled(lots)} AS spoiled FROM numbered
), miswritten AS (
    SELECT *, {_birth(options, lots)} AS birth_written, {_name(options, lots)} AS name_written,
        CASE WHEN is_rounded AND length(spoiled) = 18 THEN substr(spoiled, 1, 15) || '000'
             WHEN is_fifteen AND length(spoiled) = 18 AND fate IS NULL
             THEN substr(spoiled, 1, 6) || substr(spoiled, 9, 9)
             ELSE spoiled END AS short
    FROM spoiled
), decorated AS (
    SELECT *, {_decorated(options, lots)} AS id_written FROM miswritten
)
SELECT * EXCLUDE (spoiled, short, sound, borrowed), {_kinds()} AS kinds FROM decorated"""


def _spoiled(lots: Lots) -> str:
    other = f"CAST((CAST(substr(sound, place, 1) AS INTEGER) + 1 + {lots.below(9, 'digit', 'key')}) % 10 AS VARCHAR)"
    at = "least(place, 16)"
    right = "strpos('0123456789X', substr(sound, 18, 1))"
    check = f"substr('0123456789X', 1 + ({right} + {lots.below(10, 'check', 'key')}) % 11, 1)"
    return f"""CASE fate WHEN 'id_substitution' THEN substr(sound, 1, place - 1) || {other} || substr(sound, place + 1)
        WHEN 'id_transposition' THEN substr(sound, 1, {at} - 1) || substr(sound, {at} + 1, 1) || substr(sound, {at}, 1)
            || substr(sound, {at} + 2)
        WHEN 'id_check' THEN substr(sound, 1, 17) || {check}
        WHEN 'id_missing' THEN NULL WHEN 'id_borrowed' THEN coalesce(borrowed, sound) ELSE sound END"""


def _decorated(options: GenerateOptions, lots: Lots) -> str:
    rates, noise = options.mistakes, options.noise
    spaced = "substr(short, 1, 6) || ' ' || substr(short, 7, 8) || ' ' || substr(short, 15)"
    full = "translate(short, '0123456789X', '０１２３４５６７８９Ｘ')"
    quoted = "'''' || short"
    return f"""CASE WHEN is_rounded THEN short
        WHEN {lots.share("spaced", "key")} < {rates.id_spaced * noise!r} THEN {spaced}
        WHEN {lots.share("decorated", "key")} < {rates.id_decorated * noise!r}
        THEN CASE WHEN {lots.share("quoted", "key")} < 0.5 THEN {quoted} ELSE {full} END
        WHEN {lots.share("lower", "key")} < {rates.id_lower * noise!r} THEN lower(short) ELSE short END"""


def _birth(options: GenerateOptions, lots: Lots) -> str:
    wrong = f"{lots.share('birth', 'key')} < {options.mistakes.birth_wrong * options.noise!r}"
    how = lots.share("how wrong", "key")
    days = f"CAST(1 + {lots.below(9, 'days', 'key')} AS INTEGER)"
    years = f"CAST(1 + {lots.below(10, 'years', 'key')} AS INTEGER)"
    swapped = "CASE WHEN day(birth) <= 12 THEN make_date(year(birth), day(birth), month(birth)) ELSE birth + 10 END"
    return f"""CAST(CASE WHEN NOT ({wrong}) THEN birth WHEN {how} < 0.4 THEN birth + {days}
        WHEN {how} < 0.6 THEN birth + INTERVAL 1 MONTH WHEN {how} < 0.8 THEN birth - to_years({years})
        ELSE {swapped} END AS DATE)"""


def _name(options: GenerateOptions, lots: Lots) -> str:
    rates, noise = options.mistakes, options.noise
    lot = lots.share("name", "key")
    dotted, rare = min(0.9, rates.minority_dot * noise), min(0.9, rates.rare_character * noise)
    edges = [0.0]
    for rate in (rates.name_variant, rates.name_spaced, rates.name_wrong, rates.name_note):
        edges.append(edges[-1] + rate * noise)
    dots = f"[{', '.join(repr(dot) for dot in made_of.DOTS)}][1 + {lots.below(len(made_of.DOTS), 'dot', 'key')}]"
    plain = f"translate(name, '{made_of.RARE_MARKS}', '{made_of.RARE_PLAIN}')"
    lost = f"""CASE WHEN {lots.share("lost", "key")} < 0.6
        THEN translate(name, '{made_of.RARE_MARKS}', '{"?" * 5}{"□" * 5}') ELSE {plain} END"""
    return f"""CASE
        WHEN strpos(name, '·') > 0 THEN CASE WHEN {lots.share("dotted", "key")} < {dotted!r}
            THEN replace(name, '·', {dots}) ELSE name END
        WHEN {plain} <> name AND {lots.share("rare lost", "key")} < {rare!r} THEN {lost}
        WHEN old_name IS NOT NULL AND {lots.share("old name", "key")} < 0.4 THEN old_name
        WHEN {lot} < {edges[1]!r} THEN translate(name, '{made_of.PLAIN_FORMS}', '{made_of.WRITTEN_FORMS}')
        WHEN {lot} < {edges[2]!r} THEN CASE WHEN {lots.share("blank", "key")} < 0.7
            THEN substr(name, 1, 1) || ' ' || substr(name, 2) ELSE substr(name, 1, 1) || '　' || substr(name, 2) END
        WHEN {lot} < {edges[3]!r} THEN {_misheard(lots)}
        WHEN {lot} < {edges[4]!r} THEN name || CASE sex WHEN '女' THEN '（女）' ELSE '（大）' END
        ELSE name END"""


def _misheard(lots: Lots) -> str:
    """One character of the given name taken for another: one that sounds alike, else any."""
    at = f"(length(surname) + 1 + {lots.below('greatest(1, length(name) - length(surname))', 'which', 'key')})"
    right = f"substr(name, {at}, 1)"
    alike = f"translate({right}, '{made_of.HEARD}', '{made_of.MISHEARD}')"
    any_other = lots.one_of(made_of.distinct(made_of.MALE + made_of.FEMALE), "any other", "key")
    wrong = f"CASE WHEN {alike} <> {right} THEN {alike} ELSE {any_other} END"
    return f"substr(name, 1, {at} - 1) || {wrong} || substr(name, {at} + 1)"


def _kinds() -> str:
    """The kinds of the mistakes that changed something, comma framed; empty when the row is as it should be."""
    plain = f"translate(name, '{made_of.RARE_MARKS}', '{made_of.RARE_PLAIN}') <> name"
    variant = f"name_written = translate(name, '{made_of.PLAIN_FORMS}', '{made_of.WRITTEN_FORMS}')"
    name_kind = f"""CASE WHEN name_written = name THEN '' WHEN strpos(name, '·') > 0 THEN 'minority_dot,'
        WHEN {plain} THEN 'rare_character,' WHEN name_written IS NOT DISTINCT FROM old_name THEN 'surname_change,'
        WHEN strpos(name_written, ' ') > 0 OR strpos(name_written, '　') > 0 THEN 'name_spaced,'
        WHEN strpos(name_written, '（') > 0 THEN 'name_note,' WHEN {variant} THEN 'name_variant,'
        ELSE 'name_wrong,' END"""
    parts = [
        "CASE WHEN fate IS NOT NULL AND spoiled IS DISTINCT FROM sound THEN fate || ',' ELSE '' END",
        "CASE WHEN is_old AND spoiled IS NOT NULL THEN 'id_reissued,' ELSE '' END",
        "CASE WHEN is_rounded AND spoiled IS NOT NULL THEN 'id_rounded,' ELSE '' END",
        "CASE WHEN length(short) = 15 THEN 'id_fifteen,' ELSE '' END",
        "CASE WHEN strpos(id_written, ' ') > 0 THEN 'id_spaced,' WHEN upper(id_written) IS DISTINCT FROM short "
        "THEN 'id_decorated,' WHEN id_written IS DISTINCT FROM short THEN 'id_lower,' ELSE '' END",
        name_kind,
        "CASE WHEN source IN ('establishment', 'hr') AND birth_written <> birth OR source = 'organization' AND "
        "strftime(birth_written, '%Y%m') <> strftime(birth, '%Y%m') THEN 'birth_wrong,' ELSE '' END",
    ]
    return f"',' || {' || '.join(parts)}"

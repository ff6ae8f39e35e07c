"""Which department lists whom, and where: the rosters as they would be without a slip of the pen."""

from bianzhi.reconciliation.generate.draws import Lots
from bianzhi.reconciliation.generate.options import GenerateOptions
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION

MISSING_FROM_ORGANIZATION, MISSING_FROM_HR = 0.03, 0.005
GHOST_IN_ORGANIZATION, GHOST_IN_HR = 0.3, 0.5


def postings(options: GenerateOptions, lots: Lots, month: int) -> str:
    """SQL from `lives` to the postings of month 1 or 2: one row for each row a department delivers.

    `key` names the row as a clerk typed it; a few are typed anew in the second month, and their mistakes with them.
    """
    late = options.register_is_late
    parts = [_of(source, lots, month, late=late) for source in (ESTABLISHMENT, ORGANIZATION, HR, FINANCE)]
    second = [
        _second(ESTABLISHMENT, "two_units", lots, month, late=late),
        _second(FINANCE, "paid_twice", lots, month, late=late),
    ]
    typed = "own || '/' || source || '/' || n"
    version = f"CASE WHEN {lots.share('retyped', typed)} < {options.events.retyped!r} THEN '/2' ELSE '' END"
    return f"""
WITH listed AS ({" UNION ALL ".join(parts + second)})
SELECT *, {typed} || {version if month == 2 else "''"} AS key FROM listed"""


def _seen_by(source: str, month: int, *, late: bool) -> str:
    """SQL of each person as a department knows them in a month."""
    if month == 1 or (late and source == ESTABLISHMENT):
        kind = "kind1" if month == 1 else "kind2"
        return f"SELECT *, state1 AS state, unit1 AS unit, quota1 AS quota, name AS called, {kind} AS kind FROM lives"
    knows = f"(alone IS NULL OR alone = '{source}')"
    columns = ", ".join(
        f"CASE WHEN {knows} THEN {then} ELSE {now} END AS {name}"
        for then, now, name in (
            ("state2", "state1", "state"),
            ("unit2", "unit1", "unit"),
            ("quota2", "quota1", "quota"),
            ("name2", "name", "called"),
        )
    )
    return f"SELECT *, {columns}, kind2 AS kind FROM lives"


def _of(source: str, lots: Lots, month: int, *, late: bool) -> str:
    is_kind = "kind IS NOT DISTINCT FROM"
    present = {
        ESTABLISHMENT: f"state = 'active' AND NOT {is_kind} 'ghost_payroll' "
        f"OR state = 'retired' AND {is_kind} 'retired_listed' OR state = 'dead' AND {is_kind} 'dead_listed'",
        ORGANIZATION: f"state = 'active' AND {lots.share('in organization', 'own')} < "
        f"CASE WHEN {is_kind} 'ghost_payroll' THEN {GHOST_IN_ORGANIZATION} ELSE {1 - MISSING_FROM_ORGANIZATION} END",
        HR: f"state IN ('retired', 'dead') OR state = 'active' AND {lots.share('in hr', 'own')} < "
        f"CASE WHEN {is_kind} 'ghost_payroll' THEN {GHOST_IN_HR} ELSE {1 - MISSING_FROM_HR} END",
        FINANCE: f"state = 'active' AND NOT {is_kind} 'unpaid' "
        f"OR state = 'retired' AND {is_kind} 'retired_paid' OR state = 'dead' AND {is_kind} 'dead_paid'",
    }[source]
    unit = f"CASE WHEN {is_kind} 'unit_mismatch' THEN other ELSE unit END" if source == FINANCE else "unit"
    return _select(source, 1, unit, present, lots, _seen_by(source, month, late=late))


def _second(source: str, kind: str, lots: Lots, month: int, *, late: bool) -> str:
    condition = f"state = 'active' AND kind = '{kind}'"
    return _select(source, 2, "other", condition, lots, _seen_by(source, month, late=late))


def _select(source: str, number: int, unit: str, condition: str, lots: Lots, people: str) -> str:
    at_hr = source == HR
    days = f"CAST(400 + {lots.below(2000, 'birth conflict', 'own')} AS INTEGER)"
    later = f"CASE WHEN {lots.share('later', 'own')} < 0.5 THEN birth + {days} ELSE birth - {days} END"
    birth = f"CASE WHEN kind IS NOT DISTINCT FROM 'birth_conflict' THEN CAST({later} AS DATE) ELSE birth END"
    other_sex = "CASE sex WHEN '男' THEN '女' ELSE '男' END"
    sex = f"CASE WHEN kind IS NOT DISTINCT FROM 'sex_conflict' THEN {other_sex} ELSE sex END"
    funding_wrong = "kind IS NOT DISTINCT FROM 'funding_mismatch'" if source == FINANCE else "false"
    quota = "CASE WHEN kind IS NOT DISTINCT FROM 'quota_type_mismatch' THEN other_quota ELSE quota END"
    return f"""
SELECT pid, own, '{source}' AS source, '{number}' AS n, {unit} AS unit, called AS name, old_name, surname,
    {sex if at_hr else "sex"} AS sex, {birth if at_hr else "birth"} AS birth, id_number, old_number,
    {quota if at_hr else "quota"} AS quota, {funding_wrong} AS is_funding_wrong,
    CASE state WHEN 'retired' THEN '退休' WHEN 'dead' THEN '死亡' ELSE '在职' END AS status, state, since, post, pay
FROM ({people}) WHERE {condition}"""

"""The labels: who each row is about, what the departments really disagree about, what really happened."""

from bianzhi.reconciliation.generate.draws import Lots
from bianzhi.reconciliation.generate.options import GenerateOptions
from bianzhi.reconciliation.generate.postings import GHOST_IN_HR
from bianzhi.reconciliation.generate.texts import FUNDING

DAYS_OF_A_CONFLICT = 366


def quotas(options: GenerateOptions, lots: Lots) -> str:
    """SQL from `written` of the first month to `quotas`: idx, quota. Some units have fewer than people."""
    over = lots.share("over quota", "CAST(idx AS VARCHAR)")
    spare = lots.share("spare quota", "CAST(idx AS VARCHAR)")
    return f"""
WITH used AS (
    SELECT u.idx, count(DISTINCT w.pid) AS used FROM units u
    LEFT JOIN written w ON w.unit = u.idx AND w.source = 'establishment' GROUP BY u.idx
)
SELECT idx, CAST(CASE WHEN {over} < {options.discrepancies.units_over_quota!r}
    THEN greatest(0, used - 1 - floor({spare} * 3))
    ELSE used + ceil({spare} * (2 + 0.15 * used)) END AS BIGINT) AS quota FROM used"""


def unit_quotas(month: int) -> str:
    """SQL from `quotas` to what the 编办 approved by a month: all types together; merged units bring theirs along."""
    name, code = ("name2", "code2") if month == 2 else ("name", "code")
    return f"""SELECT u.{name} AS unit, u.{code} AS unit_code, CAST(NULL AS VARCHAR) AS quota_type,
        CAST(sum(q.quota) AS BIGINT) AS approved
        FROM quotas q JOIN units u ON u.idx = q.idx GROUP BY 1, 2 ORDER BY 1"""


def findings(month: int) -> str:
    """SQL from `written` to the true findings: kind, person (NULL for a unit's), unit (the 编办's name)."""
    name = "name2" if month == 2 else "name"
    conditions = {
        "ghost_payroll": "paid > 0 AND listed = 0 AND NOT is_retired AND NOT is_dead",
        "unpaid": "listed > 0 AND paid = 0 AND NOT is_retired AND NOT is_dead",
        "two_units": "listed_units > 1",
        "paid_twice": "paying_units > 1",
        "retired_listed": "is_retired AND listed > 0",
        "retired_paid": "is_retired AND paid > 0",
        "dead_listed": "is_dead AND listed > 0",
        "dead_paid": "is_dead AND paid > 0",
        "unit_mismatch": "listed_units = 1 AND paying_units = 1 AND listed_unit <> paying_unit",
        "quota_type_mismatch": "listed_quota <> hr_quota",
        "funding_mismatch": "listed_units = 1 AND paying_units = 1 AND listed_funding <> paid_funding",
        "birth_conflict": f"abs(listed_birth - hr_birth) > {DAYS_OF_A_CONFLICT}",
        "sex_conflict": "listed_sex <> hr_sex",
    }
    lists = " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, person, coalesce(listed_unit, paying_unit) AS unit FROM wide WHERE {condition}"
        for kind, condition in conditions.items()
    )
    of = {"listed": "w.source = 'establishment'", "paid": "w.source = 'finance'", "hr": "w.source = 'hr'"}
    return f"""
WITH wide AS (
    SELECT w.pid AS person, count(*) FILTER ({of["listed"]}) AS listed, count(*) FILTER ({of["paid"]}) AS paid,
        count(DISTINCT u.{name}) FILTER ({of["listed"]}) AS listed_units,
        count(DISTINCT u.{name}) FILTER ({of["paid"]}) AS paying_units,
        min(u.{name}) FILTER ({of["listed"]}) AS listed_unit, min(u.{name}) FILTER ({of["paid"]}) AS paying_unit,
        min(w.quota) FILTER ({of["listed"]}) AS listed_quota, min(w.quota) FILTER ({of["hr"]}) AS hr_quota,
        min({FUNDING}) FILTER ({of["listed"]}) AS listed_funding, min({FUNDING}) FILTER ({of["paid"]}) AS paid_funding,
        min(w.birth_written) FILTER ({of["listed"]}) AS listed_birth,
        min(w.birth_written) FILTER ({of["hr"]}) AS hr_birth,
        min(w.sex) FILTER ({of["listed"]}) AS listed_sex, min(w.sex) FILTER ({of["hr"]}) AS hr_sex,
        coalesce(bool_or({of["hr"]} AND w.status = '退休'), false) AS is_retired,
        coalesce(bool_or({of["hr"]} AND w.status = '死亡'), false) AS is_dead
    FROM written w JOIN units u ON u.idx = w.unit GROUP BY w.pid
), used AS (
    SELECT u.{name} AS unit, count(DISTINCT w.pid) AS used FROM written w JOIN units u ON u.idx = w.unit
    WHERE {of["listed"]} GROUP BY 1
), allowed AS ({unit_quotas(month)})
{lists}
UNION ALL SELECT 'over_quota', NULL, used.unit FROM used JOIN allowed USING (unit) WHERE used > approved
ORDER BY ALL"""


def events(options: GenerateOptions, lots: Lots) -> str:
    """SQL from `lives` to the true events: kind, person, field, from_unit, to_unit, cause, told_by, lane.

    `lane` is "candidate" where two departments tell, else "waiting". `merger` is nobody's own event: the whole unit
    went into another; evaluation sets those people apart. A discrepancy that is settled, or new, takes people off the
    establishment office's list or puts them on it: that is an exit or a hire too.
    """
    lane = "CASE WHEN alone IS NULL THEN 'candidate' ELSE 'waiting' END"
    parts = [
        f"""SELECT CASE WHEN event IN ('retired', 'left', 'died') THEN 'exit'
            WHEN event IN ('quota_type', 'name') THEN 'attribute' ELSE event END AS kind, pid AS person,
        CASE WHEN event IN ('quota_type', 'name') THEN event END AS field,
        CASE WHEN event <> 'hire' THEN before END AS from_unit,
        CASE WHEN event IN ('hire', 'transfer') THEN after END AS to_unit, event AS cause, alone AS told_by,
        {lane} AS lane FROM seated WHERE event IS NOT NULL AND (event <> 'transfer' OR before_now <> after)""",
        """SELECT 'merger', pid, NULL, before, before_now, 'merger', NULL, 'waiting' FROM seated
        WHERE merged_into IS NOT NULL AND event IS NULL AND state1 = 'active'""",
    ]
    if not options.register_is_late:
        parts.append(
            f"""SELECT CASE WHEN was_listed THEN 'exit' ELSE 'hire' END, pid, NULL,
            CASE WHEN was_listed THEN before END, CASE WHEN is_listed THEN after END,
            CASE WHEN was_listed THEN 'unlisted' ELSE 'listed' END, NULL,
            CASE WHEN was_listed AND state1 = 'active' AND {lots.share("in hr", "own")} < {GHOST_IN_HR}
                THEN 'waiting' ELSE 'candidate' END
            FROM seated WHERE event IS NULL AND was_listed <> is_listed"""
        )
    return f"""
WITH seated AS (
    SELECT l.*, a.name AS before, a.name2 AS before_now, b.name2 AS after, a.merged_into,
        {_listed("state1", "kind1")} AS was_listed, {_listed("state1", "kind2")} AS is_listed
    FROM lives l JOIN units a ON a.idx = l.unit1 JOIN units b ON b.idx = l.unit2
)
{" UNION ALL ".join(parts)}
ORDER BY ALL"""


def _listed(state: str, kind: str) -> str:
    """SQL of whether the establishment office lists a person, as `postings` has it."""
    return (
        f"(coalesce({state} = 'active' AND {kind} IS DISTINCT FROM 'ghost_payroll', false) "
        f"OR coalesce({state} = 'retired' AND {kind} = 'retired_listed', false) "
        f"OR coalesce({state} = 'dead' AND {kind} = 'dead_listed', false))"
    )

"""Each department's own way of writing: which columns it has, in what forms, in what order of rows."""

from bianzhi.reconciliation.generate.draws import Lots
from bianzhi.reconciliation.generate.options import GenerateOptions

SOURCE_ORDER = "CASE source WHEN 'establishment' THEN 1 WHEN 'organization' THEN 2 WHEN 'hr' THEN 3 ELSE 4 END"
OTHER_FUNDING = "CASE u.funding WHEN '财政全额拨款' THEN '财政差额补助' ELSE '财政全额拨款' END"
FUNDING = f"CASE WHEN w.is_funding_wrong THEN {OTHER_FUNDING} ELSE u.funding END"
SHORT_QUOTA = "replace(CASE quota WHEN '参公事业编制' THEN '参公' ELSE quota END, '编制', '')"
SHORT_FUNDING = "replace(replace(funding, '财政', ''), '经费自理', '自收自支')"


def texts(options: GenerateOptions, lots: Lots, month: int) -> str:
    """SQL from `written` and `units` to `delivered`: ROSTER_COLUMNS but for delivery, with `place` counting from 1.

    `person`, `kinds` and `true_unit` (the 编办's name of that month) travel along for the truth; files leave them out.
    """
    name, short = ("name2", "short2") if month == 2 else ("name", "short")
    is_new = "true" if month == 1 else f"(w.source = 'establishment' OR NOT {_by_source('slow')})"
    code = "code2" if month == 2 else "code"
    writes_short = (
        f"({_by_source('has_short')} <> ({lots.share('writing', 'w.key')} < {options.mistakes.unit_other_writing!r}))"
    )
    full_now, short_now = (
        f"CASE WHEN {is_new} THEN u.{name} ELSE u.name END",
        f"CASE WHEN {is_new} THEN u.{short} ELSE u.short END",
    )
    shortest = f"CASE WHEN u.is_ambiguous AND w.source = 'finance' THEN substr({short_now}, 3) ELSE {short_now} END"
    twice = options.mistakes.row_twice * options.noise
    return f"""
WITH once AS (
    SELECT w.source, w.pid AS person, w.kinds, u.{name} AS true_unit, w.id_written AS id_number, w.name_written AS name,
        w.birth_written, w.sex, w.quota, {FUNDING} AS funding, w.status, w.post, w.since, w.pay, w.key, w.unit AS seat,
        CASE WHEN w.source <> 'establishment' AND {writes_short} THEN {shortest} ELSE {full_now} END AS unit,
        CASE w.source WHEN 'establishment' THEN u.{code} WHEN 'organization' THEN u.own_code
            WHEN 'hr' THEN CASE WHEN {lots.share("no code", "w.key")} >= 0.02 THEN u.{code} END END AS unit_code,
        w.source = 'finance' AND w.is_rounded AND w.id_written IS NOT NULL AS is_rounded
    FROM written w JOIN units u ON u.idx = w.unit
), copied AS (
    SELECT *, 1 AS copy FROM once UNION ALL
    SELECT *, 2 FROM once WHERE source = 'hr' AND {lots.share("twice", "key")} < {twice!r}
)
SELECT source, person, kinds || CASE WHEN copy = 2 THEN 'row_twice,' ELSE '' END AS kinds, true_unit, id_number, name,
    CASE WHEN source <> 'finance' THEN sex END AS sex,
    {_birth(lots)} AS birth, unit, unit_code,
    CASE WHEN source = 'establishment' THEN quota WHEN source = 'hr' THEN
        CASE WHEN {lots.share("short quota", "key")} < 0.2 THEN {SHORT_QUOTA} ELSE quota END END AS quota_type,
    CASE WHEN source = 'establishment' THEN funding WHEN source = 'finance' THEN
        CASE WHEN {lots.share("short funding", "key")} < 0.5 THEN {SHORT_FUNDING} ELSE funding END END AS funding,
    CASE source WHEN 'establishment' THEN '在编' WHEN 'organization' THEN '在职' WHEN 'hr' THEN status END AS status,
    CASE WHEN source IN ('establishment', 'organization') THEN post END AS post,
    CASE WHEN source IN ('establishment', 'hr') THEN since END AS since,
    CASE WHEN source = 'finance' THEN pay END AS pay,
    CASE WHEN is_rounded THEN 'id_rounded' END AS flags,
    row_number() OVER (PARTITION BY source ORDER BY seat, {lots.share("order", "key")}, key, copy) AS place
FROM copied"""


def _by_source(prefix: str) -> str:
    return (
        f"CASE w.source WHEN 'organization' THEN u.{prefix}_organization WHEN 'hr' THEN u.{prefix}_hr "
        f"WHEN 'finance' THEN u.{prefix}_finance ELSE false END"
    )


def _birth(lots: Lots) -> str:
    lot = lots.share("birth form", "key")
    return f"""CASE WHEN source = 'organization' THEN strftime(birth_written, '%Y.%m')
        WHEN source = 'establishment' AND {lot} < 0.03 THEN strftime(birth_written, '%Y/%-m/%-d')
        WHEN source = 'establishment' THEN strftime(birth_written, '%Y-%m-%d')
        WHEN source = 'hr' AND {lot} < 0.02 THEN strftime(birth_written, '%Y年%-m月%-d日')
        WHEN source = 'hr' THEN strftime(birth_written, '%Y%m%d') END"""

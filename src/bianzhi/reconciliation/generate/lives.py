"""What happens to each person: where on quota, what departments disagree about, what changes in the second month."""

from bianzhi.reconciliation.generate.characters import FEMALE, MALE, distinct
from bianzhi.reconciliation.generate.draws import Lots, choose
from bianzhi.reconciliation.generate.options import DiscrepancyRates, EventRates, GenerateOptions
from bianzhi.reconciliation.generate.persons import POSTS, QUOTA_TYPES

IN_SERVICE = (
    "ghost_payroll", "unpaid", "two_units", "paid_twice", "unit_mismatch", "quota_type_mismatch", "funding_mismatch",
    "birth_conflict", "sex_conflict",
)  # fmt: skip
RETIRED = ("retired_listed", "retired_paid")
DEAD = ("dead_listed", "dead_paid")


def lives(options: GenerateOptions, lots: Lots, unit_count: int) -> str:
    """SQL from `persons` (and `units`) to `lives`: one row a person, with both months side by side.

    `event` is what happened between the months and `alone` the only department that already knows; nobody has both an
    event and a discrepancy, so the truth about either is plain.
    """
    events = options.events
    return f"""
WITH placed AS (
    SELECT p.* EXCLUDE (unit, quota_type), CAST(p.pid AS VARCHAR) AS own, p.quota_type AS given_quota,
        coalesce(p.unit, {_unit(lots, unit_count, "unit", "p.unit_key")}) AS unit1
    FROM persons p
), housed AS (
    SELECT p.*, coalesce(given_quota, {_quota(lots)}) AS quota1,
        (unit1 + 1 + {lots.below(max(1, unit_count - 1), "other unit", "own")}) % {unit_count} AS other
    FROM placed p JOIN units u ON u.idx = p.unit1
), wrong AS (
    SELECT *, {_kind(lots, options.discrepancies, "kind", 1.0)} AS kind1 FROM housed
), eventful AS (
    SELECT *, CASE WHEN state1 = 'hired' THEN 'hire'
            WHEN kind1 IS NULL AND state1 = 'active' THEN {_event(lots, events)} END AS event,
        {lots.share("told by one", "own")} < {events.told_by_one!r} AS is_told_by_one
    FROM wrong
), settled AS (
    SELECT *, CASE WHEN is_told_by_one AND event IS NOT NULL THEN {_alone(options, lots)} END AS alone,
        CASE event WHEN 'hire' THEN 'active' WHEN 'retired' THEN 'retired' WHEN 'left' THEN 'left'
            WHEN 'died' THEN 'dead' ELSE state1 END AS state2,
        CASE WHEN event = 'transfer' THEN other ELSE unit1 END AS unit2,
        CASE WHEN event = 'quota_type' THEN {_other_quota(lots)} ELSE quota1 END AS quota2,
        {_other_quota(lots)} AS other_quota
    FROM eventful
)
SELECT *, CASE WHEN event = 'name' THEN surname || {lots.one_of(distinct(MALE + FEMALE), "new name 1", "own")}
            || {lots.one_of(distinct(MALE + FEMALE), "new name 2", "own")} ELSE name END AS name2,
    CASE WHEN event IS NOT NULL THEN NULL
        WHEN kind1 IS NOT NULL AND {lots.share("settled", "own")} >= {events.settled!r} THEN kind1
        WHEN kind1 IS NULL THEN {_kind(lots, options.discrepancies, "new kind", events.newly_wrong)} END AS kind2,
    CASE WHEN {lots.share("surname changed", "own")} < {options.persons.surname_changed * options.noise!r}
         THEN {lots.one_of("王李张刘陈周吴", "old surname", "own")} || substr(name, 1 + length(surname))
    END AS old_name,
    [{", ".join(repr(post) for post in POSTS)}][1 + {lots.below(len(POSTS), "post", "own")}] AS post,
    CAST(4000 + 10 * {lots.below(900, "pay", "own")} AS VARCHAR) || '.00' AS pay
FROM settled"""


def _unit(lots: Lots, unit_count: int, stream: str, key: str) -> str:
    """Units differ in size: the density falls with the square root of the rank."""
    return f"CAST(floor({unit_count} * pow({lots.share(stream, key)}, 1.5)) AS BIGINT)"


def _quota(lots: Lots) -> str:
    lot = lots.share("quota", "own")
    administrative, like, institution, worker = QUOTA_TYPES
    return (
        f"CASE WHEN {lot} < 0.04 THEN '{worker}' WHEN u.nature = 'organ' THEN '{administrative}' "
        f"WHEN u.nature = 'like' THEN '{like}' ELSE '{institution}' END"
    )


def _other_quota(lots: Lots) -> str:
    names = ", ".join(f"'{name}'" for name in QUOTA_TYPES)
    step = lots.below(len(QUOTA_TYPES) - 1, "other quota", "own")
    listed = f"[{names}][1 + (list_position([{names}], quota1) + {step}) % {len(QUOTA_TYPES)}]"
    return f"coalesce({listed}, CASE WHEN strpos(quota1, '行政') > 0 THEN '事业编制' ELSE '行政编制' END)"


def _kind(lots: Lots, rates: DiscrepancyRates, stream: str, factor: float) -> str:
    lot = lots.share(stream, "own")
    by_state = {
        state: choose(lot, {kind: getattr(rates, kind) * factor for kind in kinds})
        for state, kinds in (("active", IN_SERVICE), ("retired", RETIRED), ("dead", DEAD))
    }
    cases = " ".join(f"WHEN '{state}' THEN {case}" for state, case in by_state.items())
    return f"CASE state1 {cases} END"


def _event(lots: Lots, rates: EventRates) -> str:
    chances = {
        "transfer": rates.transferred,
        "retired": rates.retired,
        "left": rates.left,
        "died": rates.died,
        "quota_type": rates.quota_type_changed,
        "name": rates.renamed,
    }
    return choose(lots.share("event", "own"), chances)


def _alone(options: GenerateOptions, lots: Lots) -> str:
    """The one department that knows of an event already; what it tells must be something it lists."""
    if options.register_is_late:
        return "'hr'"
    which = lots.below(3, "alone", "own")
    return (
        "CASE WHEN event IN ('retired', 'died') THEN 'hr' WHEN event IN ('quota_type', 'name') THEN "
        f"['establishment', 'hr', 'hr'][1 + {which}] WHEN event = 'left' THEN "
        f"['establishment', 'finance', 'hr'][1 + {which}] ELSE ['establishment', 'hr', 'finance'][1 + {which}] END"
    )

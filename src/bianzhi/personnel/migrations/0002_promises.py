"""What the database promises about people on quota, on both engines.

Capacity: people (or appointments) on a unit's measure plus the slots reserved never exceed what the
ledger allots, whoever writes; known excess is marked on the row. On PostgreSQL the trigger locks the
unit's accounts first, so that two writers are judged one after the other; SQLite has one writer.
"""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, append_only, frozen_columns, undeletable

QUOTA_FULL = "该单位此类编制已无空额：实有与预占之和不得超过核定数（R02）"
POSTS_FULL = "该单位此级领导职数已满：实配数不得超过核定数（R09）"
CAP_FULL = "该单位控制数已满：用工人数不得超过控制数（R22）"
CUT_TOO_DEEP = "核减后核定数将低于实有与预占之和（R02）"
OVERLAP = "该人员占编期间重叠：一人只能占用一个编制（R04）"
REOPENED = "已结束或已更正的记录不能重新打开；请另行登记（R26）"
SLOT_FINAL = "已过期或已退回的名额不能再用（R01）"
NOT_CONFIRMED = "名额所在的核准单尚未核准，不能入编（R01）"
USED_AFTER_CONFIRMATION = "核准单上已有人员入编，不能撤销核准（R01）"

APPROVED = (
    "(SELECT COALESCE(SUM(p.amount), 0) FROM ledger_posting p JOIN ledger_account a ON a.id = p.account_id "
    "WHERE a.kind IN ('unit', 'body') AND a.organization_id = {org} AND a.measure = {measure})"
)
ON_QUOTA = (
    "((SELECT COUNT(*) FROM personnel_occupancy o WHERE o.organization_id = {org} AND o.quota_type = {measure} "
    "AND o.valid_to IS NULL AND o.superseded_at IS NULL) + "
    "(SELECT COUNT(*) FROM personnel_approvalslot s WHERE s.organization_id = {org} AND s.quota_type = {measure} "
    "AND s.state = 'reserved'))"
)
IN_POSTS = (
    "(SELECT COUNT(*) FROM personnel_appointment t WHERE t.organization_id = {org} AND t.post_level = {measure} "
    "AND t.is_principal AND t.valid_to IS NULL AND t.superseded_at IS NULL)"
)
ENGAGED = (
    "(SELECT COUNT(*) FROM personnel_engagement g WHERE g.organization_id = {org} AND g.kind = {measure} "
    "AND g.valid_to IS NULL AND g.superseded_at IS NULL)"
)
LOCK_ACCOUNTS = (
    "PERFORM 1 FROM ledger_account WHERE organization_id = {org} AND measure = {measure} ORDER BY id FOR UPDATE;"
)


def capacity(name: str, table: str, when: str, measure: str, used: str, condition: str, message: str) -> Trigger:
    """Refuse a row that takes a unit's measure over what the ledger allots, when `condition` holds."""
    org, measure = "NEW.organization_id", f"NEW.{measure}"
    excess = f"{used.format(org=org, measure=measure)} > {APPROVED.format(org=org, measure=measure)}"
    return Trigger(
        name=name,
        table=table,
        when=when,
        sqlite_when=f"({condition})",
        sqlite_body=f"SELECT RAISE(ABORT, '{message}') WHERE {excess};",
        postgres_body=f"""
            BEGIN
              IF {condition} THEN
                {LOCK_ACCOUNTS.format(org=org, measure=measure)}
                IF {excess} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END IF;
              END IF;
              RETURN NULL;
            END;
        """,
    )


def no_reopening(table: str, condition: str, message: str) -> Trigger:
    """Refuse an UPDATE that brings a finished row back."""
    return Trigger(
        name=f"{table}_no_reopening",
        table=table,
        when="BEFORE UPDATE",
        sqlite_when=f"({condition})",
        sqlite_body=f"SELECT RAISE(ABORT, '{message}');",
        postgres_body=(
            f"BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; "
            f"END IF; RETURN NEW; END;"
        ),
    )


REOPENS = (
    "(OLD.valid_to IS NOT NULL AND (NEW.valid_to IS NULL OR NEW.valid_to > OLD.valid_to)) "
    "OR (OLD.superseded_at IS NOT NULL AND NEW.superseded_at IS NULL)"
)
OPEN_ROW = "NEW.valid_to IS NULL AND NEW.superseded_at IS NULL"
OVERLAPPING = """EXISTS (
    SELECT 1 FROM personnel_occupancy o
    WHERE o.person_id = NEW.person_id AND o.id <> NEW.id AND o.superseded_at IS NULL
      AND (NEW.valid_to IS NULL OR o.valid_from < NEW.valid_to)
      AND (o.valid_to IS NULL OR o.valid_to > NEW.valid_from))"""

no_overlap = Trigger(
    name="personnel_occupancy_no_overlap",
    table="personnel_occupancy",
    when="AFTER INSERT",
    sqlite_when="NEW.superseded_at IS NULL",
    sqlite_body=f"SELECT RAISE(ABORT, '{OVERLAP}') WHERE {OVERLAPPING};",
    postgres_body=f"""
        BEGIN
          PERFORM 1 FROM personnel_person WHERE id = NEW.person_id FOR UPDATE;
          IF NEW.superseded_at IS NULL AND {OVERLAPPING} THEN
            RAISE EXCEPTION '{OVERLAP}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NULL;
        END;
    """,
)

ON_HELD_SLIP = """EXISTS (
    SELECT 1 FROM personnel_approvalslot s JOIN personnel_staffingapproval a ON a.id = s.approval_id
    WHERE s.id = NEW.slot_id AND a.confirmed_on IS NULL)"""

UNCONFIRMS_A_USED_SLIP = """OLD.confirmed_on IS NOT NULL AND NEW.confirmed_on IS NULL AND EXISTS (
    SELECT 1 FROM personnel_approvalslot s WHERE s.approval_id = NEW.id AND s.state = 'consumed')"""

no_entry_before_confirmation = Trigger(
    name="personnel_occupancy_confirmed_slot",
    table="personnel_occupancy",
    when="AFTER INSERT",
    sqlite_when="NEW.slot_id IS NOT NULL",
    sqlite_body=f"SELECT RAISE(ABORT, '{NOT_CONFIRMED}') WHERE {ON_HELD_SLIP};",
    postgres_body=f"""
        BEGIN
          IF NEW.slot_id IS NOT NULL AND {ON_HELD_SLIP} THEN
            RAISE EXCEPTION '{NOT_CONFIRMED}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NULL;
        END;
    """,
)

USED_BY_MEASURE = (
    "CASE WHEN a.measure_kind = 'post' THEN {posts} WHEN a.measure IN ('E1', 'E2') THEN {engaged} ELSE {quota} END"
).format(
    posts=IN_POSTS.format(org="a.organization_id", measure="a.measure"),
    engaged=ENGAGED.format(org="a.organization_id", measure="a.measure"),
    quota=ON_QUOTA.format(org="a.organization_id", measure="a.measure"),
)
ALLOTTED = (
    "(SELECT COALESCE(SUM(p2.amount), 0) FROM ledger_posting p2 JOIN ledger_account a2 ON a2.id = p2.account_id "
    "WHERE a2.kind IN ('unit', 'body') AND a2.organization_id = a.organization_id AND a2.measure = a.measure)"
)
CUTS_BELOW_USE = f"""EXISTS (
    SELECT 1 FROM ledger_account a WHERE a.id = NEW.account_id AND a.kind IN ('unit', 'body')
      AND NOT (SELECT e.allows_overstaffing FROM ledger_ledgerentry e WHERE e.id = NEW.entry_id)
      AND {USED_BY_MEASURE} > {ALLOTTED})"""

no_cut_below_use = Trigger(
    name="ledger_posting_no_cut_below_use",
    table="ledger_posting",
    when="AFTER INSERT",
    sqlite_when="NEW.amount < 0",
    sqlite_body=f"SELECT RAISE(ABORT, '{CUT_TOO_DEEP}') WHERE {CUTS_BELOW_USE};",
    postgres_body=f"""
        BEGIN
          IF NEW.amount < 0 THEN
            PERFORM 1 FROM ledger_account b JOIN ledger_account a
              ON b.organization_id = a.organization_id AND b.measure = a.measure
              WHERE a.id = NEW.account_id ORDER BY b.id FOR UPDATE OF b;
            IF {CUTS_BELOW_USE} THEN
              RAISE EXCEPTION '{CUT_TOO_DEEP}' USING ERRCODE = 'restrict_violation';
            END IF;
          END IF;
          RETURN NULL;
        END;
    """,
)

CHANGE_FACTS = ["id", "person_id", "field", "effective_on", "reason", "document_id", "recorded_at"]
OCCUPANCY_FACTS = [
    "person_id", "organization_id", "internal_body_id", "quota_type", "valid_from", "recorded_at", "entry_mode",
    "entry_document_id", "slot_id", "over_quota",
]  # fmt: skip
SLOT_FACTS = ["approval_id", "number", "organization_id", "quota_type", "entry_mode", "replaces_id", "recorded_at"]
APPOINTMENT_FACTS = [
    "person_id", "organization_id", "internal_body_id", "position", "post_level", "is_principal", "valid_from",
    "recorded_at", "document_id",
]  # fmt: skip
ENGAGEMENT_FACTS = ["person_id", "organization_id", "kind", "valid_from", "recorded_at", "document_id"]


class Migration(migrations.Migration):
    dependencies = [("personnel", "0001_initial"), ("ledger", "0002_promises")]

    operations = [
        InstallTriggers(
            [
                *undeletable("personnel_person", "人员"),
                *undeletable("personnel_personchange", "信息变更"),
                frozen_columns(
                    "personnel_personchange", "信息变更", CHANGE_FACTS, sealed=["old_value", "new_value"]
                ),
                *undeletable("personnel_occupancy", "占编记录"),
                frozen_columns("personnel_occupancy", "占编记录", OCCUPANCY_FACTS),
                no_reopening("personnel_occupancy", REOPENS, REOPENED),
                no_overlap,
                no_entry_before_confirmation,
                capacity(
                    "personnel_occupancy_capacity",
                    "personnel_occupancy",
                    "AFTER INSERT",
                    "quota_type",
                    ON_QUOTA,
                    f"{OPEN_ROW} AND NOT NEW.over_quota",
                    QUOTA_FULL,
                ),
                *undeletable("personnel_dutyperiod", "在岗情况"),
                *undeletable("personnel_appointment", "任职"),
                frozen_columns("personnel_appointment", "任职", APPOINTMENT_FACTS),
                no_reopening("personnel_appointment", REOPENS, REOPENED),
                capacity(
                    "personnel_appointment_capacity",
                    "personnel_appointment",
                    "AFTER INSERT",
                    "post_level",
                    IN_POSTS,
                    f"{OPEN_ROW} AND NEW.is_principal AND NEW.post_level <> '' AND NOT NEW.exceeds_posts",
                    POSTS_FULL,
                ),
                *undeletable("personnel_engagement", "编外（员额）用工"),
                frozen_columns("personnel_engagement", "编外（员额）用工", ENGAGEMENT_FACTS),
                no_reopening("personnel_engagement", REOPENS, REOPENED),
                capacity(
                    "personnel_engagement_capacity",
                    "personnel_engagement",
                    "AFTER INSERT",
                    "kind",
                    ENGAGED,
                    f"{OPEN_ROW} AND NOT NEW.over_cap",
                    CAP_FULL,
                ),
                *undeletable("personnel_secondment", "借调挂职"),
                *undeletable("personnel_staffingapproval", "用编核准单"),
                no_reopening(
                    "personnel_staffingapproval",
                    UNCONFIRMS_A_USED_SLIP,
                    USED_AFTER_CONFIRMATION,
                ),
                *undeletable("personnel_approvalslot", "核准名额"),
                frozen_columns("personnel_approvalslot", "核准名额", SLOT_FACTS),
                no_reopening(
                    "personnel_approvalslot",
                    "OLD.state IN ('expired', 'returned') AND NEW.state <> OLD.state",
                    SLOT_FINAL,
                ),
                capacity(
                    "personnel_approvalslot_capacity",
                    "personnel_approvalslot",
                    "AFTER INSERT",
                    "quota_type",
                    ON_QUOTA,
                    "NEW.state = 'reserved'",
                    QUOTA_FULL,
                ),
                capacity(
                    "personnel_approvalslot_activation",
                    "personnel_approvalslot",
                    "AFTER UPDATE",
                    "quota_type",
                    ON_QUOTA,
                    "NEW.state = 'reserved' AND OLD.state <> 'reserved'",
                    QUOTA_FULL,
                ),
                *undeletable("personnel_staffingplan", "用编计划"),
                *undeletable("personnel_planitem", "计划项"),
                *append_only("personnel_movement", "人员变动"),
                no_cut_below_use,
            ]
        ),
    ]

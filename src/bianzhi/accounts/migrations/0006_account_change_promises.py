"""Proposed changes of accounts are decided once, by somebody else, and never removed or rewritten (三员分立, R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, frozen_columns, undeletable

TABLE = "accounts_accountchange"
DECIDED_STAYS = "账号变更已经办结，不能改写；请重新提出（R26）"
OTHER_PERSON = "账号变更须由提出人和本人以外的另一人复核（三员分立）"
ONE_ALONE = "NEW.decided_by_id IS NOT NULL AND NEW.decided_by_id IN (NEW.proposed_by_id, NEW.account_id)"

decided_stays = Trigger(
    name=f"{TABLE}_decided_stays",
    table=TABLE,
    when="BEFORE UPDATE",
    sqlite_when="OLD.state <> 'pending'",
    sqlite_body=f"SELECT RAISE(ABORT, '{DECIDED_STAYS}');",
    postgres_body=f"""
        BEGIN
          IF OLD.state <> 'pending' THEN
            RAISE EXCEPTION '{DECIDED_STAYS}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END;
    """,
)

other_person = Trigger(
    name=f"{TABLE}_other_person",
    table=TABLE,
    when="BEFORE UPDATE",
    sqlite_when=ONE_ALONE,
    sqlite_body=f"SELECT RAISE(ABORT, '{OTHER_PERSON}');",
    postgres_body=f"""
        BEGIN
          IF {ONE_ALONE} THEN
            RAISE EXCEPTION '{OTHER_PERSON}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END;
    """,
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_account_changes")]

    operations = [
        InstallTriggers(
            [
                *undeletable(TABLE, "账号变更"),
                frozen_columns(
                    TABLE,
                    "账号变更",
                    [
                        *("kind", "account_id", "role", "organization_id", "includes_subtree", "grant_id", "reason"),
                        *("is_urgent", "proposed_by_id", "proposer_name", "proposed_at", "expires_at"),
                    ],
                ),
                decided_stays,
                other_person,
            ]
        ),
    ]

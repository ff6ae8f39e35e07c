"""Entries and postings are written once; no account but the source of quota is ever overdrawn (R06, R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, append_only, frozen_columns, undeletable

OVERDRAWN = "账户余额不足：预留（池、单位）编制不能为负（R06）"

no_overdraft = Trigger(
    name="ledger_posting_no_overdraft",
    table="ledger_posting",
    when="AFTER INSERT",
    sqlite_when="NEW.amount < 0",
    sqlite_body=f"""
        SELECT RAISE(ABORT, '{OVERDRAWN}')
        WHERE NOT (SELECT may_be_negative FROM ledger_account WHERE id = NEW.account_id)
          AND (SELECT SUM(amount) FROM ledger_posting WHERE account_id = NEW.account_id) < 0;
    """,
    postgres_body=f"""
        BEGIN
          IF NEW.amount < 0 THEN
            PERFORM 1 FROM ledger_account WHERE id = NEW.account_id FOR UPDATE;
            IF NOT (SELECT may_be_negative FROM ledger_account WHERE id = NEW.account_id)
               AND (SELECT SUM(amount) FROM ledger_posting WHERE account_id = NEW.account_id) < 0 THEN
              RAISE EXCEPTION '{OVERDRAWN}' USING ERRCODE = 'restrict_violation';
            END IF;
          END IF;
          RETURN NULL;
        END;
    """,
)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        InstallTriggers(
            [
                *append_only("ledger_ledgerentry", "台账条目"),
                *append_only("ledger_posting", "分录"),
                *undeletable("ledger_account", "编制账户"),
                frozen_columns(
                    "ledger_account",
                    "编制账户",
                    [
                        "key",
                        "kind",
                        "measure_kind",
                        "measure",
                        "tier",
                        "organization_id",
                        "internal_body_id",
                        "may_be_negative",
                    ],
                ),
                no_overdraft,
            ]
        ),
    ]

"""Accounts and grants are ended, never removed; the three administrators are three accounts (三员分立)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, frozen_columns, undeletable

THREE_ADMINISTRATORS = "系统管理员、安全管理员、审计管理员须由三个账号分别担任，且不能兼任业务角色（三员分立）"
REVOKED_STAYS = "已收回的角色不能恢复；请重新授予（R26）"
ADMINISTRATORS = "('system_admin', 'security_admin', 'audit_admin')"
CONFLICT = f"""EXISTS (
    SELECT 1 FROM accounts_rolegrant g
    WHERE g.user_id = NEW.user_id AND g.id <> NEW.id AND g.revoked_at IS NULL AND g.role <> NEW.role
      AND (g.role IN {ADMINISTRATORS} OR NEW.role IN {ADMINISTRATORS}))"""

three_administrators = Trigger(
    name="accounts_rolegrant_three_administrators",
    table="accounts_rolegrant",
    when="AFTER INSERT",
    sqlite_when="NEW.revoked_at IS NULL",
    sqlite_body=f"SELECT RAISE(ABORT, '{THREE_ADMINISTRATORS}') WHERE {CONFLICT};",
    postgres_body=f"""
        BEGIN
          PERFORM 1 FROM accounts_user WHERE id = NEW.user_id FOR UPDATE;
          IF NEW.revoked_at IS NULL AND {CONFLICT} THEN
            RAISE EXCEPTION '{THREE_ADMINISTRATORS}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NULL;
        END;
    """,
)

revoked_stays = Trigger(
    name="accounts_rolegrant_revoked_stays",
    table="accounts_rolegrant",
    when="BEFORE UPDATE",
    sqlite_when="OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS NOT OLD.revoked_at",
    sqlite_body=f"SELECT RAISE(ABORT, '{REVOKED_STAYS}');",
    postgres_body=f"""
        BEGIN
          IF OLD.revoked_at IS NOT NULL AND NEW.revoked_at IS DISTINCT FROM OLD.revoked_at THEN
            RAISE EXCEPTION '{REVOKED_STAYS}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END;
    """,
)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [
        InstallTriggers(
            [
                *undeletable("accounts_user", "用户"),
                *undeletable("accounts_rolegrant", "角色授予"),
                frozen_columns(
                    "accounts_rolegrant",
                    "角色授予",
                    ["user_id", "role", "organization_id", "includes_subtree", "granted_at"],
                ),
                three_administrators,
                revoked_stays,
            ]
        ),
    ]

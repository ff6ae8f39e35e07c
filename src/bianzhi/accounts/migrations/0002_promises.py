"""Accounts and grants are ended, never removed."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, frozen_columns, undeletable


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
            ]
        ),
    ]

"""Devices, codes and keys of the second factor and linked identities are ended, never removed or brought back (R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, frozen_columns, undeletable

KEY_OF_ITS_DEVICE = ["user_id", "credential_id", "credential", "user_handle", "can_be_synced", "created_at"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_second_factor")]

    operations = [
        InstallTriggers(
            [
                *undeletable("accounts_authenticator", "动态验证码"),
                frozen_columns("accounts_authenticator", "动态验证码", ["user_id", "created_at"]),
                *undeletable("accounts_recoverycode", "备用码"),
                frozen_columns("accounts_recoverycode", "备用码", ["authenticator_id", "fingerprint"]),
                *undeletable("accounts_passkey", "通行密钥"),
                frozen_columns("accounts_passkey", "通行密钥", KEY_OF_ITS_DEVICE),
                *undeletable("accounts_linkedidentity", "统一身份"),
                frozen_columns("accounts_linkedidentity", "统一身份", ["user_id", "issuer", "subject_key", "linked_at"]),
            ]
        ),
    ]

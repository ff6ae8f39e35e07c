"""The record can only grow."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        InstallTriggers([*append_only("audit_auditentry", "审计记录"), *append_only("audit_rowseal", "行封印")]),
    ]

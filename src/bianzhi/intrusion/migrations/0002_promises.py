"""Alerts, settings and suppressions cannot be removed; what an alert was raised for cannot be rewritten."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, append_only, frozen_columns, undeletable


class Migration(migrations.Migration):
    dependencies = [("intrusion", "0001_initial")]

    operations = [
        InstallTriggers(
            [
                *undeletable("intrusion_alert", "入侵迹象告警"),
                frozen_columns("intrusion_alert", "入侵迹象告警", ["rule", "subject_key", "raised_at", "first_at"]),
                *append_only("intrusion_rulesetting", "告警规则参数"),
                *undeletable("intrusion_suppression", "误报抑制"),
                frozen_columns(
                    "intrusion_suppression", "误报抑制", ["rule", "subject_key", "reason", "until", "made_at", "made_by_id"]
                ),
            ]
        )
    ]

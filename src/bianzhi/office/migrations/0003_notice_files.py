"""Files of notices: put on and taken off a draft, never after it is out."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from bianzhi.common.db.triggers import InstallTriggers, Trigger, frozen_columns, undeletable

OUT = "已发布的通知不能增减附件；请撤回后另行发布（R26）"
NOT_A_DRAFT = "(SELECT state FROM office_notice WHERE id = NEW.notice_id) <> 'draft'"


def while_a_draft(event: str) -> Trigger:
    """Refuses the event on a file of a notice that is out."""
    return Trigger(
        name=f"office_noticefile_draft_{event.lower()}",
        table="office_noticefile",
        when=f"BEFORE {event}",
        sqlite_when=NOT_A_DRAFT,
        sqlite_body=f"SELECT RAISE(ABORT, '{OUT}');",
        postgres_body=f"""
            BEGIN
              IF {NOT_A_DRAFT} THEN
                RAISE EXCEPTION '{OUT}' USING ERRCODE = 'restrict_violation';
              END IF;
              RETURN NEW;
            END;
        """,
    )


class Migration(migrations.Migration):
    dependencies = [("office", "0002_promises")]

    operations = [
        migrations.CreateModel(
            name="NoticeFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.PositiveBigIntegerField(verbose_name="大小")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("sm3", models.CharField(max_length=64, verbose_name="SM3")),
                ("uploaded_by_id", models.BigIntegerField(null=True, verbose_name="上传人")),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="移除时间")),
                (
                    "notice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="files",
                        to="office.notice",
                        verbose_name="通知",
                    ),
                ),
            ],
            options={"verbose_name": "通知附件", "ordering": ["id"]},
        ),
        InstallTriggers(
            [
                *undeletable("office_noticefile", "通知附件"),
                frozen_columns(
                    "office_noticefile",
                    "通知附件",
                    ["notice_id", "name", "content_type", "size", "sha256", "sm3", "uploaded_by_id", "uploaded_at"],
                ),
                while_a_draft("INSERT"),
                while_a_draft("UPDATE"),
            ]
        ),
    ]

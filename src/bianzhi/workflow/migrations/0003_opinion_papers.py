"""手写签批: scans of opinions, written once."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from bianzhi.common.db.triggers import InstallTriggers, append_only


class Migration(migrations.Migration):
    dependencies = [("workflow", "0002_promises")]

    operations = [
        migrations.CreateModel(
            name="OpinionPaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="文件名")),
                ("content_type", models.CharField(max_length=100, verbose_name="类型")),
                ("size", models.PositiveBigIntegerField(verbose_name="大小")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("sm3", models.CharField(max_length=64, verbose_name="SM3")),
                ("uploaded_by_id", models.BigIntegerField(null=True, verbose_name="上传人")),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="上传时间")),
                (
                    "opinion",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="paper",
                        to="workflow.flowopinion",
                    ),
                ),
            ],
            options={"verbose_name": "手写签批件"},
        ),
        InstallTriggers(append_only("workflow_opinionpaper", "手写签批件")),
    ]

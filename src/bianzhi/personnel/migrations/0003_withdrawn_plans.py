"""用编计划 taken back: when it was. The column may be empty, so that SQLite adds it without making the table anew."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("personnel", "0002_promises")]

    operations = [
        migrations.AddField(
            model_name="staffingplan",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="撤销时间"),
        ),
    ]

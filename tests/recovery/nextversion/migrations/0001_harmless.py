"""A table, and a change to rows that are there: both must be gone after the way back."""

from django.db import migrations, models


def rename_everybody(apps, schema_editor):
    apps.get_model("common", "ParameterValue").objects.create(key="next.version", value=1, changed_by=None)


class Migration(migrations.Migration):
    initial = True
    dependencies = [("common", "0001_initial"), ("accounts", "0001_initial")]
    operations = [
        migrations.CreateModel("Novelty", [("id", models.BigAutoField(primary_key=True))]),
        migrations.RunPython(rename_everybody, migrations.RunPython.noop),
    ]

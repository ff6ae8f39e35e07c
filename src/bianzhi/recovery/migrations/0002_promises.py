"""The reports of drills can neither be changed nor removed."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, append_only


class Migration(migrations.Migration):
    dependencies = [("recovery", "0001_initial")]

    operations = [InstallTriggers(append_only("recovery_drill", "恢复演练"))]

"""An approval document is never removed: figures rest on it."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, undeletable


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]

    operations = [InstallTriggers(undeletable("documents_approvaldocument", "批准文件"))]

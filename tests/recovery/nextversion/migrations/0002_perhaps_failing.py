"""Fails, or is cut off, or damages a sealed row, or does nothing, as NEXT_VERSION says."""

import os
import signal

from django.db import migrations


def do_as_told(apps, schema_editor):
    told = os.environ.get("NEXT_VERSION", "")
    if told == "fails":
        raise RuntimeError("第二步出错")
    if told == "cut off":
        for process in (os.getppid(), os.getpid()):
            os.kill(process, signal.SIGKILL)
    if told == "damages":
        apps.get_model("accounts", "User").objects.filter(username="liming").update(display_name="他人")


class Migration(migrations.Migration):
    dependencies = [("nextversion", "0001_harmless")]
    operations = [migrations.RunPython(do_as_told, migrations.RunPython.noop)]

"""The WSGI application served by waitress or gunicorn."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bianzhi.config.settings")

application = get_wsgi_application()

from bianzhi.common import working_files  # noqa: E402 - needs the settings

working_files.sweep()

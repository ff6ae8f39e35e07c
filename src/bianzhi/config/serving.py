"""The web server as the product runs it: gunicorn with threads, one process on SQLite and several on PostgreSQL.

    python -m bianzhi.config.serving 127.0.0.1:8000

On SIGTERM it stops listening and answers what it has begun, for up to BIANZHI_STOP_SECONDS; a second SIGTERM ends it
within two seconds. A process that dies is replaced.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from types import FrameType
from typing import Any, Final

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.utils.log import configure_logging
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from prometheus_client import multiprocess
from waitress.proxy_headers import proxy_headers_middleware  # type: ignore[import-untyped]

from bianzhi.common import in_use, metrics
from bianzhi.config import environment
from bianzhi.config.logs import log_what_nobody_caught

MOST_PROCESSES: Final = 4
SLOWEST_PAGE: Final = 300
"""Seconds after which a process that answers nothing at all is taken for hung and replaced."""


class _IntoOurLog(Logger):  # type: ignore[misc]
    """gunicorn's own words go where all lines go, formatted and masked like them."""

    def setup(self, cfg: Any) -> None:
        self.error_log = logging.getLogger("gunicorn.error")
        self.error_log.handlers.clear()
        self.error_log.propagate = True
        self.error_log.setLevel(logging.INFO)
        self.access_log = logging.getLogger("gunicorn.access")
        self.access_log.propagate = False

    def access(self, resp: Any, req: Any, environ: Any, request_time: Any) -> None:
        """No line for each request: addresses may name persons, and the metrics count by route."""

    def reopen_files(self) -> None:
        """There are no files of gunicorn's own."""


class _Arbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's master, to which a second SIGTERM means: now."""

    _asked_to_end = False

    def signal(self, sig: int, frame: FrameType | None) -> None:
        if sig == signal.SIGTERM and self._asked_to_end:
            sig = signal.SIGQUIT
        self._asked_to_end = self._asked_to_end or sig == signal.SIGTERM
        super().signal(sig, frame)


class Server(BaseApplication):  # type: ignore[misc]
    """The application with its settings, listening on `host`:`port` or the Unix socket `unix:…`."""

    def __init__(self, listen: str) -> None:
        self._listen = listen
        super().__init__()

    def load_config(self) -> None:
        for name, value in options(self._listen).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """In each process of its own: threads and connections of a parent do not outlive a fork."""
        from bianzhi.config.wsgi import application  # noqa: PLC0415

        return behind_proxy(application)

    def run(self) -> None:
        try:
            _Arbiter(self).run()
        except RuntimeError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(1)


def options(listen: str) -> dict[str, Any]:
    """gunicorn's settings."""
    return {
        "bind": [listen],
        "worker_class": "gthread",
        "workers": processes(),
        "threads": environment.number("BIANZHI_WEB_THREADS", default=8, at_least=1),
        "timeout": SLOWEST_PAGE,
        "graceful_timeout": environment.number("BIANZHI_STOP_SECONDS", default=30, at_least=1),
        "keepalive": 5,
        "logger_class": _IntoOurLog,
        "child_exit": _forget,
        "control_socket_disable": True,
        "forwarded_allow_ips": "",
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: S108 - heartbeats, no contents
    }


def processes() -> int:
    """SQLite has one writer, and one process queues for it more fairly than several."""
    on_postgresql = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    default = min(os.cpu_count() or 1, MOST_PROCESSES) if on_postgresql else 1
    return environment.number("BIANZHI_WEB_PROCESSES", default=default, at_least=1)


def behind_proxy(application: WSGIHandler) -> Any:
    """Behind a proxy that speaks HTTPS its word on the visitor's address is taken, and nobody else's."""
    if not settings.HTTPS:
        return application
    return proxy_headers_middleware(
        application,
        trusted_proxy=os.environ.get("BIANZHI_TRUSTED_PROXY", "127.0.0.1"),
        trusted_proxy_headers={"x-forwarded-for", "x-forwarded-proto"},
        clear_untrusted=True,
        log_untrusted=False,
    )


def _forget(arbiter: Arbiter, worker: Any) -> None:
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def serve(listen: str) -> None:
    """Serve until told to stop; ends the process. Raises StandsStill while the database is upgraded."""
    configure_logging(settings.LOGGING_CONFIG, settings.LOGGING)
    log_what_nobody_caught()
    with in_use.running():
        metrics.forget_dead_processes()
        Server(listen).run()


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bianzhi.config.settings")
    os.environ.setdefault("BIANZHI_PROCESS", "server")
    if len(sys.argv) != 2:
        sys.exit("用法：python -m bianzhi.config.serving 地址:端口（或 unix:/路径）")
    try:
        serve(sys.argv[1])
    except (environment.BadSetting, in_use.StandsStill) as problem:
        sys.exit(str(problem))

"""What the exchange hub contributes to the platform at start."""

from __future__ import annotations

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "bianzhi.exchange"
    label = "exchange"
    verbose_name = "数据共享"

    def ready(self) -> None:
        from bianzhi.audit import catalogue
        from bianzhi.common import sealed_places
        from bianzhi.exchange import (
            files,
            handlers,
            parameters,  # noqa: F401 - importing it declares the parameters
            run_tables,
        )
        from bianzhi.exchange.acts_catalogue import ACTS
        from bianzhi.exchange.jobs import dropbox, pulling, reading, running  # noqa: F401 - importing them registers the jobs
        from bianzhi.exchange.selectors.told_exits import exits_not_filed
        from bianzhi.personnel import told_exits

        catalogue.declare(ACTS)
        sealed_places.register("报送与回送文件", files.every)
        sealed_places.register("数据核对结果", run_tables.every)
        told_exits.register(exits_not_filed)
        handlers.register()

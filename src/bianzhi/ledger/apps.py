"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "bianzhi.ledger"
    label = "ledger"
    verbose_name = "编制台账"

"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "bianzhi.documents"
    label = "documents"
    verbose_name = "批准文件"

"""Registration of the app with Django."""

from __future__ import annotations

from django.apps import AppConfig


class OrganizationsConfig(AppConfig):
    name = "bianzhi.organizations"
    label = "organizations"
    verbose_name = "机构"

"""Every address of the site. Each app keeps its own under `web/urls.py`, in the namespace of its label."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from bianzhi.config.health import healthz

urlpatterns: list[URLPattern | URLResolver] = [path("healthz", healthz, name="healthz")]
for prefix, module in (
    ("", "bianzhi.reports.web"),
    ("accounts/", "bianzhi.accounts.web"),
    ("organizations/", "bianzhi.organizations.web"),
    ("ledger/", "bianzhi.ledger.web"),
    ("documents/", "bianzhi.documents.web"),
    ("personnel/", "bianzhi.personnel.web"),
    ("imports/", "bianzhi.imports.web"),
    ("audit/", "bianzhi.audit.web"),
    ("", "bianzhi.common.web"),
):
    if find_spec(module) and find_spec(f"{module}.urls"):
        urlpatterns.append(path(prefix, include(f"{module}.urls")))

handler403 = "bianzhi.common.web.errors.permission_denied"
handler404 = "bianzhi.common.web.errors.page_not_found"
handler500 = "bianzhi.common.web.errors.server_error"

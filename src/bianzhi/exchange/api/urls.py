"""Addresses of the interface, below /api/v1/."""

from django.urls import path

from bianzhi.exchange.api import reference, site

app_name = "exchange_api"
urlpatterns = [
    path("", site.root, name="api-root"),
    path("openapi.json", reference.description, name="openapi"),
    path("docs/", reference.reference, name="reference"),
    *site.operation_addresses(),
]

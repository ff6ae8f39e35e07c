"""Addresses of the auditor's pages."""

from django.urls import path

from bianzhi.audit.web import entries

app_name = "audit"

urlpatterns = [
    path("", entries.entry_list, name="entries"),
    path("<int:seq>/", entries.entry_page, name="entry"),
]

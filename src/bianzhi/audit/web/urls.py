"""Addresses of the auditor's pages."""

from django.urls import path

from bianzhi.audit.web import anchors, entries, jobs

app_name = "audit"

urlpatterns = [
    path("", entries.entry_list, name="entries"),
    path("anchors/", anchors.anchor_page, name="anchors"),
    path("anchors/print/", anchors.root_sheet, name="root_sheet"),
    path("jobs/<int:pk>/cancel/", jobs.job_cancel, name="job_cancel"),
    path("jobs/<int:pk>/resume/", jobs.job_resume, name="job_resume"),
    path("<int:seq>/", entries.entry_page, name="entry"),
]

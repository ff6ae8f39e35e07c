"""Addresses of the app; the workbench is the start page of the site."""

from django.urls import path

from bianzhi.reports.web import reports, tasks, warnings, workbench

app_name = "reports"

urlpatterns = [
    path("", workbench.workbench, name="workbench"),
    path("tasks/", tasks.task_list, name="tasks"),
    path("warnings/", warnings.warning_list, name="warnings"),
    path("warnings/compute/", warnings.compute, name="compute_warnings"),
    path("warnings/<int:pk>/", warnings.warning_page, name="warning"),
    path("reports/", reports.index, name="index"),
    path("reports/<slug:slug>/", reports.report_page, name="report"),
    path("reports/<slug:slug>/print/", reports.print_page, name="print"),
]

"""The address of the doctor."""

from django.urls import path

from bianzhi.doctor.web import report

app_name = "doctor"

urlpatterns = [path("", report.report, name="report")]

"""Addresses of backup and recovery."""

from django.urls import path

from bianzhi.recovery.web import overview

app_name = "recovery"

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("backup/", overview.backup_now, name="backup_now"),
    path("drill/", overview.drill_now, name="drill_now"),
    path("drills/<int:pk>/", overview.drill_page, name="drill"),
]

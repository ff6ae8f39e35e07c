"""Addresses of what every app shares: saved views, job progress, the gallery of components."""

from django.urls import path

from bianzhi.common.web import gallery, help_page, job_list, jobs, lookups, saved_views

app_name = "common"

urlpatterns = [
    path("help/", help_page.help_page, name="help"),
    path("views/save/", saved_views.save_view, name="save_view"),
    path("views/<int:pk>/delete/", saved_views.delete_view, name="delete_view"),
    path("jobs/", job_list.job_list, name="jobs"),
    path("jobs/<int:pk>/", jobs.job_page, name="job"),
    path("lookup/<str:key>/", lookups.options, name="lookup"),
    path("dev/ui/", gallery.gallery, name="gallery"),
]

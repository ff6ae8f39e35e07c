"""Addresses of the import."""

from django.urls import path

from bianzhi.imports.web import batches, columns, findings, lists

app_name = "imports"

urlpatterns = [
    path("", lists.batch_list, name="list"),
    path("new/", batches.upload, name="upload"),
    path("template/<slug:kind>/", batches.download_template, name="template"),
    path("<int:pk>/", batches.batch_page, name="batch"),
    path("<int:pk>/kind/", columns.change_kind, name="kind"),
    path("<int:pk>/columns/", columns.columns_page, name="columns"),
    path("<int:pk>/commit/", batches.commit, name="commit"),
    path("<int:pk>/discard/", batches.discard, name="discard"),
    path("<int:pk>/findings/", lists.finding_list, name="findings"),
    path("<int:pk>/changes/", lists.change_list, name="changes"),
    path("<int:pk>/annotated/", findings.annotated_file, name="annotated"),
    path("<int:pk>/original/", findings.original_file, name="original"),
]

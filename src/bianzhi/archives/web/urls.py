"""Addresses of the archive."""

from django.urls import URLPattern, URLResolver, path

from bianzhi.archives.web import (
    batches,
    describing,
    dividing,
    item,
    items,
    ledger_drafts,
    originals,
    pdf_files,
    pictures,
    uploads,
    viewer,
)
from bianzhi.archives.web.keeping_urls import KEEPING as LOOKING_AFTER

app_name = "archives"

USING: list[URLPattern | URLResolver] = [
    path("", items.home, name="home"),
    path("units/<int:pk>/", items.dossier, name="dossier"),
    path("items/", items.item_list, name="items"),
    path("items/<int:pk>/", item.item, name="item"),
    path("items/<int:pk>/view/", viewer.viewer, name="viewer"),
    path("items/<int:pk>/pages/<int:number>/<slug:size>/", pictures.picture, name="picture"),
    path("items/<int:pk>/crops/<int:number>/", pictures.crop, name="crop"),
    path("items/<int:pk>/tiles/<int:number>/<int:level>/<int:column>/<int:row>/", pictures.tile, name="tile"),
    path("items/<int:pk>/pdf/", pdf_files.pdf, name="pdf"),
    path("items/<int:pk>/searchable/", pdf_files.searchable, name="searchable"),
    path("items/<int:pk>/files/<int:file>/", pdf_files.original, name="original"),
    path("items/<int:pk>/print/", pdf_files.printed, name="print"),
    path("items/<int:pk>/openings/", item.openings, name="openings"),
    path("items/<int:pk>/ledger-draft/", ledger_drafts.ledger_draft, name="ledger-draft"),
]
KEEPING: list[URLPattern | URLResolver] = [
    path("waiting/", items.waiting, name="waiting"),
    path("items/<int:pk>/describe/", describing.describe, name="describe"),
    path("items/<int:pk>/correct/", describing.correct, name="correct"),
    path("items/<int:pk>/relate/", item.add_relation, name="relate"),
    path("items/<int:pk>/relations/<int:relation>/revoke/", item.remove_relation, name="unrelate"),
]
TAKING_IN: list[URLPattern | URLResolver] = [
    path("originals/", originals.originals, name="originals"),
    path("originals/check/", originals.originals_check, name="originals_check"),
    path("items/<int:pk>/divide/", dividing.divide, name="divide"),
    path("upload/", uploads.begin, name="upload"),
    path("upload/start/", uploads.start, name="upload-start"),
    path("upload/<slug:key>/", uploads.piece, name="upload-chunk"),
    path("batches/", batches.batches, name="batches"),
    path("batches/new/", batches.batch_new, name="batch_new"),
    path("batches/<int:pk>/", batches.batch, name="batch"),
    path("batches/<int:pk>/files/", batches.batch_files, name="batch_files"),
    path("batches/<int:pk>/start/", batches.batch_start, name="batch_start"),
    path("batches/<int:pk>/cancel/", batches.batch_cancel, name="batch_cancel"),
    path("batches/<int:pk>/retry/", batches.batch_retry, name="batch_retry"),
    path("batches/<int:pk>/files/<int:file>/retry/", batches.file_retry, name="file_retry"),
]
urlpatterns: list[URLPattern | URLResolver] = [*USING, *KEEPING, *TAKING_IN, *LOOKING_AFTER]

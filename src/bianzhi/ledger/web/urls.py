"""Addresses of the ledger."""

from django.urls import path

from bianzhi.ledger.web import acts, entries, figure, statement, totals

app_name = "ledger"

urlpatterns = [
    path("", entries.entries, name="entries"),
    path("entries/<int:pk>/", entries.entry, name="entry"),
    path("entries/<int:pk>/reverse/", acts.reverse_act, name="reverse"),
    path("statement/", statement.statement_overview, name="statements"),
    path("statement/<int:organization_id>/", statement.statement, name="statement"),
    path("statement/<int:organization_id>/sheet/", statement.statement_sheet, name="statement_sheet"),
    path("totals/", totals.totals, name="totals"),
    path("figure/<int:organization_id>/<str:measure>/", figure.figure, name="figure"),
    path("post/", acts.choose_act, name="acts"),
    path("post/<slug:key>/", acts.act, name="act"),
]

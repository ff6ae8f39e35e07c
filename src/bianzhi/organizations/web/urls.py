"""Addresses of organisations."""

from django.urls import path

from bianzhi.organizations.web import changes, events, pages, withdrawals

app_name = "organizations"

urlpatterns = [
    path("", pages.index, name="index"),
    path("new/", changes.establish_page, name="establish"),
    path("<int:pk>/", pages.detail, name="detail"),
    path("<int:pk>/children/", pages.children, name="children"),
    path("<int:pk>/history/", pages.history_sheet, name="history"),
    path("<int:pk>/acts/<slug:act>/", changes.act_page, name="act"),
    path("events/<int:pk>/", events.event, name="event"),
    path("bodies/<int:pk>/<slug:act>/", changes.body_page, name="body_act"),
    path("nameplates/<int:pk>/withdraw/", withdrawals.nameplate_page, name="withdraw_nameplate"),
    path("aliases/<int:pk>/withdraw/", withdrawals.alias, name="withdraw_alias"),
]

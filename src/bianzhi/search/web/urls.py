"""Addresses of the full-text search."""

from django.urls import path

from bianzhi.search.web import index, pages, saved

app_name = "search"

urlpatterns = [
    path("", pages.results, name="results"),
    path("suggest/", pages.suggestions, name="suggest"),
    path("saved/", saved.save, name="save"),
    path("saved/<int:pk>/forget/", saved.forget, name="forget"),
    path("index/", index.index, name="index"),
    path("index/rebuild/", index.rebuild, name="rebuild"),
]

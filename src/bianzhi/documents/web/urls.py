"""Addresses of approval documents."""

from django.urls import path

from bianzhi.documents.web import pages

app_name = "documents"

urlpatterns = [
    path("", pages.document_list, name="list"),
    path("new/", pages.register, name="register"),
    path("<int:pk>/", pages.document_page, name="detail"),
    path("<int:pk>/correct/", pages.correct, name="correct"),
]

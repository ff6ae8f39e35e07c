"""Addresses of requests for exports."""

from django.urls import path

from bianzhi.disclosure.web import requests, revealing

app_name = "disclosure"

urlpatterns = [
    path("reveal/<slug:kind>/<int:pk>/", revealing.reveal, name="reveal"),
    path("requests/", requests.request_list, name="requests"),
    path("requests/new/", requests.ask, name="ask"),
    path("requests/<int:pk>/", requests.request_page, name="request"),
    path("requests/<int:pk>/approve/", requests.approve, name="approve"),
    path("requests/<int:pk>/reject/", requests.reject, name="reject"),
    path("requests/<int:pk>/withdraw/", requests.withdraw, name="withdraw"),
    path("requests/<int:pk>/file/", requests.fetch, name="fetch"),
]

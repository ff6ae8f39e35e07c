"""A site of two pages for the tests of the server: one that answers at once, one that takes its time."""

from __future__ import annotations

import time

from django.http import HttpRequest, HttpResponse
from django.urls import path

from bianzhi.config.settings import *  # noqa: F403

INSTALLED_APPS = []
MIDDLEWARE = []
ROOT_URLCONF = "tests.config.slow_site"


def quick(request: HttpRequest) -> HttpResponse:
    """At once, with the address the visitor is taken to come from."""
    return HttpResponse(f"{request.META['REMOTE_ADDR']} {request.scheme}")


def slow(request: HttpRequest, seconds: int) -> HttpResponse:
    """After so many seconds."""
    time.sleep(seconds)
    return HttpResponse("done")


urlpatterns = [path("quick/", quick), path("slow/<int:seconds>/", slow)]

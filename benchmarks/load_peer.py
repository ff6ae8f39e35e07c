"""The peer of `benchmarks.load`: settings and the one view of a site that does nothing but show 20 rows."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from bianzhi.config.settings import *  # noqa: F403

MIDDLEWARE: list[str] = []
ROOT_URLCONF = "benchmarks.load_peer"
TABLE = "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"


def rows(request: HttpRequest) -> HttpResponse:
    from bianzhi.personnel.models import Occupancy

    found = Occupancy.objects.order_by("-pk").values_list("pk", "person_id", "organization_id", "quota_type")[:20]
    return HttpResponse(engines["django"].from_string(TABLE).render({"rows": found}))


urlpatterns = [path("rows/", rows)]

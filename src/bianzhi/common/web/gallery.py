"""Every component in every state on one page (/dev/ui/), for authors and for tests; only with BIANZHI_DEBUG."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bianzhi.common.web.access import public_page


@public_page
def gallery(request: HttpRequest) -> HttpResponse:
    """The gallery; 404 on a running system."""
    if not (settings.DEBUG or getattr(settings, "COMPONENT_GALLERY", False)):
        raise Http404("没有这个页面。")
    return render(request, "common/gallery.html", {})

"""What the words and marks on the pages mean, and how to do what people ask about first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, signed_in_page


@signed_in_page
@require_safe
def help_page(request: PageRequest) -> HttpResponse:
    """The help page, the same for every role."""
    return render(request, "common/help.html")

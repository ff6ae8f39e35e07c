"""Under which address people reach this site: what keys of devices and the identity provider are told."""

from django.conf import settings
from django.http import HttpRequest

from bianzhi.accounts.rules.relying_party import RelyingParty, relying_party


def site_of(request: HttpRequest) -> str:
    """BIANZHI_URL where it is set; else the address of this request, whose host is one the site answers to."""
    return settings.SITE_URL or f"{request.scheme}://{request.get_host()}"


def party_of(request: HttpRequest) -> RelyingParty | None:
    """Who asks for keys of devices; None where browsers offer none."""
    return relying_party(site_of(request))

"""What rows of deliveries refer to: the files they came in, the units they name."""

from collections.abc import Iterable, Mapping
from typing import Any

from bianzhi.common.web.access import PageRequest
from bianzhi.exchange.models import AliasState, Delivery, UnitAlias
from bianzhi.exchange.web.links import delivery_url


def files_of(request: PageRequest, rows: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """(file name, address) of the deliveries of rows by their SHA-256; those the user may not open have no address."""
    digests = {str(row.get("delivery", "")) for row in rows}
    found = Delivery.objects.filter(sha256__in=digests).order_by("pk")
    mine = set(Delivery.objects.visible_to(request.user).filter(sha256__in=digests).values_list("pk", flat=True))
    return {each.sha256: (each.file_name, delivery_url(each) if each.pk in mine else "") for each in found}


def units_of(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """The register's names of the units rows name, by (department, text), as far as an official has not refused it."""
    texts = {str(row.get("unit_key") or row["unit"]) for row in rows if row.get("unit")}
    known = UnitAlias.objects.filter(text__in=texts).exclude(state=AliasState.REJECTED)
    return {(alias.source, alias.text): alias.unit for alias in known.order_by("support")}

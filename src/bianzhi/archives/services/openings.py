"""利用登记: whoever opens, downloads or prints something of the archive is written down before it is sent."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from bianzhi.archives.models import Item, Opening
from bianzhi.archives.selectors.rights import rights_of
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work

SAME_READING: Final = timedelta(minutes=30)
"""Pages looked at again within this time belong to the same reading and are not written down twice."""
KINDS: Final = {"view": "查看", "download": "下载", "print": "打印", "export": "导出"}


@unit_of_work
def note_opening(*, actor: Actor, item: Item, kind: str, page: int | None = None) -> Opening | None:
    """Write down one use of an item; None where a reading of the same page is written down already.

    `kind` is one of KINDS. Downloads and prints are written down each time. Raises KeyError for another kind.
    """
    if kind not in KINDS:
        raise KeyError(kind)
    if kind == "view" and _is_known(actor, item, page):
        return None
    loan = rights_of(actor, item).loan
    opening = Opening.objects.create(item=item, user_id=actor.pk, kind=kind, page=page, loan=loan)
    facts = {"kind": kind, "page": page, "loan": loan.pk if loan else None}
    record("archives.opened", actor=actor, subject=item, facts=facts)
    return opening


def _is_known(actor: Actor, item: Item, page: int | None) -> bool:
    since = timezone.now() - SAME_READING
    return Opening.objects.filter(item=item, user=actor.pk, kind="view", page=page, opened_at__gte=since).exists()

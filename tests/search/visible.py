"""What each reader may find, told by the rules of the apps themselves; the index must agree with it to a page."""

from typing import Any

from bianzhi.archives.models import Item, Page
from bianzhi.documents.models import ApprovalDocument
from bianzhi.ledger.selectors.entries import visible_entries
from bianzhi.matters.models import Case
from bianzhi.organizations.models import Organization
from bianzhi.personnel.selectors.people import visible_persons
from tests.cast import TODAY


def visible_keys(user: Any) -> set[str]:
    """Keys of all entries a user may find."""
    rows: dict[str, Any] = {
        "organizations.view": ("organizations.organization", Organization.objects.visible_to(user)),
        "documents.view": ("documents.document", ApprovalDocument.objects.visible_to(user)),
        "personnel.view": ("personnel.person", visible_persons(user, TODAY)),
        "ledger.view": ("ledger.entry", visible_entries(user, TODAY)),
        "matters.view": ("matters.case", Case.objects.visible_to(user).filter(instance__isnull=False)),
        "archives.view": ("archives.item", Item.objects.visible_to(user)),
    }
    keys = {
        f"{kind}:{pk}"
        for permission, (kind, found) in rows.items()
        if user.can(permission)
        for pk in found.values_list("pk", flat=True)
    }
    if user.can("archives.view"):
        pages = Page.objects.filter(item__in=Item.objects.visible_to(user))
        keys |= {f"archives.item:{page.item_id}:{page.number}" for page in pages if page.text}
    return keys

"""Under which name a failed login is counted: people type ID numbers, telephones and passwords into the first field."""

from collections.abc import Mapping
from typing import Any, Final

from axes.conf import settings
from django.http import HttpRequest

from bianzhi.accounts.models import User
from bianzhi.common.field_keys import keyring

NOBODY: Final = "?"
LENGTH: Final = 40


def name_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """The name of an account; of a name nobody has, a fingerprint, by which it is locked all the same."""
    field = settings.AXES_USERNAME_FORM_FIELD
    typed = (credentials or {}).get(field) or request.POST.get(field)
    if not typed or User.objects.filter(username=typed).exists():
        return typed
    return NOBODY + keyring().fingerprint("accounts.attempt", str(typed))[:LENGTH]

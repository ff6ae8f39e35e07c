"""Forms whose effects are shown before they are done: what is confirmed must be what was shown."""

from typing import Final

from django import forms
from django.http import QueryDict

from bianzhi.kernel.digests import sm3_hex

NOT_TYPED: Final = ("csrfmiddlewaretoken", "token", "confirm", "shown")


class ShownFirst(forms.Form):
    """A form sent twice: to see what it would do, and, with the fingerprint of just these entries, to do it.

    The page that shows the effects carries `fingerprint` in a hidden field named "confirm".
    """

    @property
    def typed(self) -> QueryDict:
        """What the browser sent; empty for a form not sent yet."""
        return self.data if isinstance(self.data, QueryDict) else QueryDict()

    @property
    def fingerprint(self) -> str:
        """What was typed, in short."""
        typed = sorted((key, sorted(values)) for key, values in self.typed.lists() if key not in NOT_TYPED)
        return sm3_hex(repr(typed))[:16]

    @property
    def is_confirmed(self) -> bool:
        """Whether the effects of exactly these entries were shown and agreed to."""
        return bool(self.data.get("confirm") == self.fingerprint)

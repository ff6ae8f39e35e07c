"""直接登记 in tests: the pages that write into the register without a case ask why, each time."""

import re
from collections.abc import Mapping
from typing import Any

from django.test import Client

REASON = "补录系统启用前的事项"
WHY = {"direct_reason": REASON}


def by_hand(client: Client, url: str, data: Mapping[str, Any]) -> Any:
    """Send a form of such a page, with the reason."""
    return client.post(url, {**WHY, **data})


def agreed(shown: Any) -> dict[str, str]:
    """What a page that shows the effects first sends along when they are agreed to."""
    return dict(re.findall(r'name="(confirm|shown)" value="(\w+)"', shown.content.decode()))

"""What a finding rests on, told apart from where it was written: the same rows next month are the same evidence."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

PLACE: Final = frozenset({"delivery", "row", "flags", "fingerprint"})
"""Where a row stood in a file: another month it stands elsewhere and says the same."""
TIME: Final = frozenset({"period", "run", "previous", "found_on"})


def digest_of(facts: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """Digest of what the departments say, independent of the order of the rows and of the files they stood in."""
    said = sorted(
        json.dumps(
            {name: value for name, value in row.items() if name not in PLACE and value is not None},
            ensure_ascii=False,
            sort_keys=True,
        )
        for row in rows
    )
    computed = {name: value for name, value in facts.items() if name not in TIME}
    text = json.dumps([computed, said], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

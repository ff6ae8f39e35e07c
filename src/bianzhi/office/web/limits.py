"""How often something may be done: counted in the cache, in windows of fixed length."""

import time
from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times in each window of `seconds`, counted apart for each key."""

    name: str
    most: int
    seconds: int

    def note(self, key: str) -> bool:
        """Count one more; False when that is more than allowed."""
        cache_key = self._key(key)
        if cache.add(cache_key, 1, self.seconds):
            return self.most >= 1
        try:
            return bool(cache.incr(cache_key) <= self.most)
        except ValueError:  # the window ended in between
            return True

    def is_used_up(self, key: str) -> bool:
        """Whether there is nothing left in this window."""
        return int(cache.get(self._key(key), 0)) >= self.most

    def _key(self, key: str) -> str:
        return f"{self.name}:{key}:{int(time.time()) // self.seconds}"

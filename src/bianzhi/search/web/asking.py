"""What a page of results was asked for: read from its address, and written into the addresses of its links."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, get_args
from urllib.parse import urlencode

from django.http import QueryDict

from bianzhi.fulltext.documents import FACETS, Order
from bianzhi.search.selectors.searching import LAST_PAGE, Wish

LONGEST: Final = 300
MOST_VALUES: Final = 20


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of a page."""

    text: str
    filters: Mapping[str, tuple[str, ...]]
    is_fuzzy: bool
    order: Order
    page: int

    @classmethod
    def read(cls, query: QueryDict) -> "Asked":
        """What an address asks; anything unreadable in it is left out."""
        order = query.get("order", "")
        page = query.get("page", "")
        return cls(
            text=" ".join(query.get("q", "").split())[:LONGEST],
            filters={name: tuple(query.getlist(name)[:MOST_VALUES]) for name in FACETS if any(query.getlist(name))},
            is_fuzzy=query.get("fuzzy") == "1",
            order=order if order in get_args(Order) else "score",  # type: ignore[arg-type]
            page=min(max(int(page), 1), LAST_PAGE) if page.isascii() and page.isdigit() and len(page) < 6 else 1,
        )

    @property
    def wish(self) -> Wish:
        """The same for the selector."""
        return Wish(self.text, self.filters, is_fuzzy=self.is_fuzzy, order=self.order, page=self.page)

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter is chosen."""
        return bool(self.filters)

    def query(self, **other: object) -> str:
        """The query string of this question with something changed; the page is the first again."""
        fields: dict[str, object] = {
            "q": self.text,
            **self.filters,
            "fuzzy": "1" if self.is_fuzzy else "",
            "order": "" if self.order == "score" else self.order,
            **other,
        }
        return urlencode({name: value for name, value in fields.items() if value}, doseq=True)

    def toggled(self, facet: str, value: str) -> str:
        """The query string with a value of a facet chosen, or chosen no more."""
        chosen = self.filters.get(facet, ())
        others = tuple(one for one in chosen if one != value)
        return self.query(**{facet: others if value in chosen else (*chosen, value)})

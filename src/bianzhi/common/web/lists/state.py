"""What a reader has asked of a list, read from the address; nothing of it is trusted."""

from dataclasses import dataclass
from typing import Final

from bianzhi.common.web.access import PageRequest

PAGE_SIZES: Final = (20, 50, 100)
DENSITIES: Final = (("normal", "标准"), ("compact", "紧凑"), ("loose", "宽松"))
DENSITY_COOKIE: Final = "bianzhi_density"
SEARCH, SORT, PAGE, SIZE, COLUMNS, DENSITY, EXPORT = "q", "sort", "page", "size", "cols", "density", "export"
CLEAR: Final = "clear"
OWN: Final = (SEARCH, SORT, PAGE, SIZE, COLUMNS, DENSITY, EXPORT, CLEAR)


@dataclass(frozen=True, slots=True)
class ListState:
    """Search text, order, page and page size, chosen columns, density, wanted export."""

    search: str
    sort: str
    page: int
    size: int
    columns: tuple[str, ...]
    density: str
    export: str

    @property
    def sort_key(self) -> str:
        """Key of the column sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """Whether the order is reversed."""
        return self.sort.startswith("-")


def read(request: PageRequest) -> ListState:
    """The state in the address; what makes no sense falls back to the usual."""
    query = request.GET
    size = _number(query.get(SIZE, ""), PAGE_SIZES[0])
    density = query.get(DENSITY, "") or request.COOKIES.get(DENSITY_COOKIE, "")
    return ListState(
        search=" ".join(query.get(SEARCH, "").split())[:100],
        sort=query.get(SORT, ""),
        page=max(1, _number(query.get(PAGE, ""), 1)),
        size=size if size in PAGE_SIZES else PAGE_SIZES[0],
        columns=tuple(query.getlist(COLUMNS)),
        density=density if density in dict(DENSITIES) else DENSITIES[0][0],
        export=query.get(EXPORT, ""),
    )


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else otherwise

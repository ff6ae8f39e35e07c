"""The list kit: a list page is declared (columns, filters, search) and gets sorting, paging, saved views and export."""

from bianzhi.common.web.lists.columns import Column
from bianzhi.common.web.lists.filters import ChoiceFilter, DateRangeFilter, Filter, LookupFilter, TextFilter
from bianzhi.common.web.lists.page import BulkAction, ListPage

__all__ = [
    "BulkAction",
    "ChoiceFilter",
    "Column",
    "DateRangeFilter",
    "Filter",
    "ListPage",
    "LookupFilter",
    "TextFilter",
]

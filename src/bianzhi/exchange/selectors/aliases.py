"""Unit aliases for the pages."""

from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When

from bianzhi.exchange.models import AliasState, UnitAlias
from bianzhi.exchange.selectors.visible import visible_aliases


def aliases_for(user: Any) -> QuerySet[UnitAlias]:
    """The aliases a user may see, with who decided; `waits` is 1 for those nobody has decided yet."""
    waits = Case(When(state=AliasState.PROPOSED, then=Value(1)), default=Value(0), output_field=IntegerField())
    return visible_aliases(user).select_related("organization", "decided_by").annotate(waits=waits)

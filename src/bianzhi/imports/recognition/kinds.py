"""The four kinds of file a district can bring in, with the words officials use for their columns."""

from typing import Final

from bianzhi.common.tabular.kinds import ImportKind
from bianzhi.imports.recognition.checks import changes_agree, dates_in_order, identity_agrees, totals_agree
from bianzhi.imports.recognition.declarations import declared

ORGANIZATIONS: Final = declared("organizations", checks=(totals_agree,))
ROSTER: Final = declared("roster", checks=(identity_agrees, dates_in_order))
LEDGER_HISTORY: Final = declared("ledger_history", checks=(changes_agree,))
STAFFING_PLAN: Final = declared("staffing_plan")

KINDS: Final[dict[str, ImportKind]] = {
    kind.key: kind for kind in (ORGANIZATIONS, ROSTER, LEDGER_HISTORY, STAFFING_PLAN)
}
"""By key: organizations, roster, ledger-history, staffing-plan."""

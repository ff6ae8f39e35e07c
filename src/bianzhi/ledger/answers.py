"""What the ledger answers when organisations ask before a unit changes (registered in `apps.py`)."""

from bianzhi.documents.models import IssuerLevel
from bianzhi.kernel.objections import Objection
from bianzhi.ledger.rules.permissibility import objections_to_new_nature, objections_to_new_tier
from bianzhi.ledger.selectors.balances import held_from
from bianzhi.ledger.selectors.holders import receiver_of
from bianzhi.organizations.objections import Proposal


def to_proposal(proposal: Proposal) -> list[Objection]:
    """R05, R07, R11: a unit does not become one that may not hold the quota it has, on any day of the new version.

    What a unit that is abolished still holds is asked by personnel, together with its people.
    """
    if proposal.before is None or proposal.after is None:
        return []
    before, after = receiver_of(proposal.before), receiver_of(proposal.after)
    if before == after:
        return []
    levels = held_from([proposal.organization_id], proposal.effective_on, proposal.after.valid_to)
    held = {measure: max(number for _, number in numbers) for (_, measure), numbers in levels.items()}
    is_upper = proposal.after.document.issuer_level == IssuerLevel.UPPER
    return [
        *objections_to_new_nature(before, after, held),
        *objections_to_new_tier(before, after, held, upper_document=is_upper),
    ]

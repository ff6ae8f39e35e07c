"""What the ledger answers when organisations ask before a unit changes (registered in `apps.py`)."""

from datetime import date

from bianzhi.documents.models import IssuerLevel
from bianzhi.kernel.objections import Objection, Severity
from bianzhi.ledger.rules.measures import since_in_words
from bianzhi.ledger.rules.permissibility import objections_to_new_nature, objections_to_new_tier
from bianzhi.ledger.selectors.balances import held_from
from bianzhi.ledger.selectors.holders import receiver_of
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.objections import Proposal


def to_proposal(proposal: Proposal) -> list[Objection]:
    """R05, R07, R10, R11: a unit does not become one that may not hold the quota it has, nor begin after its ledger.

    Asked for every day of the new version. What a unit that is abolished still holds is asked by personnel, together
    with its people.
    """
    if proposal.before is None or proposal.after is None:
        return []
    return [*_to_later_beginning(proposal), *_to_other_nature(proposal, proposal.before, proposal.after)]


def _to_other_nature(proposal: Proposal, old: OrganizationVersion, new: OrganizationVersion) -> list[Objection]:
    before, after = receiver_of(old), receiver_of(new)
    if before == after:
        return []
    levels = held_from([proposal.organization_id], proposal.effective_on, new.valid_to)
    held = {measure: max(number for _, number in numbers) for (_, measure), numbers in levels.items()}
    is_upper = new.document.issuer_level == IssuerLevel.UPPER
    return [
        *objections_to_new_nature(before, after, held),
        *objections_to_new_tier(before, after, held, upper_document=is_upper),
    ]


def _to_later_beginning(proposal: Proposal) -> list[Objection]:
    """R10: a unit holds nothing before its first day, as no entry may give it anything then."""
    day = proposal.effective_on
    earlier = held_from([proposal.organization_id], date.min, day) if proposal.begins_later else {}
    if not earlier:
        return []
    held = {measure: levels[0] for (_, measure), levels in earlier.items()}
    figures = {measure: number for measure, (_, number) in held.items()}
    step = "请核对起始日期；确属设立得更晚的，请先冲正这些条目，再按正确的日期登记"
    return [
        Objection("R10", f"该单位在 {day} 以前已登记有{since_in_words(held)}（R10）", Severity.BLOCK, figures, step)
    ]

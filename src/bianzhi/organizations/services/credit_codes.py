"""The unified social credit code of a unit."""

from collections import Counter
from collections.abc import Collection

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.identifiers.credit_code import CreditCode, CreditCodeError, parse_credit_code
from bianzhi.kernel.objections import Objection, refuse_if
from bianzhi.organizations import scopes
from bianzhi.organizations.models import Organization, OrganizationVersion
from bianzhi.organizations.services.changes import CHANGE
from bianzhi.organizations.services.locks import lock_organization


@unit_of_work
def set_uscc(*, actor: Actor, organization_id: int, uscc: str, confirmed: bool = False) -> Organization:
    """Set or, with "", clear the credit code of a unit.

    A wrong checksum is refused unless `confirmed`: a few codes of the pilot years break it and are in force; they are
    flagged. A code of another unit is refused.
    """
    scopes.require_organization(actor, CHANGE, organization_id)
    organization = lock_organization(organization_id)
    version = OrganizationVersion.objects.current().filter(organization=organization).order_by("-valid_from").first()
    organization.known_as = version.name if version else organization.code
    code, problems = read_credit_code(uscc, name=organization.known_as, confirmed=confirmed)
    refuse_if([*problems, *objections_to_taken_codes([code.value] if code else [], but=organization_id)])
    before = organization.uscc
    organization.uscc = code.value if code else ""
    organization.uscc_unverified = code is not None and not code.is_sound
    organization.save(update_fields=["uscc", "uscc_unverified"])
    facts = {"changes": {"uscc": [before, organization.uscc]}, "unverified": organization.uscc_unverified}
    record("organizations.credit_code_set", actor=actor, subject=organization, wrote=[organization], facts=facts)
    outbox.put("organizations.credit_code_set", key=organization.pk, payload={"ids": [organization.pk]})
    return organization


def read_credit_code(text: str, *, name: str, confirmed: bool) -> tuple[CreditCode | None, list[Objection]]:
    """The code of a text, None for a blank one, or what is wrong with it."""
    if not text.strip():
        return None, []
    try:
        return parse_credit_code(text, allow_flagged=confirmed), []
    except CreditCodeError as error:
        return None, [Objection("organization.credit_code", f"“{name}”的{error}。")]


def objections_to_taken_codes(codes: Collection[str], *, but: int | None = None) -> list[Objection]:
    """A credit code belongs to one unit; `but` is the unit that asks."""
    wanted = sorted(set(codes))
    twice = {code for code, count in Counter(codes).items() if count > 1}
    for start in range(0, len(wanted), 500):
        held = Organization.objects.filter(uscc__in=wanted[start : start + 500]).values_list("pk", "uscc")
        twice |= {code for pk, code in held if pk != but}
    return [
        Objection(
            "organization.credit_code_taken",
            f"统一社会信用代码 {code} 已登记在另一机构名下。",
            next_step="请与证书核对，或先更正另一机构的代码。",
        )
        for code in sorted(twice)
    ]

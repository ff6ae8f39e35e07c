"""Locks of a personnel act, always in the same order: accounts by id, then persons by id.

Whoever takes them in this order can wait for another, but two can never wait for each other.
"""

from collections.abc import Collection, Iterable
from datetime import date

from django.db.models import Q

from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.ledger.models import Account
from bianzhi.ledger.rules.lines import Place
from bianzhi.ledger.services.locks import lock_accounts
from bianzhi.ledger.services.moves import source_of
from bianzhi.personnel.models import Person
from bianzhi.personnel.rules.units import is_frozen, is_pooled
from bianzhi.personnel.selectors.units import unit_on


def lock_quota(organization_ids: Iterable[int], measures: Collection[str], *, also: Iterable[Place] = ()) -> None:
    """Lock the accounts of these measures of these units, and `also` places that the act will post to."""
    keys = [place.key for place in also]
    accounts = Account.objects.filter(
        Q(organization_id__in=set(organization_ids), measure__in=set(measures)) | Q(key__in=keys)
    )
    lock_accounts(accounts.values_list("pk", flat=True))


def lock_persons(person_ids: Iterable[int]) -> dict[int, Person]:
    """Lock these persons and return them fresh, by id; raises Refused when one does not exist."""
    wanted = set(person_ids)
    found = {person.pk: person for person in Person.objects.filter(pk__in=wanted).order_by("pk").select_for_update()}
    if len(found) < len(wanted):
        raise Refused([Objection("D2", "没有该人员", Severity.BLOCK, {}, "请从人员名册中选择")])
    return found


def freed_to(organization_id: int, quota_type: str, day: date) -> list[Place]:
    """Where quota goes that an exit frees: a frozen type is withdrawn (R19), a pooled one returns to its pool (R20)."""
    unit = unit_on(organization_id, day)
    tier = unit.tier if unit else "district"
    if is_frozen(quota_type):
        return [Place("withdrawn", quota_type, tier)]
    if is_pooled(quota_type):
        return [source_of(quota_type, tier)]
    return []

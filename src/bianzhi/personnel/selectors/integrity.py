"""What `./bianzhi check` proves of the personnel register."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Count, DateField, Exists, F, Model, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from bianzhi.common.db.encrypted import SealedText
from bianzhi.common.integrity import Finding
from bianzhi.kernel.objections import Severity
from bianzhi.ledger.models import Posting
from bianzhi.ledger.selectors.balances import approved
from bianzhi.organizations.models import OrganizationStatus, OrganizationVersion
from bianzhi.personnel.models import (
    Appointment,
    ApprovalSlot,
    Engagement,
    Movement,
    MovementFamily,
    Occupancy,
    Person,
    SlotState,
)
from bianzhi.personnel.rules.persons import Identity, objections_to_identity

Key = tuple[int, str]


def where(row: Model) -> str:
    """Name of a record with its table and id."""
    return _where(type(row), row.pk)


def _where(model: type[Model], pk: object) -> str:
    return f"{model._meta.verbose_name} {pk}（{model._meta.db_table}.id={pk}）"


def no_overlaps() -> Iterator[Finding]:
    """R04: nobody is on two quotas on one day, nor on one and employed beside it."""
    rows = Occupancy.objects.current().order_by("person_id", "valid_from", "pk")
    previous: tuple[int, int, date | None] | None = None
    for pk, person_id, start, end in rows.values_list("pk", "person_id", "valid_from", "valid_to").iterator():
        if previous is not None and previous[1] == person_id and (previous[2] is None or previous[2] > start):
            yield Finding(_where(Occupancy, pk), f"与占编记录 {previous[0]} 期间重叠：一人只能占用一个编制（R04）")
        previous = (pk, person_id, end)
    yield from _counted_twice()


def _counted_twice() -> Iterator[Finding]:
    """Employments beside the quota on days on which the person is on one."""
    on_quota = Occupancy.objects.current().filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=OuterRef("valid_from")),
        person=OuterRef("person"),
        valid_from__lt=Coalesce(OuterRef("valid_to"), Value(date.max, DateField())),
    )
    for engagement in Engagement.objects.current().filter(Exists(on_quota)).order_by("pk"):
        yield Finding(where(engagement), "用工期间同时占用编制：一人不能既在编又是编外（员额）人员（R04）")


def within_lives() -> Iterator[Finding]:
    """L1: nobody is on the quota of a unit that is not there; what was taken over may be older than its record."""
    lives = _lives()
    taken_over = set(
        Movement.objects.filter(family=MovementFamily.OPENING).values_list("to_occupancy_id", flat=True).iterator()
    )
    rows = Occupancy.objects.current().values_list("pk", "organization_id", "valid_from", "valid_to")
    for pk, organization_id, start, end in rows.iterator():
        born, died = lives.get(organization_id, (None, None))
        if born is None or (start < born and pk not in taken_over):
            yield Finding(_where(Occupancy, pk), f"自 {start} 起占编，早于单位设立（{born or '无'}）")
        if died is not None and (end is None or end > died):
            yield Finding(_where(Occupancy, pk), f"单位已于 {died} 终止，占编仍未结束")


def _lives() -> dict[int, tuple[date, date | None]]:
    """First day and day of end (None: goes on) of every organisation."""
    lives: dict[int, tuple[date, date | None]] = {}
    versions = OrganizationVersion.objects.current().exclude(status=OrganizationStatus.ABOLISHED)
    rows = versions.order_by("organization_id", "valid_from").values_list("organization_id", "valid_from", "valid_to")
    for organization_id, start, end in rows.iterator():
        born = lives[organization_id][0] if organization_id in lives else start
        lives[organization_id] = (born, end)
    return lives


def slots_fit() -> Iterator[Finding]:
    """R01: a confirmed slot is used by one occupancy of its unit and quota type, and is marked used exactly then."""
    used = Q(occupancies__superseded_at__isnull=True, occupancies__isnull=False)
    counted = ApprovalSlot.objects.annotate(users=Count("occupancies", filter=used))
    for slot in counted.filter(users__gt=1):
        yield Finding(where(slot), f"名额 {slot.number} 被 {slot.users} 条占编记录使用（R01）")
    for slot in counted.filter(users=0, state=SlotState.CONSUMED):
        yield Finding(where(slot), f"名额 {slot.number} 标记为已使用，但没有占编记录（R01）")
    for slot in counted.filter(users__gt=0).exclude(state=SlotState.CONSUMED):
        yield Finding(where(slot), f"名额 {slot.number} 已有占编记录，状态却是{slot.get_state_display()}（R01）")
    for early in ApprovalSlot.objects.filter(state=SlotState.CONSUMED, approval__confirmed_on__isnull=True):
        yield Finding(where(early), f"名额 {early.number} 已使用，其核准单却未核准（R01）")
    unfit = Occupancy.objects.current().filter(slot__isnull=False)
    for occupancy in unfit.exclude(organization_id=F("slot__organization_id"), quota_type=F("slot__quota_type")):
        yield Finding(where(occupancy), "占编的单位或编制类型与其核准名额不一致（R01）")


def within_numbers() -> Iterator[Finding]:
    """R02, R09, R22: open rows and reserved slots fit the ledger, but for the excess that is marked or was allowed."""
    used: Counter[Key] = Counter()
    used.update(_counted(Occupancy.objects.open_ended().filter(over_quota=False), "quota_type"))
    used.update(_counted(ApprovalSlot.objects.filter(state=SlotState.RESERVED), "quota_type"))
    used.update(_counted(Engagement.objects.open_ended().filter(over_cap=False), "kind"))
    principal = Appointment.objects.open_ended().filter(is_principal=True, exceeds_posts=False)
    used.update(_counted(principal.exclude(post_level=""), "post_level"))
    allotted = approved(None, date.max)
    allowed = set(
        Posting.objects.filter(entry__allows_overstaffing=True, amount__lt=0)
        .order_by()
        .values_list("account__organization_id", "account__measure")
    )
    for key, number in sorted(used.items()):
        if number > allotted.get(key, 0) and key not in allowed:
            organization_id, measure = key
            yield Finding(
                f"单位 {organization_id}（organizations_organization.id={organization_id}）{measure}",
                f"核定 {allotted.get(key, 0)}，未标记超编的实有与预占合计 {number}",
            )


def _counted(rows: QuerySet[Any], measure: str) -> dict[Key, int]:
    found = rows.order_by().values_list("organization_id", measure).annotate(number=Count("pk"))
    return {(organization_id, code): number for organization_id, code, number in found}


def movements_fit() -> Iterator[Finding]:
    """Every beginning and end of an occupancy has its movement, of the same person and day."""
    occupancies = {
        pk: (person_id, start, end)
        for pk, person_id, start, end in Occupancy.objects.current()
        .values_list("pk", "person_id", "valid_from", "valid_to")
        .iterator()
    }
    begun: set[int] = set()
    ended: dict[int, set[date]] = defaultdict(set)
    before: dict[int, int] = {}
    rows: QuerySet[Any, Any] = Movement.objects.values_list(
        "pk", "family", "person_id", "effective_on", "from_occupancy_id", "to_occupancy_id"
    ).order_by("pk")
    for pk, family, person_id, day, left, entered in rows.iterator():
        is_correction = family == MovementFamily.CORRECTION
        if entered in occupancies:
            begun.add(entered)
            owner, start, _ = occupancies[entered]
            if owner != person_id or (start != day and not is_correction):
                yield Finding(_where(Movement, pk), f"与其占编记录 {entered} 的人员或日期不符")
        if left is not None and entered is not None:
            before[entered] = left
        if left is not None and not is_correction:
            ended[left].add(day)
    for pk, (_, _, end) in occupancies.items():
        if pk not in begun:
            yield Finding(_where(Occupancy, pk), "没有对应的入编、调动或期初登记业务")
        if end is not None and end not in _ends(pk, ended, before):
            yield Finding(_where(Occupancy, pk), f"于 {end} 结束，但没有对应的出编或调动业务")


def _ends(pk: int, ended: dict[int, set[date]], before: dict[int, int]) -> set[date]:
    """Days on which movements ended an occupancy or what it continues: an exit may have been filed on that one."""
    found: set[date] = set()
    row: int | None = pk
    while row is not None:
        found |= ended.get(row, set())
        row = before.get(row)
    return found


def numbers_found() -> Iterator[Finding]:
    """R04: every person is found by the ID number that stands encrypted beside the fingerprint."""
    for pk, number, kept in Person.objects.order_by("pk").values_list("pk", "id_number", "id_fingerprint").iterator():
        if not isinstance(number, SealedText) and Person.fingerprint(number) != kept:
            yield Finding(_where(Person, pk), "身份证号与检索指纹不符，按身份证号查不到此人")


def persons_sound() -> Iterator[Finding]:
    """R16: every ID number is sound and agrees with birth and sex, unless the file is certified."""
    columns = ("pk", "name", "id_number", "sex", "born_on", "certified_born_on", "identity_certified")
    for pk, *facts in Person.objects.order_by("pk").values_list(*columns).iterator():
        if isinstance(facts[1], SealedText):  # told by common.encrypted
            continue
        for objection in objections_to_identity(Identity(*facts)):
            if objection.severity is Severity.BLOCK:
                yield Finding(_where(Person, pk), objection.message)

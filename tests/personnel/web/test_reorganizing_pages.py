"""合并、拆分、划转、撤销 through the pages: shown before they are done, done as shown, told on the event's page."""

import re
import uuid
from datetime import date
from typing import Any

from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import RoleGrant, User
from bianzhi.audit.chain import verify_rows
from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.selectors.balances import approved
from bianzhi.ledger.services import allot
from bianzhi.organizations.models import (
    Lineage,
    LineageKind,
    Organization,
    OrganizationVersion,
    ReorganizationEvent,
    Tier,
)
from bianzhi.organizations.selectors.history import history
from bianzhi.personnel.models import Movement, Occupancy
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from bianzhi.personnel.services.appointments import AppointmentOrder, appoint
from bianzhi.personnel.services.transfers import InternalOrder, reassign_body
from tests.cast import PERSONNEL_CHECKS, TODAY, Cast, make_unit
from tests.personnel.web.conftest import posted, text_of

CHECKS = [*PERSONNEL_CHECKS, "ledger.balance", "ledger.reserves"]
BEFORE = date(2026, 3, 1)
EARLIER = date(2024, 5, 6)


def address(unit: Organization, kind: str) -> str:
    return reverse("personnel:reorganize", args=[unit.pk, kind])


def given(cast: Cast, **data: Any) -> dict[str, Any]:
    fixed = {"effective_on": TODAY.isoformat(), "document": cast.upper_document.pk, "token": uuid.uuid4().hex}
    return {**fixed, **data}


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} on the page"
    return found[1]


def shown(client: Client, url: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Send the form for the first time: the page with the effects, and what confirms just these."""
    answer = posted(client, url, data)
    page = text_of(answer)
    assert answer.status_code == 200, page
    kept = {name: hidden(page, name) for name in ("confirm", "shown")}
    return page, data | kept


def done(client: Client, url: str, data: dict[str, Any]) -> ReorganizationEvent:
    """Send the form twice; the event it leads to."""
    _, confirmed = shown(client, url, data)
    answer = posted(client, url, confirmed)
    assert answer.status_code == 302, text_of(answer)
    return ReorganizationEvent.objects.get(pk=int(answer["Location"].rstrip("/").rsplit("/", 1)[-1]))


def refused(client: Client, url: str, data: dict[str, Any]) -> str:
    """Send a form that cannot be done; the page that says why. Nothing stays."""
    before = (ReorganizationEvent.objects.count(), LedgerEntry.objects.count(), AuditEntry.objects.count())
    answer = posted(client, url, data)
    assert answer.status_code == 422
    assert (ReorganizationEvent.objects.count(), LedgerEntry.objects.count(), AuditEntry.objects.count()) == before
    return text_of(answer)


def use(unit: Organization, quota_type: str = "A1", day: date = TODAY) -> QuotaUse:
    return quota_use([unit.pk], day).get((unit.pk, quota_type), QuotaUse())


def is_alive(unit: Organization, day: date) -> bool:
    return OrganizationVersion.objects.as_of(day).filter(organization=unit).exists()


def assert_sound() -> None:
    assert findings(CHECKS) == []
    assert [finding for finding in verify_rows() if "accounts_" not in finding.where] == []


def test_the_menu_of_a_unit_offers_the_reorganisations(office: Client, cast: Cast) -> None:
    page = text_of(office.get(reverse("organizations:detail", args=[cast.bureau.pk])))
    for kind in ("merge", "split", "hand-over", "abolish"):
        assert address(cast.bureau, kind) in page


def test_a_merger_is_shown_first_then_done_and_told(office: Client, cast: Cast) -> None:
    people = cast.fill(cast.audit_office, "A1", 2, on=EARLIER)
    leader = AppointmentOrder(
        people[0].person_id, cast.audit_office.pk, "局长", EARLIER, cast.document, post_level="org_chief"
    )
    appoint(actor=cast.office, today=EARLIER, order=leader)
    slot = cast.approve(cast.audit_office, today=BEFORE).slots[0]
    url, data = address(cast.audit_office, "merge"), given(cast, target=cast.bureau.pk, posts_org_deputy="3")

    page, confirmed = shown(office, url, data)
    assert "尚未办理" in page
    assert "局长" in page
    assert slot.number in page
    assert not ReorganizationEvent.objects.filter(kind=LineageKind.MERGED).exists()
    assert is_alive(cast.audit_office, TODAY)

    answer = posted(office, url, confirmed)
    event = ReorganizationEvent.objects.get(kind=LineageKind.MERGED)
    assert answer["Location"] == reverse("organizations:event", args=[event.pk])
    assert use(cast.audit_office, day=BEFORE) == QuotaUse(4, 2, 1)
    assert use(cast.audit_office) == QuotaUse(0, 0, 0)
    assert use(cast.bureau, day=BEFORE) == QuotaUse(10, 0, 0)
    assert use(cast.bureau) == QuotaUse(14, 2, 0)
    assert approved([cast.bureau.pk], TODAY)[cast.bureau.pk, "org_deputy"] == 3
    parts = set(Lineage.objects.filter(event=event).values_list("organization_id", "role"))
    assert parts == {(cast.audit_office.pk, "source"), (cast.bureau.pk, "target")}
    assert AuditEntry.objects.filter(action="personnel.reorganized", actor_name="office").count() == 1
    assert_sound()

    told = text_of(office.get(answer["Location"]))
    for movement in Movement.objects.filter(event=event):
        assert movement.number in told
        assert movement.person.name in told
    for entry in LedgerEntry.objects.filter(event=event):
        assert entry.number in told
    assert "局长" in told
    assert slot.number in told
    assert cast.upper_document.doc_no in told


def test_a_form_sent_twice_is_done_once(office: Client, cast: Cast) -> None:
    url, data = address(cast.audit_office, "merge"), given(cast, target=cast.bureau.pk)
    _, confirmed = shown(office, url, data)
    first = posted(office, url, confirmed)
    again = posted(office, address(cast.bureau, "merge"), confirmed)
    assert again["Location"] == first["Location"]
    assert ReorganizationEvent.objects.filter(kind=LineageKind.MERGED).count() == 1


def test_a_change_after_the_preview_is_shown_again(office: Client, cast: Cast) -> None:
    url, data = address(cast.audit_office, "merge"), given(cast, target=cast.bureau.pk)
    _, confirmed = shown(office, url, data)
    assert "尚未办理" in text_of(posted(office, url, confirmed | {"target": cast.township.pk}))
    cast.member(cast.audit_office, on=EARLIER)
    page = refused(office, url, confirmed)
    assert "核对之后" in page
    assert done(office, url, data).kind == LineageKind.MERGED
    assert use(cast.bureau) == QuotaUse(14, 1, 0)


def test_two_units_become_a_new_one(office: Client, cast: Cast) -> None:
    cast.fill(cast.audit_office, "A1", 3, on=EARLIER)
    url = address(cast.audit_office, "merge-new")
    data = given(
        cast, partner_1=cast.bureau.pk, name="测试区财政审计局", org_type="31", rank="141", posts_org_chief="1"
    )
    page, _ = shown(office, url, data)
    assert "测试区财政审计局" in page
    event = done(office, url, data)
    new = OrganizationVersion.objects.get(name="测试区财政审计局").organization
    assert use(new) == QuotaUse(14, 3, 0)
    assert not is_alive(cast.bureau, TODAY)
    assert not is_alive(cast.audit_office, TODAY)
    assert set(event.parts.filter(role="source").values_list("organization_id", flat=True)) == {
        cast.audit_office.pk,
        cast.bureau.pk,
    }
    assert_sound()


def test_a_unit_cannot_be_merged_with_itself_or_twice_with_another(office: Client, cast: Cast) -> None:
    url = address(cast.audit_office, "merge")
    assert "不能选择两次" in refused(office, url, given(cast, target=cast.audit_office.pk))
    page = refused(office, url, given(cast, target=cast.bureau.pk, also_1=cast.bureau.pk))
    assert "不能选择两次" in page


def test_rules_refuse_a_merger_with_their_figures(office: Client, cast: Cast) -> None:
    cast.fill(cast.audit_office, "A1", 1, on=EARLIER)
    page = refused(office, address(cast.audit_office, "merge"), given(cast, target=cast.school.pk))
    assert "R05" in page
    local = given(cast, target=cast.township.pk) | {"document": cast.document.pk}
    page = refused(office, address(cast.audit_office, "merge"), local)
    assert "R07" in page or "R10" in page
    late = given(cast, target=cast.bureau.pk, effective_on="2024-05-01")
    page = refused(office, address(cast.audit_office, "merge"), late)
    assert "D3" in page
    assert "下一步" in page


def test_a_split_by_name_and_by_internal_body(office: Client, cast: Cast) -> None:
    people = cast.fill(cast.bureau, "A1", 3, on=EARLIER)
    later = EARLIER.replace(day=7)
    order = InternalOrder(people[0].person_id, later, cast.document, internal_body_id=cast.finance_section.pk)
    reassign_body(actor=cast.office, today=later, order=order)
    url = address(cast.bureau, "split")
    data = given(
        cast,
        target_1=cast.audit_office.pk,
        bodies_1=[str(cast.finance_section.pk)],
        amount_1_A1="2",
        unit_name_2="测试区会计核算局",
        unit_rank_2="141",
        people_2=[str(people[1].person_id)],
        keeps_source="on",
    )
    page = text_of(office.get(url))
    assert "预算科" in page
    names = re.findall(r'<(?:input|select|textarea)[^>]* name="([a-z_0-9A-Z]+)"', page)
    boxes = ("people_", "bodies_")
    once_only = [name for name in names if not name.startswith(boxes) and name != "csrfmiddlewaretoken"]
    assert len(once_only) == len(set(once_only)), "a field shown twice would be sent twice"
    event = done(office, url, data)
    new = OrganizationVersion.objects.get(name="测试区会计核算局").organization
    assert use(cast.audit_office, day=BEFORE) == QuotaUse(4, 0, 0)
    assert use(cast.audit_office) == QuotaUse(6, 1, 0)
    assert use(new) == QuotaUse(1, 1, 0), "left blank, quota goes with the people"
    assert use(cast.bureau) == QuotaUse(7, 1, 0)
    assert event.kind == LineageKind.SPLIT
    assert_sound()


def test_nobody_is_chosen_for_two_units(office: Client, cast: Cast) -> None:
    member = cast.member(cast.bureau, on=EARLIER)
    data = given(
        cast,
        target_1=cast.audit_office.pk,
        people_1=[str(member.person_id)],
        unit_name_2="测试区会计核算局",
        people_2=[str(member.person_id)],
        keeps_source="on",
    )
    page = refused(office, address(cast.bureau, "split"), data)
    assert f"{member.person.name}被划入不止一个承接单位" in page


def test_a_unit_that_ends_by_a_split_gives_everybody_away(office: Client, cast: Cast) -> None:
    member = cast.member(cast.bureau, on=EARLIER)
    url = address(cast.bureau, "split") + "?shares=1"
    page = refused(office, url, given(cast, target_1=cast.audit_office.pk, amount_1_A1="3"))
    assert f"还有 1 人没有划入任何承接单位：{member.person.name}" in page
    done(office, url, given(cast, target_1=cast.audit_office.pk, amount_1_A1="3", people_1=[member.person_id]))
    assert use(cast.audit_office) == QuotaUse(7, 1, 0)
    assert use(cast.bureau) == QuotaUse(0, 0, 0)
    assert not is_alive(cast.bureau, TODAY)
    assert_sound()


def test_quota_and_people_are_handed_over(office: Client, cast: Cast) -> None:
    people = cast.fill(cast.bureau, "A1", 3, on=EARLIER)
    url = address(cast.bureau, "hand-over")
    data = given(cast, target_1=cast.audit_office.pk, people_1=[str(people[0].person_id)], amount_1_A1="2")
    page, _ = shown(office, url, data)
    assert people[0].person.name in page.split("尚未办理")[1].split("承接单位")[0]
    event = done(office, url, data)
    assert (use(cast.bureau, day=BEFORE), use(cast.bureau)) == (QuotaUse(10, 3, 0), QuotaUse(8, 2, 0))
    assert (use(cast.audit_office, day=BEFORE), use(cast.audit_office)) == (QuotaUse(4, 0, 0), QuotaUse(6, 1, 0))
    assert Movement.objects.get(event=event).mode == "T06"
    assert_sound()


def test_more_than_a_unit_has_is_not_handed_over(office: Client, cast: Cast) -> None:
    cast.fill(cast.bureau, "A1", 3, on=EARLIER)
    url = address(cast.bureau, "hand-over")
    page = refused(office, url, given(cast, target_1=cast.audit_office.pk, amount_1_A1="8"))
    assert "R02" in page
    assert "没有划转任何编制和人员" in refused(office, url, given(cast, target_1=cast.audit_office.pk))


def test_quota_does_not_leave_its_tier_by_a_local_document(office: Client, cast: Cast) -> None:
    facts: dict[str, Any] = {"actor": cast.office, "document": cast.document, "org_type": "31"}
    station = make_unit(code="T901", name="测试区测试站", **facts)
    village = make_unit(code="T902", name="测试镇测试站", tier=Tier.TOWNSHIP, **facts)
    allot(actor=cast.office, basis=cast.basis(), organization_id=station.pk, amounts={"A1": 2})
    data = given(cast, target_1=village.pk, amount_1_A1="1")
    assert "R07" in refused(office, address(station, "hand-over"), data | {"document": cast.document.pk})
    done(office, address(station, "hand-over"), data)
    assert (use(station), use(village)) == (QuotaUse(1, 0, 0), QuotaUse(1, 0, 0))


def test_an_abolition_with_a_receiving_unit(office: Client, cast: Cast) -> None:
    cast.fill(cast.audit_office, "A1", 2, on=EARLIER)
    url = address(cast.audit_office, "abolish")
    assert "请选择接收单位" in refused(office, url, given(cast, people="receive"))
    event = done(office, url, given(cast, people="receive", receiving=cast.bureau.pk))
    assert event.kind == LineageKind.ABOLISHED
    assert use(cast.bureau) == QuotaUse(12, 2, 0)
    assert use(cast.audit_office) == QuotaUse(0, 0, 0)
    assert not is_alive(cast.audit_office, TODAY)
    told = text_of(office.get(reverse("organizations:event", args=[event.pk])))
    for movement in Movement.objects.filter(mode="T06"):
        assert movement.number in told
    assert LedgerEntry.objects.get(kind="abolished").number in told
    assert_sound()


def test_an_abolition_in_which_people_leave_the_quota(office: Client, cast: Cast) -> None:
    cast.fill(cast.audit_office, "A1", 2, on=EARLIER)
    url = address(cast.audit_office, "abolish")
    page, _ = shown(office, url, given(cast, people="leave"))
    assert "出编" in page
    event = done(office, url, given(cast, people="leave"))
    assert not Occupancy.objects.open_ended().filter(organization=cast.audit_office).exists()
    told = text_of(office.get(reverse("organizations:event", args=[event.pk])))
    exits = list(Movement.objects.filter(mode="O11"))
    assert len(exits) == 2
    assert all(movement.number in told for movement in exits)
    assert_sound()


def test_a_plain_abolition_points_to_the_one_with_people(office: Client, cast: Cast) -> None:
    cast.member(cast.audit_office, on=EARLIER)
    url = reverse("organizations:act", args=[cast.audit_office.pk, "abolish"])
    answer = posted(office, url, given(cast))
    assert answer.status_code == 422
    assert "仍有在编人员 1" in text_of(answer)
    assert "撤销（连同人员、编制）" in text_of(answer)
    assert "仍持有行政编制 4 名" in text_of(answer)


def test_a_unit_does_not_become_one_that_may_not_hold_its_quota(office: Client, cast: Cast) -> None:
    cast.member(cast.audit_office, on=EARLIER)
    url = reverse("organizations:act", args=[cast.audit_office.pk, "nature"])
    data = given(cast, org_type="80", institution_class="82")
    answer = posted(office, url, data)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "仍持有行政编制 4 名，调整后的机构类别不能使用" in page
    assert "仍有使用行政编制 1 名的人员" in page
    data = given(cast, org_type="35")
    assert "R11" in text_of(posted(office, url, data))


def test_a_unit_does_not_change_its_tier_with_quota_by_a_local_document(office: Client, cast: Cast) -> None:
    url = reverse("organizations:act", args=[cast.township.pk, "affiliation"])
    local = given(cast, tier="district") | {"document": cast.document.pk}
    page = text_of(posted(office, url, local))
    assert "R07" in page


def test_only_the_establishment_office_reorganises(of_bureau: Client, outsider: Client, cast: Cast) -> None:
    url = address(cast.bureau, "merge")
    assert of_bureau.get(url).status_code == 403
    assert outsider.get(url).status_code == 403
    assert posted(of_bureau, url, given(cast, target=cast.audit_office.pk)).status_code == 403
    assert Client().get(url).status_code == 302


def test_an_unknown_kind_or_an_abolished_unit_is_not_found(office: Client, cast: Cast) -> None:
    assert office.get(address(cast.bureau, "sell")).status_code == 404
    done(office, address(cast.audit_office, "merge"), given(cast, target=cast.bureau.pk))
    assert office.get(address(cast.audit_office, "split")).status_code == 404


def test_an_event_shows_a_unit_clerk_only_what_concerns_its_unit(office: Client, of_bureau: Client, cast: Cast) -> None:
    people = cast.fill(cast.audit_office, "A1", 2, on=EARLIER)
    url = address(cast.audit_office, "hand-over")
    data = given(cast, target_1=cast.bureau.pk, people_1=[str(people[0].person_id)])
    event = reverse("organizations:event", args=[done(office, url, data).pk])
    page = text_of(of_bureau.get(event))
    assert people[0].person.name in page
    assert people[1].person.name not in page
    assert "管理范围以外的单位" in page
    assert address(cast.audit_office, "merge") not in page
    user = User.objects.create_user("school", None, display_name="school")
    RoleGrant.objects.create(user=user, role="unit_clerk", organization_id=cast.school.pk, includes_subtree=False)
    of_school = Client()
    of_school.force_login(user)
    assert of_school.get(event).status_code == 404


def test_history_tells_the_newest_first_within_a_day_too(office: Client, cast: Cast) -> None:
    event = done(office, address(cast.audit_office, "merge"), given(cast, target=cast.bureau.pk, posts_org_deputy="3"))
    rows = [row for row in history(cast.bureau, TODAY) if row.date == TODAY]
    times = [row.recorded_at for row in rows if row.recorded_at is not None]
    assert len(times) == len(rows) == 3
    assert times == sorted(times, reverse=True)
    assert rows[-1].title == "合并"
    assert rows[-1].url == reverse("organizations:event", args=[event.pk])

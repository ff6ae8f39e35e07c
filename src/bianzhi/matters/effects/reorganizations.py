"""合并、撤销、划转、拆分 with everything in the units (P07), as personnel carries them out."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from bianzhi.ledger.selectors.balances import approved, by_body
from bianzhi.ledger.services import allot_to_body
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.effects.units import set_up_bodies
from bianzhi.matters.rules import establishment as said
from bianzhi.organizations.models import InternalBodyVersion, OrganizationVersion
from bianzhi.organizations.selectors.units import as_of, bodies, nearest
from bianzhi.organizations.services import NewOrganization, change_duties, close_body, establish
from bianzhi.personnel.models import Occupancy
from bianzhi.personnel.services.carrying import staying_at
from bianzhi.personnel.services.reorganizations import Share, abolish_unit, hand_over, merge, split

COPIED: Final = ("org_type", "institution_class", "nature", "rank", "funding_form")
"""Facts a new unit takes over from the one it grows out of, unless the form says otherwise."""


def merge_units(order: Order) -> Done:
    """合并: the units of the form end, one that exists or a new one takes over what they have.

    Raises Refused as the structure (R10), the ledger (R05, R07) and personnel (R02, D3) do; all or nothing.
    """
    form = order.form
    sources = said.ids(form, "sources", "unit")
    target_id = said.identifier(form, "target")
    if target_id is None:
        target_id = establish(actor=order.actor, document=order.document, organization=_merged_unit(order, sources)).pk
    elif duties := said.text(form, "duties"):
        change_duties(
            actor=order.actor,
            organization_id=target_id,
            document=order.document,
            effective_on=order.day,
            duties=duties,
        )
    event = merge(
        actor=order.actor,
        today=order.today,
        decree=order.decree,
        source_ids=sources,
        target=target_id,
        posts=said.posts(form) or None,
        bodies=_places_in(order, target_id),
    )
    return Done(order.words, (target_id, *sources), event=event)


def _merged_unit(order: Order, sources: Sequence[int]) -> NewOrganization:
    """The unit to be founded: what the form leaves blank is as it was at the first of the units that end."""
    form = order.form
    grown_from = nearest(sources[0], order.day)
    facts: dict[str, Any] = {name: str(form.get(f"new_{name}") or getattr(grown_from, name, "")) for name in COPIED}
    if facts["org_type"] != said.INSTITUTION:
        facts["institution_class"] = ""
    supervising = getattr(grown_from, "supervising_department_id", None)
    return NewOrganization(
        name=said.text(form, "new_name"),
        short_name=said.text(form, "new_short_name"),
        effective_on=order.day,
        parent_id=said.identifier(form, "new_parent") or getattr(grown_from, "parent_id", None),
        supervising_department_id=said.identifier(form, "new_supervising_department") or supervising,
        tier=getattr(grown_from, "tier", None),
        duties=said.text(form, "duties"),
        **facts,
    )


def _places_in(order: Order, target_id: int) -> dict[int, int]:
    """Where the people of each internal body arrive: bodies of the target by name, set up where there are none."""
    rows = [row for row in said.rows(order.form, "bodies") if row.get("to_name")]
    wanted = list(dict.fromkeys(str(row["to_name"]) for row in rows))
    there = {version.name: version.body_id for version in bodies(target_id, order.day)}
    there |= set_up_bodies(order, target_id, [{"name": name} for name in wanted if name not in there])
    return {int(row["body"]): there[str(row["to_name"])] for row in rows if row.get("body")}


def abolish_with_everything(order: Order) -> Done:
    """撤销: a receiving unit takes the people and their quota, or they leave the quota with the unit (O11)."""
    unit_id = int(order.form["unit"])
    takes = order.form.get("people_go") == "receive"
    event = abolish_unit(
        actor=order.actor,
        today=order.today,
        decree=order.decree,
        organization_id=unit_id,
        receiving_id=said.identifier(order.form, "receiving") if takes else None,
    )
    return Done(order.words, (unit_id,), event=event)


def hand_over_part(order: Order) -> Done:
    """划转: quota, posts, people by name and whole internal bodies go from one unit to another; both go on."""
    form = order.form
    source_id, target_id = int(form["source"]), int(form["target"])
    moved = [version for version in bodies(source_id, order.day) if version.body_id in said.ids(form, "bodies", "body")]
    places = _rebuilt(order, source_id, target_id, moved)
    people = _people(order, source_id, "people", places)
    share = Share(
        target=target_id,
        amounts=_amounts(order, source_id, people, said.amounts(form, "quota"), said.posts(form)),
        person_ids=sorted(each.person_id for each in people),
        bodies=places,
        allows_overstaffing=bool(form.get("allows_overstaffing")),
    )
    event = hand_over(actor=order.actor, today=order.today, decree=order.decree, source_id=source_id, share=share)
    for version in moved:
        close_body(actor=order.actor, body_id=version.body_id, document=order.document, effective_on=order.day)
    return Done(order.words, (source_id, target_id), event=event)


def _rebuilt(order: Order, source_id: int, target_id: int, moved: Sequence[InternalBodyVersion]) -> dict[int, int]:
    """Internal bodies that go over whole are set up at the receiving unit, so that their people arrive in them.

    Quota fixed to them is freed first: it goes over with the unit's own.
    """
    fixed = by_body(source_id, order.day)
    for version in moved:
        held = {measure: -number for (body_id, measure), number in fixed.items() if body_id == version.body_id}
        if held:
            allot_to_body(
                actor=order.actor,
                basis=order.basis,
                organization_id=source_id,
                body_id=version.body_id,
                amounts=held,
            )
    rows = [{"name": each.name, "rank": each.rank, "duties": each.duties} for each in moved]
    made = set_up_bodies(order, target_id, rows)
    return {version.body_id: made[version.name] for version in moved}


def _people(order: Order, source_id: int, table: str, body_ids: Collection[int]) -> list[Occupancy]:
    """Who goes: the people of the table, and whoever sits in the internal bodies that go."""
    named = set(said.ids(order.form, table, "person"))
    return [
        each
        for each in staying_at(source_id, order.day)
        if each.person_id in named or each.internal_body_id in body_ids
    ]


def _amounts(
    order: Order,
    source_id: int,
    people: Sequence[Occupancy],
    quota: Mapping[str, int],
    posts: Mapping[str, int],
) -> dict[str, int]:
    """What goes along: what the form says; a quota type it leaves out goes with its people, as far as it is held."""
    held = approved([source_id], order.day)
    along = Counter(each.quota_type for each in people)
    found = {measure: min(number, max(held.get((source_id, measure), 0), 0)) for measure, number in along.items()}
    found |= {**quota, **posts}
    return {measure: number for measure, number in found.items() if number}


def split_unit(order: Order) -> Done:
    """拆分: each share of the form goes to its unit; without 原单位保留 the unit itself ends."""
    source_id = int(order.form["source"])
    grown_from = as_of(source_id, order.day)
    shares = [_share(order, source_id, grown_from, row) for row in said.rows(order.form, "shares")]
    event = split(
        actor=order.actor,
        today=order.today,
        decree=order.decree,
        source_id=source_id,
        shares=shares,
        keeps_source=bool(order.form.get("keeps_source")),
    )
    return Done(order.words, (source_id,), event=event)


def _share(order: Order, source_id: int, grown_from: OrganizationVersion | None, row: said.Row) -> Share:
    """One row of the shares, with what the other tables give to its number."""
    number = row["number"]
    own = {table: [each for each in said.rows(order.form, table) if each.get("share") == number] for table in PARTS}
    body_ids = said.ids(own, "share_bodies", "body")
    named = set(said.ids(own, "share_people", "person"))
    people = [
        each
        for each in staying_at(source_id, order.day)
        if each.person_id in named or each.internal_body_id in body_ids
    ]
    quota, posts = said.amounts(own, "share_quota"), said.posts(own, "share_posts")
    return Share(
        target=int(row["target"]) if row.get("target") else _split_off(order, grown_from, row),
        amounts=_amounts(order, source_id, people, quota, posts),
        person_ids=sorted(each.person_id for each in people),
        allows_overstaffing=bool(order.form.get("allows_overstaffing")),
    )


PARTS: Final = ("share_quota", "share_posts", "share_people", "share_bodies")
"""Tables of a 拆分 form whose rows name the share they belong to."""


def _split_off(order: Order, grown_from: OrganizationVersion | None, row: said.Row) -> NewOrganization:
    facts: dict[str, Any] = {name: str(getattr(grown_from, name, "")) for name in COPIED if name != "rank"}
    return NewOrganization(
        name=str(row.get("new_name") or ""),
        rank=str(row.get("new_rank") or ""),
        effective_on=order.day,
        parent_id=getattr(grown_from, "parent_id", None),
        supervising_department_id=getattr(grown_from, "supervising_department_id", None),
        tier=getattr(grown_from, "tier", None),
        **facts,
    )

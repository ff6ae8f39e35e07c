"""内设机构和领导职数 of a unit (P09), and the whole of a 三定规定 (P10)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bianzhi.kernel.names import organisation_name_key
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.selectors.balances import approved, by_body
from bianzhi.ledger.services import allot, allot_to_body, reduce, set_posts
from bianzhi.matters.effects.order import Done, Order
from bianzhi.matters.effects.units import set_up_bodies
from bianzhi.matters.rules import establishment as said
from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.organizations.models.bodies import BodyKind
from bianzhi.organizations.selectors.units import as_of, bodies
from bianzhi.organizations.services import change_body, change_duties, close_body

CHANGEABLE: Final = ("name", "rank", "duties")


@dataclass(slots=True)
class Traces:
    """What an effect on bodies leaves for its reversal."""

    day: str
    new: list[int] = field(default_factory=list)
    changed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """Body → field → what it was, and what it was made."""
    closed: list[str] = field(default_factory=list)
    duties: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the result of the command."""
        return {name: getattr(self, name) for name in ("day", "new", "changed", "closed", "duties")}


def adjust_bodies_and_posts(order: Order) -> Done:
    """P09: bodies set up, renamed, changed, closed; posts and 定编到科室 brought to the numbers of the form.

    Raises Refused: L1 for a body in which people, posts or quota remain, R09 and R02 for numbers below what is used.
    """
    unit_id = int(order.form["unit"])
    told: list[str] = []
    traces = Traces(order.day.isoformat())
    by_act: dict[str, list[said.Row]] = {}
    for row in said.rows(order.form, "bodies"):
        by_act.setdefault(str(row.get("act")), []).append(row)
    for row in by_act.get("change", []):
        told.append(_change(order, unit_id, row, traces))
    if new := by_act.get("establish", []):
        traces.new += set_up_bodies(order, unit_id, new).values()
        told.append(f"设立{'、'.join(str(row['name']) for row in new)}")
    entries = [*_fix_quota(order, unit_id)]
    for row in by_act.get("close", []):
        told.append(f"撤销{_close(order, _body(order, unit_id, row), traces)}")
    if posted := set_posts_to(order, unit_id):
        entries.append(posted)
    told += posts_in_words(order.form)
    return Done("，".join(told) or "定编到科室", (unit_id,), entries=tuple(entries), before=traces.as_json())


def _body(order: Order, unit_id: int, row: said.Row) -> InternalBodyVersion:
    """The body a row names. Raises Refused when it is not (any longer) one of the unit."""
    for version in bodies(unit_id, order.day):
        if version.body_id == row.get("body"):
            return version
    message = f"所选的内设机构在 {order.day} 不属于该单位。"
    raise Refused([Objection("body.ended", message, next_step="请重新选择内设机构。")])


def _change(order: Order, unit_id: int, row: said.Row, traces: Traces) -> str:
    before = _body(order, unit_id, row)
    wanted = {name: str(row[name]) for name in CHANGEABLE if row.get(name)}
    changes = {name: value for name, value in wanted.items() if getattr(before, name) != value}
    change_body(
        actor=order.actor, body_id=before.body_id, document=order.document, effective_on=order.day, changes=changes
    )
    traces.changed[str(before.body_id)] = {name: [getattr(before, name), value] for name, value in changes.items()}
    return f"{before.name}更名为{changes['name']}" if "name" in changes else f"调整{before.name}"


def _close(order: Order, version: InternalBodyVersion, traces: Traces) -> str:
    """Close a body; quota fixed to it goes back to the unit first."""
    fixed = by_body(version.organization_id, order.day)
    held = {measure: -number for (body_id, measure), number in fixed.items() if body_id == version.body_id}
    if held:
        allot_to_body(
            actor=order.actor,
            basis=order.basis,
            organization_id=version.organization_id,
            body_id=version.body_id,
            amounts=held,
        )
    close_body(actor=order.actor, body_id=version.body_id, document=order.document, effective_on=order.day)
    traces.closed.append(version.name)
    return version.name


def _fix_quota(order: Order, unit_id: int) -> list[LedgerEntry]:
    """定编到科室: bring each body of the table, found by its name, to the number written there."""
    fixed = by_body(unit_id, order.day)
    there = {organisation_name_key(each.name): each.body_id for each in bodies(unit_id, order.day)}
    entries = []
    for row in said.rows(order.form, "body_quota"):
        body_id = there.get(organisation_name_key(str(row["body_name"])))
        if body_id is None:
            message = f"该单位没有内设机构“{row['body_name']}”，不能定编。"
            raise Refused([Objection("body.unknown", message, next_step="请核对内设机构名称。")])
        measure = str(row["quota_type"])
        change = int(row["amount"]) - fixed.get((body_id, measure), 0)
        if change:
            entries.append(
                allot_to_body(
                    actor=order.actor,
                    basis=order.basis,
                    organization_id=unit_id,
                    body_id=body_id,
                    amounts={measure: change},
                )
            )
    return entries


def set_posts_to(order: Order, unit_id: int) -> LedgerEntry | None:
    """Bring the posts of the unit to the numbers of the form; None when nothing changes."""
    wanted = said.posts(order.form)
    if not wanted:
        return None
    return set_posts(
        actor=order.actor,
        basis=order.basis,
        organization_id=unit_id,
        posts=wanted,
        allows_overstaffing=bool(order.form.get("allows_overstaffing")),
    )


def posts_in_words(form: said.Form) -> list[str]:
    """核定正职 1 名、副职 3 名, as one phrase; none without posts."""
    told = said.in_words(said.posts(form))
    return [f"核定{told}"] if told else []


def lay_down(order: Order) -> Done:
    """P10: the 三定规定 of a unit takes force: its duties, all its internal bodies, its quota and posts.

    Internal bodies it does not name end; quota types it does not name stay as they are.
    """
    unit_id = int(order.form["unit"])
    traces = Traces(order.day.isoformat())
    told = [*_lay_down_duties(order, unit_id, traces), *_lay_down_bodies(order, unit_id, traces)]
    entries = _bring_quota_to(order, unit_id, said.amounts(order.form, "quota"))
    if posted := set_posts_to(order, unit_id):
        entries.append(posted)
    told += posts_in_words(order.form)
    words = f"三定规定施行：{'；'.join(told) or '内容无变化'}"
    return Done(words, (unit_id,), entries=tuple(entries), before=traces.as_json())


def _lay_down_duties(order: Order, unit_id: int, traces: Traces) -> list[str]:
    duties = str(order.form.get("duties") or "").strip()
    version = as_of(unit_id, order.day)
    if version is None or not duties or version.duties == duties:
        return []
    change_duties(
        actor=order.actor, organization_id=unit_id, document=order.document, effective_on=order.day, duties=duties
    )
    traces.duties = [version.duties, duties]
    return ["职责"]


def _lay_down_bodies(order: Order, unit_id: int, traces: Traces) -> list[str]:
    """Bodies of the provision by the body they continue, else by name; the rest of the unit's 内设机构 are closed."""
    there = {each.body_id: each for each in bodies(unit_id, order.day) if each.kind == BodyKind.INTERNAL}
    by_name = {organisation_name_key(each.name): each.body_id for each in there.values()}
    kept: dict[int, said.Row] = {}
    new: list[said.Row] = []
    for row in said.rows(order.form, "bodies"):
        body_id = row.get("body") or by_name.get(organisation_name_key(str(row["name"])))
        if body_id in there:
            kept[body_id] = row
        else:
            new.append(row)
    told = [f"撤销{_close(order, version, traces)}" for body_id, version in there.items() if body_id not in kept]
    for body_id, row in kept.items():
        if _differs(there[body_id], row):
            told.append(_change(order, unit_id, {**row, "body": body_id}, traces))
    traces.new += set_up_bodies(order, unit_id, new).values()
    return [*told, *(f"设立{row['name']}" for row in new)]


def _differs(version: InternalBodyVersion, row: said.Row) -> bool:
    return any(row.get(name) and getattr(version, name) != row[name] for name in CHANGEABLE)


def _bring_quota_to(order: Order, unit_id: int, wanted: Mapping[str, int]) -> list[LedgerEntry]:
    """Allot or reduce until the unit holds what the provision says of each type it names."""
    held = approved([unit_id], order.day)
    changes = {measure: number - held.get((unit_id, measure), 0) for measure, number in wanted.items()}
    more = {measure: number for measure, number in changes.items() if number > 0}
    less = {measure: -number for measure, number in changes.items() if number < 0}
    common: dict[str, Any] = {"actor": order.actor, "basis": order.basis, "organization_id": unit_id}
    entries = []
    if more:
        entries.append(allot(**common, amounts=more))
    if less:
        allows = bool(order.form.get("allows_overstaffing"))
        entries.append(reduce(**common, amounts=less, allows_overstaffing=allows))
    return entries

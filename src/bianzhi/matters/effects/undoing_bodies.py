"""冲正 of what P09 and P10 registered: bodies, duties, posts and quota as if the decision had not been."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bianzhi.kernel.objections import Objection, Refused, Severity
from bianzhi.matters.effects import quota
from bianzhi.matters.effects.order import Order
from bianzhi.organizations.models import InternalBodyVersion
from bianzhi.organizations.selectors.units import as_of
from bianzhi.organizations.services import change_body, change_duties, close_body

STANDS: Final = "L7"


def take_back(order: Order, result: Mapping[str, Any]) -> None:
    """Undo a result of `effects.bodies`, from the day it took effect on.

    Raises Refused: L7 when a body was closed, which nothing brings back as it was, or the register was changed since;
    R02, R06 and L1 when people stand on what was given, or it was passed on.
    """
    before = result.get("before", {})
    if closed := before.get("closed"):
        message = f"已撤销的{'、'.join(closed)}不能自动恢复（原机构编码和沿革已经终止）"
        step = "请重新办理内设机构设立；领导职数、定编另行调整。"
        raise Refused([Objection(STANDS, message, Severity.BLOCK, {"撤销": len(closed)}, step)])
    reason = f"办件退回：{order.words}"[:200]
    quota.reverse(order, [int(pk) for pk in result.get("entries", ())], reason)
    if not before:
        return
    day = date.fromisoformat(before["day"])
    for body_id, changes in before["changed"].items():
        _change_back(order, int(body_id), changes, day)
    for body_id in before["new"]:
        close_body(actor=order.actor, body_id=int(body_id), document=order.document, effective_on=day)
    if before["duties"]:
        _change_duties_back(order, int(result["organizations"][0]), before["duties"], day)


def _change_back(order: Order, body_id: int, changes: Mapping[str, list[str]], day: date) -> None:
    version = InternalBodyVersion.objects.open_ended().filter(body=body_id).first()
    if version is None or any(getattr(version, name) != made for name, (_, made) in changes.items()):
        raise _changed_since("内设机构" if version is None else version.name)
    was = {name: old for name, (old, _) in changes.items()}
    change_body(actor=order.actor, body_id=body_id, document=order.document, effective_on=day, changes=was)


def _change_duties_back(order: Order, unit_id: int, duties: list[str], day: date) -> None:
    version = as_of(unit_id, order.today)
    if version is None or version.duties != duties[1]:
        raise _changed_since("职责")
    change_duties(
        actor=order.actor, organization_id=unit_id, document=order.document, effective_on=day, duties=duties[0]
    )


def _changed_since(what: str) -> Refused:
    message = f"{what}在本次业务生效后又有变更，不能自动冲正"
    return Refused([Objection(STANDS, message, Severity.BLOCK, {}, "请先办理更正，或另行申请调整。")])

"""Which role may join which on one account (三员分立, one reach for one account)."""

from collections.abc import Collection, Iterator

from bianzhi.accounts.roles import ADMINISTRATORS, ROLES
from bianzhi.kernel.objections import Objection


def objections_to_grant(
    *, role: str, organization_id: int | None, held: Collection[tuple[str, int | None]], is_own_account: bool
) -> Iterator[Objection]:
    """What stands against giving `role` to an account that holds the (role, organisation id) pairs `held`.

    An account reaches either the whole district or named organisations, never both: a permission of one
    role would otherwise borrow the reach of the other.
    """
    if role not in ROLES:
        yield Objection("S00", f"没有名为“{role}”的角色。")
        return
    wanted = ROLES[role]
    if is_own_account:
        yield Objection("S04", "不能给自己授予角色（不相容职责分离）。", next_step="请由另一名安全管理员办理。")
    if (role, organization_id) in held:
        yield Objection("S01", f"该账号已有此范围的“{wanted.label}”角色，无需重复授予。")
    yield from _scope_objections(role, organization_id)
    yield from _mixing_objections(role, [name for name, _ in held if name in ROLES])


def _scope_objections(role: str, organization_id: int | None) -> Iterator[Objection]:
    wanted = ROLES[role]
    if wanted.whole_district and organization_id is not None:
        yield Objection("S03", f"“{wanted.label}”是全区性角色，不限定机构范围。", next_step="请清空机构范围后再授予。")
    if not wanted.whole_district and organization_id is None:
        yield Objection(
            "S03", f"“{wanted.label}”只能办理本单位或所属单位的事项，必须限定机构范围。", next_step="请选择机构。"
        )


def _mixing_objections(role: str, held: list[str]) -> Iterator[Objection]:
    wanted = ROLES[role]
    other = sorted({name for name in held if name != role})
    labels = "、".join(ROLES[name].label for name in other)
    if other and (role in ADMINISTRATORS or ADMINISTRATORS & set(other)):
        yield Objection(
            "S02",
            f"该账号已有“{labels}”角色，不能再授予“{wanted.label}”："
            "系统管理员、安全管理员、审计管理员必须由三个账号分别担任，也不能兼任业务角色（三员分立）。",
            next_step="请另建账号。",
        )
    elif any(ROLES[name].whole_district != wanted.whole_district for name in other):
        yield Objection(
            "S05",
            f"该账号已有“{labels}”角色，不能再授予“{wanted.label}”：全区性角色与限定机构范围的角色不能放在同一账号上，"
            "否则范围会被放大。",
            next_step="请另建账号。",
        )

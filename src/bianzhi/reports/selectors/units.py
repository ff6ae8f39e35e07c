"""The units of a day in the order of the tree, with the group each is reported under."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from bianzhi.kernel.codesets import codes
from bianzhi.organizations.models import OrganizationStatus
from bianzhi.organizations.selectors.tree import Node, OrganizationTree

INSTITUTION: Final = "80"
UNKNOWN_GROUP: Final = ("~", "其他")


@dataclass(frozen=True, slots=True)
class UnitRow:
    """One unit as reports need it. `code` is empty for an organisation that is not there on the day."""

    id: int
    code: str
    name: str
    short_name: str
    org_type: str
    institution_class: str
    rank: str
    tier: str
    funding_form: str
    is_grouping: bool
    is_alive: bool

    @property
    def is_institution(self) -> bool:
        """事业单位, as against the organs."""
        return self.org_type == INSTITUTION

    @property
    def group(self) -> tuple[str, str]:
        """Key (in report order) and label of the organisation type the unit is reported under (T03)."""
        types = codes("organization_type")
        if self.org_type not in types:
            return UNKNOWN_GROUP
        if self.is_institution:
            label = codes("institution_class").label(self.institution_class) or "事业单位（未分类）"
            return f"80:{self.institution_class or '99'}", label
        top = types[self.org_type].parent or self.org_type
        return top, types.label(top)


class Units:
    """Every unit of a day, read once with its tree."""

    def __init__(self, tree: OrganizationTree) -> None:
        self._tree = tree
        self._rows = {node.id: _row(node) for node in tree.in_order()}
        self._order = {unit_id: at for at, unit_id in enumerate(self._rows)}

    @classmethod
    def on(cls, day: date) -> Self:
        """The tree of a day, in one query."""
        return cls(OrganizationTree.as_of(day))

    @property
    def day(self) -> date:
        """The day of the tree."""
        return self._tree.day

    def __getitem__(self, unit_id: int) -> UnitRow:
        return self._rows[unit_id]

    def __contains__(self, unit_id: object) -> bool:
        return unit_id in self._rows

    def name(self, unit_id: int | None) -> str:
        """The unit's name on the day; a remark for one that is not there then."""
        if unit_id is None:
            return ""
        return (self._rows.get(unit_id) or _stray(unit_id)).name

    def position(self, unit_id: int) -> int:
        """Place in tree order; unknown units come last."""
        return self._order.get(unit_id, len(self._order))

    def alive(self, organization_ids: Collection[int] | None = None) -> list[UnitRow]:
        """The units (no groupings, none planned or abolished) in tree order, all or only those named."""
        return [
            row
            for row in self._rows.values()
            if row.is_alive and not row.is_grouping and (organization_ids is None or row.id in organization_ids)
        ]

    def reported(self, scope: Collection[int] | None, present: Collection[int]) -> list[UnitRow]:
        """The units of the scope, and after them whatever else has figures, so that no figure is lost in a report."""
        rows = self.alive(scope)
        known = {row.id for row in rows}
        return rows + [self._rows.get(unit_id) or _stray(unit_id) for unit_id in sorted(set(present) - known)]

    def subtree(self, unit_id: int) -> frozenset[int]:
        """A node and everything below it."""
        return frozenset(self._tree.descendants(unit_id))


def _stray(unit_id: int) -> UnitRow:
    """What stands for an organisation that has figures but is not there on the day."""
    name = f"当日不存续的单位（编号 {unit_id}）"
    return UnitRow(unit_id, "", name, name, "", "", "", "", "", is_grouping=False, is_alive=False)


def _row(node: Node) -> UnitRow:
    return UnitRow(
        id=node.id,
        code=node.code,
        name=node.name,
        short_name=node.short_name or node.name,
        org_type=node.org_type,
        institution_class=node.institution_class,
        rank=node.rank,
        tier=node.tier,
        funding_form=node.funding_form,
        is_grouping=node.is_grouping,
        is_alive=node.status == OrganizationStatus.ACTIVE,
    )

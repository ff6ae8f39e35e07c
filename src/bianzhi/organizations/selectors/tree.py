"""The organisation tree of a day, read with one query."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.rules.subtrees import Link, below


@dataclass(frozen=True, slots=True)
class Node:
    """An organisation as it stood on the day of the tree; `id` is the organisation's, not the version's."""

    id: int
    version_id: int
    code: str
    name: str
    short_name: str
    parent_id: int | None
    supervising_id: int | None
    quota_holder_id: int | None
    org_type: str
    institution_class: str
    nature: str
    rank: str
    funding_form: str
    tier: str
    is_grouping: bool
    status: str
    sort_order: int
    valid_from: date


FIELDS = (
    "organization_id",
    "pk",
    "organization__code",
    "name",
    "short_name",
    "parent_id",
    "supervising_department_id",
    "quota_holder_id",
    "org_type",
    "institution_class",
    "nature",
    "rank",
    "funding_form",
    "tier",
    "is_grouping",
    "status",
    "sort_order",
    "valid_from",
)


class OrganizationTree:
    """Every organisation in force on a day. A unit whose parent is not in force stands among the roots."""

    def __init__(self, day: date, nodes: Iterable[Node]) -> None:
        self.day = day
        ordered = sorted(nodes, key=lambda node: (node.sort_order, node.code))
        self.nodes: Mapping[int, Node] = {node.id: node for node in ordered}
        self._children: dict[int | None, list[Node]] = {}
        for node in ordered:
            parent = node.parent_id if node.parent_id in self.nodes else None
            self._children.setdefault(parent, []).append(node)

    @classmethod
    def as_of(cls, day: date) -> Self:
        """Read the tree of a day (one query)."""
        rows = OrganizationVersion.objects.as_of(day).order_by().values_list(*FIELDS)
        return cls(day, (Node(*row) for row in rows))

    def __len__(self) -> int:
        return len(self.nodes)

    def __contains__(self, organization_id: object) -> bool:
        return organization_id in self.nodes

    def __getitem__(self, organization_id: int) -> Node:
        return self.nodes[organization_id]

    def get(self, organization_id: int | None) -> Node | None:
        """The node, or None when the organisation is not in force on the day."""
        return None if organization_id is None else self.nodes.get(organization_id)

    @property
    def roots(self) -> list[Node]:
        """The nodes on top."""
        return self.children(None)

    def children(self, organization_id: int | None) -> list[Node]:
        """The nodes directly below, in their order."""
        return self._children.get(organization_id, [])

    def descendants(self, organization_id: int, *, supervised: bool = False) -> set[int]:
        """Ids of everything below, the organisation itself included; `supervised` follows 主管部门 too."""
        links = (
            Link(node.id, node.parent_id, node.supervising_id if supervised else None) for node in self.nodes.values()
        )
        return below(links, [organization_id])

    def supervised(self, organization_id: int) -> list[Node]:
        """The units this department supervises without being their parent."""
        return [
            node
            for node in self.nodes.values()
            if node.supervising_id == organization_id and node.parent_id != organization_id
        ]

    def path(self, organization_id: int) -> list[Node]:
        """From the root down to the node itself; empty when it is not in force."""
        steps: list[Node] = []
        node = self.get(organization_id)
        while node is not None and node not in steps:
            steps.append(node)
            node = self.get(node.parent_id)
        return steps[::-1]

    def path_name(self, organization_id: int, separator: str = " / ") -> str:
        """Names from the root down, for telling units of the same name apart."""
        return separator.join(node.name for node in self.path(organization_id))

    def in_order(self) -> Iterator[Node]:
        """Every node, each before its children, as a printed list of the tree reads."""
        pending = list(reversed(self.roots))
        while pending:
            node = pending.pop()
            yield node
            pending += reversed(self.children(node.id))

    @cached_property
    def units(self) -> list[Node]:
        """The nodes that are units, grouping nodes left out, in the order of the tree."""
        return [node for node in self.in_order() if not node.is_grouping]

    @cached_property
    def parents(self) -> dict[int, int | None]:
        """Parent id by id."""
        return {node.id: node.parent_id for node in self.nodes.values()}

"""The lazy tree at the left of the unit page, within the user's scope."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.as_of import with_day
from bianzhi.organizations import figures, scopes
from bianzhi.organizations.selectors.search import Hit, search
from bianzhi.organizations.selectors.tree import Node, OrganizationTree

SEARCH_LIMIT = 30


@dataclass(slots=True)
class TreeNode:
    """One row of the tree component."""

    key: str
    label: str
    url: str = ""
    is_current: bool = False
    figure: str = ""
    is_over: bool = False
    has_children: bool = False
    is_open: bool = False
    is_past: bool = False
    children_url: str = ""
    children: list["TreeNode"] = field(default_factory=list)


class Branches:
    """The part of the tree one user sees on the day shown."""

    def __init__(self, request: PageRequest) -> None:
        self.request = request
        self.tree = OrganizationTree.as_of(request.as_of)
        self.reach = scopes.visible_organization_ids(request.user, request.as_of)
        self._shown = self._with_those_above(self.reach)
        self._drawn: list[tuple[Node, TreeNode]] = []

    def _with_those_above(self, reach: Collection[int] | None) -> set[int] | None:
        """The visible units and, as plain words, what they hang under."""
        if reach is None:
            return None
        return {node.id for pk in reach for node in self.tree.path(pk)}

    @property
    def count(self) -> int:
        """How many units the user sees, grouping nodes not counted."""
        return sum(1 for node in self.tree.units if self.reach is None or node.id in self.reach)

    def may_open(self, organization_id: int) -> bool:
        """Whether the user may open the page of a unit."""
        return self.reach is None or organization_id in self.reach

    def nodes(self, selected: int | None = None) -> list[TreeNode]:
        """The tree opened down to the selected unit; without one, the first level below each root."""
        path = {node.id for node in self.tree.path(selected)} if selected else set()
        opened = path | {node.id for node in self.tree.roots}
        return self._finish(self._level(None, opened, selected))

    def below(self, organization_id: int) -> list[TreeNode]:
        """The level that opens below a node."""
        return self._finish(self._level(organization_id, set(), None))

    def found(self, text: str) -> list[TreeNode]:
        """What a search finds, as a flat list; the other name by which it was found is said."""
        hits = search(text, day=self.request.as_of, within=self.reach, limit=SEARCH_LIMIT)
        counted = figures.of([hit.organization_id for hit in hits if not hit.is_grouping], self.request.as_of)
        return [self._hit(hit, counted.get(hit.organization_id)) for hit in hits]

    def _hit(self, hit: Hit, figure: figures.Figure | None) -> TreeNode:
        return TreeNode(
            key=f"hit-{hit.organization_id}",
            label=f"{hit.name}（{hit.by}）" if hit.by else hit.name,
            url=self._url(hit.organization_id),
            figure=str(figure) if figure else "",
            is_over=bool(figure and figure.is_over),
            is_past=not hit.is_in_force,
        )

    def _level(self, parent: int | None, opened: set[int], selected: int | None) -> list[TreeNode]:
        return [self._node(node, opened, selected) for node in self._children(parent)]

    def _children(self, parent: int | None) -> list[Node]:
        return [node for node in self.tree.children(parent) if self._shown is None or node.id in self._shown]

    def _node(self, node: Node, opened: set[int], selected: int | None) -> TreeNode:
        drawn = TreeNode(
            key=str(node.id),
            label=node.short_name or node.name,
            url=self._url(node.id) if self.may_open(node.id) else "",
            is_current=node.id == selected,
            has_children=bool(self._children(node.id)),
            is_open=node.id in opened,
            children_url=with_day(self.request, reverse("organizations:children", args=[node.id])),
        )
        if drawn.is_open:
            drawn.children = self._level(node.id, opened, selected)
        self._drawn.append((node, drawn))
        return drawn

    def _finish(self, level: list[TreeNode]) -> list[TreeNode]:
        """Write the figures: 实有/核定 of units, the number of units of a grouping; counted in one go."""
        wanted = [node.id for node, _ in self._drawn if not node.is_grouping and self.may_open(node.id)]
        counted = figures.of(wanted, self.request.as_of)
        for node, drawn in self._drawn:
            figure = counted.get(node.id)
            if node.is_grouping:
                drawn.figure = str(self._units_below(node.id))
            elif figure is not None:
                drawn.figure, drawn.is_over = str(figure), figure.is_over
        self._drawn.clear()
        return level

    def _units_below(self, organization_id: int) -> int:
        below = self.tree.descendants(organization_id) - {organization_id}
        return sum(1 for pk in below if not self.tree[pk].is_grouping and self.may_open(pk))

    def _url(self, organization_id: int) -> str:
        return with_day(self.request, reverse("organizations:detail", args=[organization_id]))


def tree_context(request: PageRequest, selected: int | None = None) -> dict[str, Any]:
    """What the tree panel needs: the tree, or the results of `?q=`."""
    branches = Branches(request)
    text = request.GET.get("q", "").strip()[:50]
    nodes = branches.found(text) if text else branches.nodes(selected)
    return {"nodes": nodes, "unit_count": branches.count, "tree_query": text, "tree": branches.tree}

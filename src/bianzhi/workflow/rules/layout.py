"""Where the shapes and arrows of a process are drawn: left to right, branches one below the other.

A node's column is how far it is from the start, loops left aside. A track is a horizontal run: the longest way out of
a node goes on along its track, every other way starts a new one, and an arrow to a node of another track runs along
its own until it is below that node. Tracks are packed into rows from the top; two share a row only where their columns
do not meet. Arrows back to an earlier step run above everything.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bianzhi.workflow.rules import paths
from bianzhi.workflow.rules.elements import EVENTS, GATEWAYS
from bianzhi.workflow.rules.profile import Flow, Node, NodeKind, Process

Point = tuple[int, int]

COLUMN: Final = 150
ROW: Final = 130
MARGIN: Final = 60
LANE: Final = 24
"""How far apart arrows that lead back run."""
TASK: Final = (100, 80)
EVENT: Final = (36, 36)
GATEWAY: Final = (50, 50)


@dataclass(frozen=True, slots=True)
class Box:
    """A shape on the page."""

    x: int
    y: int
    width: int
    height: int

    @property
    def middle(self) -> int:
        """Half way from left to right."""
        return self.x + self.width // 2

    @property
    def bottom(self) -> int:
        """The lower edge."""
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes by node id, corners of the arrow by flow id."""

    boxes: dict[str, Box]
    arrows: dict[str, tuple[Point, ...]]


@dataclass(slots=True)
class _Track:
    """A horizontal run from its first column to its last, below the track it left (-1: below none)."""

    above: int
    first: int
    last: int
    row: int = 0


@dataclass(frozen=True, slots=True)
class _Way:
    """From a node on to another, by a flow or ("") to its boundary timer; `aside` on a track of its own."""

    source: str
    target: str
    flow: str = ""
    aside: bool = False


def lay_out(process: Process) -> Layout:
    """Draw a process; what the start does not lead to is drawn, too."""
    return _Drawing(process).layout()


class _Drawing:
    """One process on its way to the page."""

    def __init__(self, process: Process) -> None:
        self._process = process
        graph = paths.successors(process)
        self._back = paths.back_edges(graph, process.start)
        ahead = {
            key: tuple(target for target in targets if (key, target) not in self._back)
            for key, targets in graph.items()
        }
        attached = {node.id: node.attached_to for node in process.nodes.values() if node.attached_to in graph}
        self._columns = _columns(ahead, attached)
        self._to_go = {key: -column for key, column in _columns(paths.reverse(ahead), {}).items()}
        self._tracks: list[_Track] = []
        self._track_of: dict[str, int] = {}
        self._track_of_flow: dict[str, int] = {}
        for key in [*filter(None, [process.start]), *process.nodes]:
            if key not in self._track_of and key not in attached:
                self._run(key)
        _pack(self._tracks)
        returning = [flow for node in process.nodes.values() for flow in node.outgoing if self._leads_back(flow)]
        self._lanes = {flow.id: MARGIN + LANE * place for place, flow in enumerate(returning)}
        self._top = MARGIN + LANE * len(returning)

    def layout(self) -> Layout:
        boxes = {node.id: self._box(node) for node in self._process.nodes.values()}
        for node in self._process.nodes.values():
            host = boxes.get(node.attached_to)
            if host is not None:
                beside = [each.id for each in self._process.boundaries_of(node.attached_to)].index(node.id)
                x = host.x + host.width - EVENT[0] // 2 - (EVENT[0] + 4) * beside
                boxes[node.id] = Box(x, host.bottom - EVENT[1] // 2, *EVENT)
        flows = [flow for node in self._process.nodes.values() for flow in node.outgoing]
        return Layout(boxes, {flow.id: self._arrow(flow, boxes) for flow in flows})

    def _leads_back(self, flow: Flow) -> bool:
        return (flow.source, flow.target) in self._back

    # --- tracks --------------------------------------------------------------------------------------------------

    def _run(self, start: str) -> None:
        """Give tracks to a node and all that follows it, each way to its end before the next."""
        self._place(start, self._new_track(-1, self._columns[start]))
        waiting = self._ways_on(start)
        while waiting:
            way = waiting.pop()
            source, column = self._track_of[way.source], self._columns[way.source]
            track = self._new_track(source, column + 1) if way.aside else source
            if way.flow:
                self._track_of_flow[way.flow] = track
                self._reach(track, self._columns[way.target] - 1)
            if way.target not in self._track_of:
                self._place(way.target, track)
                waiting += self._ways_on(way.target)

    def _ways_on(self, key: str) -> list[_Way]:
        """Where a node leads to, the last to follow first; the longest way, followed first, stays on the track."""
        node = self._process.node(key)
        ahead = [flow for flow in node.outgoing if not self._leads_back(flow)]
        ahead.sort(key=lambda flow: self._to_go[flow.target])
        ways = [
            _Way(flow.source, flow.target, flow.id, aside=place > 0 or bool(node.attached_to))
            for place, flow in enumerate(ahead)
        ]
        ways += [_Way(key, boundary.id) for boundary in self._process.boundaries_of(key)]
        return ways[::-1]

    def _place(self, key: str, track: int) -> None:
        self._track_of[key] = track
        self._reach(track, self._columns[key])

    def _new_track(self, above: int, first: int) -> int:
        self._tracks.append(_Track(above, first, first))
        return len(self._tracks) - 1

    def _reach(self, track: int, column: int) -> None:
        self._tracks[track].last = max(self._tracks[track].last, column)

    # --- the page ------------------------------------------------------------------------------------------------

    def _level(self, track: int) -> int:
        return self._top + self._tracks[track].row * ROW + TASK[1] // 2

    def _box(self, node: Node) -> Box:
        width, height = EVENT if _is_event(node) else GATEWAY if node.kind in GATEWAYS else TASK
        middle = MARGIN + self._columns[node.id] * COLUMN + TASK[0] // 2
        return Box(middle - width // 2, self._level(self._track_of[node.id]) - height // 2, width, height)

    def _arrow(self, flow: Flow, boxes: dict[str, Box]) -> tuple[Point, ...]:
        source, target = boxes[flow.source], boxes[flow.target]
        if flow.id in self._lanes:
            lane = self._lanes[flow.id]
            return (source.middle, source.y), (source.middle, lane), (target.middle, lane), (target.middle, target.y)
        level = self._level(self._track_of_flow[flow.id])
        begun: tuple[Point, ...] = ((source.x + source.width, level),)
        if not source.y <= level <= source.bottom:
            begun = (source.middle, source.bottom), (source.middle, level)
        if target.y <= level <= target.bottom:
            return (*begun, (target.x, level))
        edge = target.bottom if level > target.bottom else target.y
        return (*begun, (target.middle, level), (target.middle, edge))


def _is_event(node: Node) -> bool:
    return node.kind in EVENTS or node.kind is NodeKind.TERMINATE


def _columns(ahead: paths.Graph, attached: dict[str, str]) -> dict[str, int]:
    """The longest way to each node of a graph without loops; a boundary timer stands in the column of its step."""
    columns = dict.fromkeys(ahead, 0)
    for key in paths.in_order(ahead):
        for target in ahead[key]:
            step = 0 if attached.get(target) == key else 1
            columns[target] = max(columns[target], columns[key] + step)
    return columns


def _pack(tracks: Sequence[_Track]) -> None:
    """Give every track the highest row below the track it left where no other stands in its columns."""
    rows: defaultdict[int, list[_Track]] = defaultdict(list)
    for track in tracks:
        track.row = tracks[track.above].row + 1 if track.above >= 0 else 0
        while any(_meet(other, track) for other in rows[track.row]):
            track.row += 1
        rows[track.row].append(track)


def _meet(one: _Track, other: _Track) -> bool:
    return one.first <= other.last + 1 and other.first <= one.last + 1

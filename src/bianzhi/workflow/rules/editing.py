"""Changing a list of steps one act at a time: put in, take out, move, replace; places are paths through the blocks.

A path is numbers: the place in the list, then, for a block, the branch and the place in it, and so on: (3, 1, 0) is
the first step of the second branch of the fourth item. Every function gives a new list and raises `NoSuchPlace` for a
path that leads nowhere, such as one from a page somebody has left open.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from bianzhi.workflow.rules.steps import Block, Branch, Item, StepList

Path = tuple[int, ...]
Items = tuple[Item, ...]


class NoSuchPlace(LookupError):
    """The list has nothing at this path."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list as people read it: an item, or the head of a branch (with `branch`, and no `item`)."""

    path: Path
    item: Item | None = None
    branch: Branch | None = None
    is_first: bool = False
    is_last: bool = False

    @property
    def depth(self) -> int:
        """How far in it stands: blocks and branches each go one further."""
        return len(self.path) - 1

    @property
    def key(self) -> str:
        """The path as it goes through an address: 3-1-0."""
        return "-".join(map(str, self.path))


def path_of(key: str) -> Path:
    """The path an address names. Raises NoSuchPlace."""
    try:
        return tuple(int(part) for part in key.split("-"))
    except ValueError as error:
        raise NoSuchPlace(key) from error


def rows(listed: StepList) -> Iterator[Row]:
    """Every item and branch, in reading order."""
    yield from _rows(listed.steps, ())


def _rows(items: Items, before: Path) -> Iterator[Row]:
    for place, item in enumerate(items):
        path = (*before, place)
        yield Row(path, item, None, place == 0, place == len(items) - 1)
        if isinstance(item, Block):
            for number, branch in enumerate(item.branches):
                yield Row((*path, number), None, branch, number == 0, number == len(item.branches) - 1)
                yield from _rows(branch.steps, (*path, number))


def at(listed: StepList, path: Path) -> Item:
    """The item at a path."""
    items, place = _siblings(listed, path)
    return items[place]


def branch_at(listed: StepList, path: Path) -> Branch:
    """The branch at a path."""
    block = at(listed, path[:-1])
    if not isinstance(block, Block) or not 0 <= path[-1] < len(block.branches):
        raise NoSuchPlace(path)
    return block.branches[path[-1]]


def ids(listed: StepList) -> set[str]:
    """Every id in use."""
    found = {listed.start, listed.end}
    for row in rows(listed):
        if row.item is not None:
            found.add(row.item.id)
        if isinstance(row.item, Block):
            found.add(row.item.join_id)
    return found


def free_id(listed: StepList, wanted: str) -> str:
    """`wanted`, or with the first number that makes it nobody else's."""
    taken = ids(listed)
    candidates = (f"{wanted}_{number}" for number in range(2, len(taken) + 3))
    return wanted if wanted not in taken else next(each for each in candidates if each not in taken)


def insert(listed: StepList, path: Path, item: Item) -> StepList:
    """Put an item in at a path; what stood there comes after it. One past the last is the end of the list."""

    def put(items: Items, place: int) -> Items:
        if not 0 <= place <= len(items):
            raise NoSuchPlace(path)
        return (*items[:place], item, *items[place:])

    return _changed(listed, path, put)


def put_at(listed: StepList, path: Path, item: Item) -> StepList:
    """Replace the item at a path."""
    return _changed(listed, path, lambda items, place: (*items[:place], item, *items[_sound(items, place) + 1 :]))


def remove(listed: StepList, path: Path) -> StepList:
    """Take the item at a path out, a block with everything in it."""
    return _changed(listed, path, lambda items, place: (*items[:place], *items[_sound(items, place) + 1 :]))


def move(listed: StepList, path: Path, by: int) -> StepList:
    """Move an item up (-1) or down (1) among its neighbours; at the edge nothing changes."""

    def shift(items: Items, place: int) -> Items:
        item = items[_sound(items, place)]
        rest = [*items[:place], *items[place + 1 :]]
        rest.insert(min(max(place + by, 0), len(rest)), item)
        return tuple(rest)

    return _changed(listed, path, shift)


def put_branch(listed: StepList, path: Path, branch: Branch) -> StepList:
    """Replace a branch; a default one takes that from the others."""
    branch_at(listed, path)
    return _with_branches(
        listed,
        path[:-1],
        lambda branches: tuple(
            branch if number == path[-1] else replace(each, is_default=each.is_default and not branch.is_default)
            for number, each in enumerate(branches)
        ),
    )


def add_branch(listed: StepList, path: Path) -> StepList:
    """One more branch, empty, for the block at a path."""
    return _with_branches(listed, path, lambda branches: (*branches, Branch()))


def remove_branch(listed: StepList, path: Path) -> StepList:
    """Take a branch out with its steps."""
    branch_at(listed, path)
    place = path[-1]
    return _with_branches(listed, path[:-1], lambda branches: (*branches[:place], *branches[place + 1 :]))


def _with_branches(
    listed: StepList, path: Path, change: Callable[[tuple[Branch, ...]], tuple[Branch, ...]]
) -> StepList:
    block = at(listed, path)
    if not isinstance(block, Block):
        raise NoSuchPlace(path)
    return put_at(listed, path, replace(block, branches=change(block.branches)))


def _changed(listed: StepList, path: Path, change: Callable[[Items, int], Items]) -> StepList:
    return replace(listed, steps=_change(listed.steps, path, change))


def _change(items: Items, path: Path, change: Callable[[Items, int], Items]) -> Items:
    if len(path) == 1:
        return change(items, path[0])
    if len(path) < 3:
        raise NoSuchPlace(path)
    block = items[_sound(items, path[0])]
    if not isinstance(block, Block) or not 0 <= path[1] < len(block.branches):
        raise NoSuchPlace(path)
    branch = block.branches[path[1]]
    inner = replace(branch, steps=_change(branch.steps, path[2:], change))
    branches = (*block.branches[: path[1]], inner, *block.branches[path[1] + 1 :])
    return (*items[: path[0]], replace(block, branches=branches), *items[path[0] + 1 :])


def _siblings(listed: StepList, path: Path) -> tuple[Items, int]:
    found: list[tuple[Items, int]] = []

    def look(items: Items, place: int) -> Items:
        found.append((items, _sound(items, place)))
        return items

    _changed(listed, path, look)
    return found[0]


def _sound(items: Items, place: int) -> int:
    if not 0 <= place < len(items):
        raise NoSuchPlace(place)
    return place

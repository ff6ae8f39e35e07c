"""编辑环节: a flow as a list of steps. Each act is one form and one saved draft; nothing waits in the browser."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.workflow.models import FlowDefinition, FlowVersion, VersionStatus
from bianzhi.workflow.rules import editing
from bianzhi.workflow.rules.editing import NoSuchPlace, Path, path_of
from bianzhi.workflow.rules.profile import Flaw, Process
from bianzhi.workflow.rules.steps import Block, BlockKind, Branch, Step, StepKind, StepList, to_process
from bianzhi.workflow.rules.validating import examine
from bianzhi.workflow.rules.writing import write
from bianzhi.workflow.selectors.definitions import known, list_of, process_of
from bianzhi.workflow.services.definitions import save_draft
from bianzhi.workflow.web.drawing import being_edited
from bianzhi.workflow.web.flawed import named
from bianzhi.workflow.web.menu import CONFIGURE
from bianzhi.workflow.web.step_forms import (
    BLOCKS,
    COPIES,
    KINDS,
    SEATS,
    BranchForm,
    SeatForm,
    StepForm,
    seat_initial,
    step_initial,
)
from bianzhi.workflow.web.words import clock_words, seat_words, vocabulary

CHANGED: Final = Objection(
    "L2", "草稿在您打开页面之后已被修改，这一步没有保存。", next_step="请刷新页面，在最新的草稿上重做这一步。"
)
GONE: Final = Objection("L2", "列表中已没有这个环节。", next_step="请刷新页面后重试。")
UNWRITABLE: Final = Objection("D2", "名称或条件里有不能保存的控制字符。", next_step="请重新输入，不要从别处粘贴。")
Made = tuple[StepList, str]
"""The list after an act, and where the reader is led: the query of the page."""


@dataclass
class Desk:
    """The list on the table, and what is being edited in it."""

    request: PageRequest
    definition: FlowDefinition
    objections: list[Objection] = field(default_factory=list)

    @cached_property
    def version(self) -> FlowVersion | None:
        """What editing begins with."""
        return being_edited(self.definition)

    @cached_property
    def process(self) -> Process | None:
        """The flow as it is."""
        return process_of(self.version) if self.version else None

    @cached_property
    def listed(self) -> StepList | None:
        """The flow as a list; None when it is beyond the list."""
        if self.version is None:
            return StepList(self.definition.key, self.definition.title, ())
        return list_of(self.version)

    @cached_property
    def words(self) -> Any:
        """Names of roles and the rest."""
        return vocabulary()

    @property
    def base(self) -> str:
        """The digest of the draft the reader saw."""
        return self.version.digest if self.version else ""

    @property
    def path(self) -> Path:
        """The place the act is about."""
        return path_of(self.request.POST.get("at", "") or self.request.GET.get("at", ""))

    @property
    def note(self) -> str:
        """The note of the draft."""
        return self.version.note if self.version and self.version.status == VersionStatus.DRAFT else ""


@page(CONFIGURE)
@require_http_methods(["GET", "POST"])
def edit_steps(request: PageRequest, pk: int) -> HttpResponse:
    """The list with the form of one step at its side; what is sent is done and saved at once."""
    desk = Desk(request, get_object_or_404(FlowDefinition, pk=pk))
    if request.method == "GET" or desk.listed is None:
        return _shown(desk)
    if request.POST.get("base", "") != desk.base:
        desk.objections.append(CHANGED)
        return _shown(desk)
    form = None
    try:
        made, form = _done(desk, desk.listed)
        if made is None:
            return _shown(desk, form)
        listed, query = made
        note = request.POST.get("note", desk.note)
        save_draft(actor=request.user, definition_id=pk, xml=_written(listed), note=note)
    except (NoSuchPlace, ValueError):
        desk.objections.append(GONE)
    except Refused as refusal:
        desk.objections.extend(refusal.objections)
    else:
        return redirect_with_notice(request, f"{reverse('workflow:edit_steps', args=[pk])}{query}", "草稿已保存。")
    return _shown(desk, form)


def _written(listed: StepList) -> str:
    """The list as BPMN, drawn anew. Refused for text no file can hold."""
    try:
        return write(to_process(listed))
    except ValueError as error:
        raise Refused([UNWRITABLE]) from error


def _done(desk: Desk, listed: StepList) -> tuple[Made | None, "Editor | None"]:
    """The list after the act that was sent; None with the form when it was not filled in soundly."""
    op = desk.request.POST.get("op", "")
    if op in ("save", "add", "branch"):
        editor = Editor.sent(desk, listed, op)
        return editor.made(listed), editor
    if op not in OPS:
        raise Refused([Objection("D2", "没有这种操作。", next_step="请刷新页面后重试。")])
    return OPS[op](desk, listed), None


def _add_block(desk: Desk, listed: StepList) -> Made:
    kind = BlockKind(desk.request.POST.get("kind", ""))
    branches = (Branch(), Branch(is_default=kind is not BlockKind.PARALLEL))
    block = Block(editing.free_id(listed, "split"), kind, branches)
    return editing.insert(listed, desk.path, block), ""


OPS: Final[dict[str, Callable[[Desk, StepList], Made]]] = {
    "up": lambda desk, listed: (editing.move(listed, desk.path, -1), ""),
    "down": lambda desk, listed: (editing.move(listed, desk.path, 1), ""),
    "remove": lambda desk, listed: (editing.remove(listed, desk.path), ""),
    "add_block": _add_block,
    "add_branch": lambda desk, listed: (editing.add_branch(listed, desk.path), ""),
    "remove_branch": lambda desk, listed: (editing.remove_branch(listed, desk.path), ""),
    "note": lambda desk, listed: (listed, ""),
}


class Editor:
    """The form at the side: of a step there is, of a new one, or of a branch."""

    def __init__(self, desk: Desk, op: str, path: Path, *, sent: Any = None) -> None:
        self.desk, self.op, self.path, self.sent_data = desk, op, path, sent
        self.old: Step | Branch | None = None
        self.kind = StepKind.USER

    @classmethod
    def sent(cls, desk: Desk, listed: StepList, op: str) -> "Editor":
        """The form as it came back."""
        editor = cls(desk, op, desk.path, sent=desk.request.POST)
        editor.look_up(listed)
        return editor

    @classmethod
    def asked(cls, desk: Desk, listed: StepList) -> "Editor | None":
        """The form the address asks for; None when it asks for none, or for a place that is gone."""
        query = desk.request.GET
        op = "branch" if "branch" in query else "add" if "new" in query else "save"
        if "at" not in query:
            return None
        try:
            editor = cls(desk, op, desk.path)
            editor.look_up(listed)
        except (NoSuchPlace, ValueError):
            return None
        return editor

    def look_up(self, listed: StepList) -> None:
        """Find what is edited. Raises NoSuchPlace; ValueError for a kind of step there is not."""
        request = self.desk.request
        if self.op == "branch":
            self.old = editing.branch_at(listed, self.path)
            return
        if self.op == "add":
            self.kind = StepKind(request.POST.get("kind") or request.GET.get("new") or "user")
            self.taken = editing.ids(listed)
            return
        item = editing.at(listed, self.path)
        if not isinstance(item, Step):
            raise NoSuchPlace(self.path)
        self.old, self.kind = item, item.kind
        self.taken = editing.ids(listed) - {item.id}

    @cached_property
    def form(self) -> Any:
        """The step's or the branch's own fields."""
        if isinstance(self.old, Branch):
            branch = self.old
            initial = {"name": branch.name, "when": branch.when, "is_default": branch.is_default}
            return BranchForm(self.sent_data, initial=initial)
        fresh = step_initial(Step(id=_suggested(self.taken), kind=self.kind))
        initial = step_initial(self.old) if self.old else fresh
        return StepForm(self.sent_data, initial=initial, kind=self.kind, known=self.desk.words, taken=self.taken)

    @cached_property
    def seats(self) -> Any:
        """Who is asked."""
        return self._lines("seats", SEATS, self.old.seats if isinstance(self.old, Step) else ())

    @cached_property
    def copies(self) -> Any:
        """Who gets a copy afterwards."""
        return self._lines("copies", COPIES, self.old.copies if isinstance(self.old, Step) else ())

    def _lines(self, prefix: str, most: int, seats: Any) -> Any:
        made = forms.formset_factory(SeatForm, extra=max(0, most - len(seats)), max_num=max(most, len(seats)))
        initial = [seat_initial(seat) for seat in seats]
        return made(self.sent_data, prefix=prefix, initial=initial, form_kwargs={"known": self.desk.words})

    @property
    def asks_people(self) -> bool:
        """Whether somebody is asked at this step."""
        return self.op != "branch" and self.kind is StepKind.USER

    @property
    def title(self) -> str:
        """What the form is about."""
        if self.op == "branch":
            return "分支"
        return f"{'新增' if self.op == 'add' else '修改'}：{KINDS[self.kind]}"

    @property
    def key(self) -> str:
        """The path as it goes through the form."""
        return "-".join(map(str, self.path))

    def made(self, listed: StepList) -> Made | None:
        """The list with what was written in it; None when something is wrong with it."""
        lines = [self.seats, self.copies] if self.asks_people else []
        sound = [self.form.is_valid(), *(each.is_valid() for each in lines)]
        if not all(sound):
            return None
        if isinstance(self.old, Branch):
            return editing.put_branch(listed, self.path, self.form.branch(self.old)), ""
        seats, copies = (_seats(each) for each in lines) if lines else ((), ())
        step = self.form.step(seats, copies)
        put = editing.insert if self.op == "add" else editing.put_at
        return put(listed, self.path, step), f"?at={self.key}"


def _seats(lines: Any) -> Any:
    return tuple(seat for seat in (line.seat for line in lines) if seat is not None)


def _suggested(taken: set[str]) -> str:
    number = 1
    while f"step_{number}" in taken:
        number += 1
    return f"step_{number}"


def _shown(desk: Desk, editor: Editor | None = None) -> HttpResponse:
    listed = desk.listed
    version = desk.version
    flaws = examine(version.bpmn_xml, known()).flaws if version is not None else []
    context = {
        "definition": desk.definition,
        "version": version,
        "is_draft": version is not None and version.status == VersionStatus.DRAFT,
        "desk": desk,
        "rows": [_line(row, flaws, desk.words) for row in editing.rows(listed)] if listed else [],
        "end": len(listed.steps) if listed else 0,
        "editor": editor or (Editor.asked(desk, listed) if listed else None),
        "flaws": named(flaws, desk.process),
        "kinds": [(kind.value, label) for kind, label in KINDS.items()],
        "blocks": [(kind.value, label) for kind, label in BLOCKS.items()],
        "is_beyond": listed is None,
    }
    status = 422 if desk.request.method == "POST" else 200
    return render(desk.request, "workflow/steps.html", context, status=status)


def _line(row: editing.Row, flaws: list[Flaw], words: Any) -> dict[str, Any]:
    """One line of the list in words."""
    item = row.item
    line: dict[str, Any] = {"row": row, "key": row.key, "depth": min(row.depth, 6), "next": _next(row)}
    if isinstance(item, Step):
        who = "、".join(seat_words(seat, words) for seat in item.seats)
        own = who or words.commands.get(item.command, item.command) or words.flows.get(item.called, "")
        line |= {"step": item, "kind": KINDS[item.kind], "who": own or clock_words(item.wait)}
        line |= {"limit": clock_words(item.limit), "flaws": [flaw for flaw in flaws if flaw.element == item.id]}
    elif isinstance(item, Block):
        line |= {"block": item, "kind": BLOCKS[item.kind]}
        line |= {"flaws": [flaw for flaw in flaws if flaw.element in (item.id, item.join_id)]}
    else:
        line |= {"branch": row.branch, "number": row.path[-1] + 1, "first": f"{row.key}-0"}
    return line


def _next(row: editing.Row) -> str:
    return "-".join(map(str, (*row.path[:-1], row.path[-1] + 1)))

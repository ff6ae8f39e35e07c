"""Laying out a document as GB/T 9704-2012 does: 22 lines of 28 characters, the header under its red line, the end."""

from collections.abc import Sequence
from typing import Final

from bianzhi.recognition.document import BlockKind
from bianzhi.recognition.sheets.breaking import balanced, broken
from bianzhi.recognition.sheets.flow import Flow
from bianzhi.recognition.sheets.fonts import Style
from bianzhi.recognition.sheets.heads import set_head
from bianzhi.recognition.sheets.paper import Form, Paper, Table
from bianzhi.recognition.sheets.plan import (
    BOTTOM,
    CHARACTERS,
    EM,
    LEFT,
    PITCH,
    RIGHT,
    SMALL_EM,
    TEXT_WIDTH,
    TITLE_EM,
    Mark,
    Plan,
    Rule,
    Stamp,
    measured,
)
from bianzhi.recognition.sheets.tables import set_table

HEADINGS: Final = tuple(f"{figure}、" for figure in "一二三四五六七八九十")
SIGNATURE_LINES: Final = 3
LONGEST_HEADING: Final = 22


def laid_out(paper: Paper) -> list[Plan]:
    """The pages of a document."""
    flow = Flow()
    set_head(flow, paper)
    _title(flow, paper)
    if paper.form is Form.BULLETIN:
        flow.split(2)
    if paper.addressee:
        _lines(flow, [f"{paper.addressee}："], "text")
    for part in paper.body:
        if isinstance(part, Table):
            set_table(flow, part)
        else:
            _paragraph(flow, part)
    _attachments(flow, paper)
    if paper.form not in (Form.MINUTES, Form.BULLETIN):
        _signature(flow, paper)
    if paper.note:
        _paragraph(flow, f"（{paper.note}）")
    _imprint(flow, paper)
    _folios(flow.pages)
    return flow.pages


def _title(flow: Flow, paper: Paper) -> None:
    flow.skip(2 if paper.form is not Form.TYPED else 1)
    block = flow.new_block()
    for line in balanced(paper.title, Style.TITLE, TEXT_WIDTH / TITLE_EM - 1):
        width = measured(line, Style.TITLE) * TITLE_EM
        baseline = flow.advance(PITCH * 1.15)
        flow.page.marks.append(
            Mark(line, LEFT + (TEXT_WIDTH - width) / 2, baseline, TITLE_EM, Style.TITLE, "title", block)
        )
    flow.skip(1)


def _lines(
    flow: Flow, lines: Sequence[str], kind: BlockKind, *, indent: float = 0.0, style: Style = Style.BODY
) -> None:
    block = flow.new_block()
    for number, line in enumerate(lines):
        baseline = flow.advance(PITCH)
        left = flow.left + (indent * EM if number == 0 else 0.0)
        flow.page.marks.append(Mark(line, left, baseline, EM, style, kind, block))


def _paragraph(flow: Flow, text: str) -> None:
    """Two characters in; a heading in its own type."""
    is_heading = text.startswith(HEADINGS) and len(text) <= LONGEST_HEADING and not text.endswith("。")
    style = Style.LABEL if is_heading else Style.BODY
    _lines(flow, broken(text, style, flow.width / EM, 2.0), "text", indent=2.0, style=style)


def _attachments(flow: Flow, paper: Paper) -> None:
    """附件说明, a line below the body."""
    if not paper.attachments:
        return
    flow.skip(1)
    numbered = len(paper.attachments) > 1
    for number, name in enumerate(paper.attachments, 1):
        head = "附件：" if number == 1 else "　　　"
        text = f"{head}{number}.{name}" if numbered else f"{head}{name}"
        flow.new_block()
        baseline = flow.advance(PITCH)
        shown = text.lstrip("　")
        left = flow.left + (2 + len(text) - len(shown)) * EM
        flow.page.marks.append(Mark(shown, left, baseline, EM, Style.BODY, "text", flow.block))


def _signature(flow: Flow, paper: Paper) -> None:
    """署名 above the date, which stands four characters in from the right; the seal over both."""
    flow.keep(SIGNATURE_LINES)
    flow.skip(2 if flow.has_room_for(SIGNATURE_LINES + 1) else 1)
    block = flow.new_block()
    day = paper.written_date
    date_width = measured(day, Style.BODY) * EM
    date_left = RIGHT - 4 * EM - date_width
    centre = date_left + date_width / 2
    name_width = measured(paper.issuer, Style.BODY) * EM
    name_left = min(centre - name_width / 2, RIGHT - name_width)
    above = flow.advance(PITCH)
    flow.page.marks.append(Mark(paper.issuer, name_left, above, EM, Style.BODY, "text", block))
    below = flow.advance(PITCH)
    flow.page.marks.append(Mark(day, date_left, below, EM, Style.BODY, "text", block))
    if paper.has_seal:
        flow.page.stamps.append(Stamp(centre, below - 7.0, paper.issuer))
    flow.skip(1)


def _imprint(flow: Flow, paper: Paper) -> None:
    """版记 at the foot of the last page: 主题词 (before 2012), 抄送, who printed it and when."""
    if paper.form is Form.LETTER or not (paper.copies_to or paper.keywords):
        return
    lines = [f"主题词：{'　'.join(paper.keywords)}"] if paper.keywords else []
    lines += [f"抄送：{paper.copies_to}。"] if paper.copies_to else []
    pitch = SMALL_EM * 1.6
    top = BOTTOM - pitch * (len(lines) + 1)
    flow.keep_above(top - 2)
    block = flow.new_block()
    rules = flow.page.rules
    for number, line in enumerate(lines):
        baseline = top + pitch * (number + 0.75)
        flow.page.marks.append(Mark(line, LEFT + SMALL_EM, baseline, SMALL_EM, Style.BODY, "footer", block))
        rules.append(Rule(LEFT, top + pitch * number, RIGHT, top + pitch * number, 0.35 if number == 0 else 0.25))
    last = top + pitch * len(lines)
    printed = f"{paper.written_date}印发"
    width = measured(printed, Style.BODY) * SMALL_EM
    printer = paper.issuer if len(paper.issuer) < CHARACTERS - 10 else paper.issuer[: CHARACTERS - 10]
    for text, left in ((printer, LEFT + SMALL_EM), (printed, RIGHT - SMALL_EM - width)):
        flow.page.marks.append(Mark(text, left, last + pitch * 0.75, SMALL_EM, Style.BODY, "footer", block))
    rules += [Rule(LEFT, last, RIGHT, last, 0.25), Rule(LEFT, BOTTOM, RIGHT, BOTTOM, 0.35)]


def _folios(pages: Sequence[Plan]) -> None:
    """页码 seven millimetres below the text, outside on odd and even pages."""
    for number, page in enumerate(pages, 1):
        text = f"— {number} —"
        width = measured(text, Style.BODY) * SMALL_EM
        left = RIGHT - SMALL_EM - width if number % 2 else LEFT + SMALL_EM
        block = max((mark.block for mark in page.marks), default=0) + 1
        page.marks.append(Mark(text, left, BOTTOM + 10.0, SMALL_EM, Style.BODY, "footer", block))

"""The heads of documents: 发文机关标志, 发文字号, 签发人 and the red line, each form its own."""

from typing import Final

from bianzhi.recognition.sheets.flow import Flow
from bianzhi.recognition.sheets.fonts import Style
from bianzhi.recognition.sheets.paper import Form, Paper
from bianzhi.recognition.sheets.plan import EM, LEFT, PITCH, RIGHT, TEXT_WIDTH, TOP, WIDTH, Mark, Rule, measured

BANNER_EM: Final = 15.5
LETTER_LEFT: Final = 20.0
TALL: Final = 0.88
"""A character's height above the baseline, in shares of its size."""


def set_head(flow: Flow, paper: Paper) -> None:
    """Everything above the title."""
    {Form.LETTER: _letter, Form.TYPED: _typed}.get(paper.form, _document)(flow, paper)


def _document(flow: Flow, paper: Paper) -> None:
    """文件格式 (and 纪要, 简报): corner notes, the name in red, the number, the red line across."""
    _corner(flow, paper)
    _banner(flow, paper.banner, TOP + 35.0)
    baseline = TOP + 35.0 + BANNER_EM + 2 * PITCH
    block = flow.new_block()
    places: tuple[tuple[str, float], ...]
    if paper.signer:
        signed = f"签发人：{paper.signer}"
        width = measured(signed, Style.BODY) * EM
        places = ((paper.doc_no, LEFT + EM), (signed, RIGHT - EM - width))
    else:
        width = measured(paper.doc_no, Style.BODY) * EM
        places = ((paper.doc_no, LEFT + (TEXT_WIDTH - width) / 2),)
    for text, left in places:
        flow.page.marks.append(Mark(text, left, baseline, EM, Style.BODY, "header", block))
    if paper.form is Form.BULLETIN:
        baseline += PITCH
        day = paper.written_date
        for text, left in ((paper.issuer, LEFT + EM), (day, RIGHT - EM - measured(day, Style.BODY) * EM)):
            flow.page.marks.append(Mark(text, left, baseline, EM, Style.BODY, "header", block))
    line = baseline + 5.2
    flow.page.rules.append(Rule(LEFT, line, RIGHT, line, 0.7, red=True))
    flow.y = line


def _letter(flow: Flow, paper: Paper) -> None:
    """信函格式: the name 30 mm from the edge over a double red line, the number below it at the right."""
    _banner(flow, paper.banner, 30.0)
    upper = 30.0 + BANNER_EM + 4.0
    rules = [(upper, 0.9), (upper + 1.4, 0.35), (277.0 - 1.4, 0.35), (277.0, 0.9)]
    flow.page.rules += [Rule(LETTER_LEFT, y, WIDTH - LETTER_LEFT, y, thickness, red=True) for y, thickness in rules]
    width = measured(paper.doc_no, Style.BODY) * EM
    baseline = upper + PITCH * 1.1
    if paper.classification:
        _corner_lines(flow, paper, baseline)
    mark = Mark(paper.doc_no, RIGHT - width, baseline, EM, Style.BODY, "header", flow.new_block())
    flow.page.marks.append(mark)
    flow.y = baseline + PITCH * 0.3


def _typed(flow: Flow, paper: Paper) -> None:
    """Before the standard: the name typed, the number in the middle under it, no red."""
    block = flow.new_block()
    if paper.classification:
        _corner_lines(flow, paper, TOP)
    for text, style, em, baseline in (
        (paper.banner, Style.TITLE, EM * 1.5, TOP + PITCH * 1.5),
        (paper.doc_no, Style.BODY, EM, TOP + PITCH * 2.8),
    ):
        width = measured(text, style) * em
        flow.page.marks.append(Mark(text, LEFT + (TEXT_WIDTH - width) / 2, baseline, em, style, "header", block))
    flow.y = TOP + PITCH * 3.2


def _corner(flow: Flow, paper: Paper) -> None:
    """密级和保密期限, then 紧急程度, in the upper left corner."""
    _corner_lines(flow, paper, TOP + PITCH * 0.78)


def _corner_lines(flow: Flow, paper: Paper, baseline: float) -> None:
    block = flow.new_block()
    for number, text in enumerate(filter(None, (paper.classification, paper.urgency))):
        mark = Mark(text, LEFT, baseline + number * PITCH, EM, Style.LABEL, "header", block)
        flow.page.marks.append(mark)


def _banner(flow: Flow, text: str, top: float) -> None:
    """The name of the issuing body in red, as large as the width allows."""
    em = min(BANNER_EM, TEXT_WIDTH / (measured(text, Style.TITLE) + 0.1 * len(text)))
    spacing = min(0.3 * em, (TEXT_WIDTH - measured(text, Style.TITLE) * em) / max(len(text) - 1, 1))
    width = measured(text, Style.TITLE) * em + spacing * (len(text) - 1)
    left = LEFT + (TEXT_WIDTH - width) / 2
    baseline = top + BANNER_EM * TALL - (BANNER_EM - em) / 2
    block = flow.new_block()
    mark = Mark(text, left, baseline, em, Style.TITLE, "header", block, red=True, spacing=spacing)
    flow.page.marks.append(mark)

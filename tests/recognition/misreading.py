"""Pages as recognition gives them back: wrong characters, broken brackets, uncertain boxes, no kinds of blocks."""

from dataclasses import replace
from random import Random

from bianzhi.recognition.document import Block, PageText, Word, surrounding

CONFUSED = {
    "〔": "[(【{CL", "〕": "])】}J1", "0": "Oo", "1": "lI", "2": "Z", "日": "曰口", "年": "午牛", "月": "目",
    "号": "亏弓",
    "办": "力", "员": "贝", "编": "缩", "机": "枧", "区": "医", "未": "末", "己": "已", "人": "入", "名": "各",
    "：": ":；", "，": ",。", "制": "利", "定": "走", "审": "宙", "局": "居", "水": "永",
}  # fmt: skip
OTHER = "的是中一大和工业在有"
"""What a character becomes that looks like nothing known."""


def misread(page: PageText, rate: float, draw: Random, *, keeps_kinds: bool = False) -> PageText:
    """The page with about `rate` of its characters wrong; the confidence of a line tells roughly how many are."""
    blocks = []
    for block in page.blocks:
        words = tuple(_misread_word(word, rate, draw) for word in block.words)
        words = tuple(word for word in words if word.text)
        if words:
            kind = block.kind if keeps_kinds or block.kind == "table" else "text"
            blocks.append(Block(kind, surrounding([word.box for word in words]), words))
    return replace(page, blocks=tuple(blocks), origin="ocr")


def _misread_word(word: Word, rate: float, draw: Random) -> Word:
    text, wrong = [], 0
    for character in word.text:
        if draw.random() >= rate or character.isspace():
            text.append(character)
            continue
        wrong += 1
        if draw.random() < 0.8:
            text.append(draw.choice(CONFUSED.get(character, OTHER)))
    confidence = max(0.3, min(1.0, draw.uniform(0.95, 1.0) - 0.9 * wrong / max(len(word.text), 1)))
    left, top, width, height = word.box
    nudge = 0.002
    box = (
        left + draw.uniform(-nudge, nudge), top + draw.uniform(-nudge, nudge),
        width + draw.uniform(-nudge, nudge), height * draw.uniform(0.9, 1.1),
    )  # fmt: skip
    return Word("".join(text), box, confidence)

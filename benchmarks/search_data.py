"""Pages and questions for measuring the full-text search: legal texts re-sampled, with generated heads."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE_LENGTH = 600
UNITS = 500
_HAN_RUN = re.compile("[\u4e00-\u9fff]{4,}")
ISSUERS = ("云编发", "云编办", "云政发", "云人社", "云财行", "云委办", "云组干")
SUBJECTS = ("机构设置", "人员编制", "领导职数", "职责调整", "事业单位改革", "内设机构", "经费形式", "更名")
KINDS = ("批复", "通知", "请示", "函", "纪要", "规定")
NAMES = ("财政局", "水利局", "教育局", "审计局", "渔业站", "农业农村局", "第一小学", "疾控中心", "综合执法队", "档案馆")


@dataclass(frozen=True, slots=True)
class BenchPage:
    """One page, the unit it belongs to, the number it bears."""

    key: int
    unit: int
    number: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """Words all of which must stand on the page; of one kind, for the table."""

    kind: str
    words: tuple[str, ...]


def paragraphs(folder: Path) -> list[str]:
    """Paragraphs of the laws, each once."""
    found: dict[str, None] = {}
    for file in sorted(folder.glob("*.md")):
        for line in file.read_text("utf-8", errors="replace").splitlines():
            if len(line) > 20 and not line.startswith(("#", "<")):
                found[line.strip()] = None
    return list(found)


def pages(folder: Path, count: int, seed: int = 5) -> Iterator[BenchPage]:
    """So many pages: a head as official papers have it, a generated sentence, paragraphs of the laws."""
    chance = random.Random(seed)
    source = paragraphs(folder)
    for key in range(count):
        unit = chance.randrange(UNITS)
        name = f"云江区{chance.choice(NAMES)}{unit}"
        number = f"{chance.choice(ISSUERS)}〔{chance.randint(1998, 2026)}〕{chance.randint(1, 400)}号"
        title = f"关于{name}{chance.choice(SUBJECTS)}的{chance.choice(KINDS)}"
        lines = [number, title, f"核定{name}编制{chance.randint(3, 90)}名，领导职数{chance.randint(1, 5)}名。"]
        while sum(map(len, lines)) < PAGE_LENGTH:
            lines.append(chance.choice(source))
        yield BenchPage(key, unit, number, title, "\n".join(lines))


def questions(made: list[BenchPage], seed: int = 6) -> list[Question]:
    """125 questions taken from the pages themselves."""
    chance = random.Random(seed)

    def run(length: int) -> str:
        while True:
            longest: list[str] = [found for found in _HAN_RUN.findall(chance.choice(made).text) if len(found) >= length]
            if longest:
                text: str = chance.choice(longest)
                start = chance.randrange(len(text) - length + 1)
                return text[start : start + length]

    asked = [Question("一个字", (run(4)[0],)) for _ in range(10)]
    asked += [Question("两字词", (run(4)[:2],)) for _ in range(30)]
    asked += [Question("短语 3—8 字", (run(chance.randint(4, 8)),)) for _ in range(30)]
    asked += [Question("长句 10—16 字", (run(chance.randint(10, 16)),)) for _ in range(15)]
    asked += [Question("两词都有", (run(4)[:2], run(4)[:2])) for _ in range(20)]
    asked += [Question("文号", (chance.choice(made).number,)) for _ in range(20)]
    return asked

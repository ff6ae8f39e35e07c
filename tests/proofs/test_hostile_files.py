"""10 000 hostile files against the gate every upload passes: each is refused in words, or truly harmless after all.

Whether one that passed is harmless is said by a judge that shares no code with the gate.
A file is made again by its number: `hostile(4711)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bianzhi.audit.actors import System
from bianzhi.intake import gate
from bianzhi.intake.gate import Wanted, look_at
from bianzhi.kernel.objections import Refused
from bianzhi.recognition.workshop import Workshop
from tests.proofs.hostile_files import RECIPES, hostile
from tests.proofs.judge import complaints
from tests.proofs.scanner import scanner_of_packages

pytestmark = [pytest.mark.timeout(1800), pytest.mark.django_db]
SENDER = System("测试")
SOME, PARTS, OF_A_PART = 160, 20, 500


@pytest.fixture(scope="module")
def scanner() -> Iterator[str]:
    with scanner_of_packages() as address:
        yield address


@pytest.fixture(scope="module")
def kept_open() -> Iterator[Workshop]:
    with Workshop(gate.CEILINGS) as shop:
        yield shop


@pytest.fixture(autouse=True)
def set_up(settings: Any, tmp_path: Path, scanner: str, kept_open: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A platform with a scanner; one workshop serves all, where the product starts one for each file."""
    settings.HOME, settings.CLAMAV = tmp_path, scanner
    gate.forget_passed()

    class Borrowed:
        def __init__(self, *_: Any) -> None: ...
        def __enter__(self) -> Workshop:
            return kept_open

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(gate, "Workshop", Borrowed)


@dataclass
class Verdicts:
    """What became of the files."""

    refused: int = 0
    left_to_the_reader: int = 0
    """No usable table: its reader says so."""
    harmless: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def look(self, number: int, wanted: Wanted) -> None:
        file = hostile(number)
        try:
            code = look_at(file.content, file.name, wanted, actor=SENDER)
        except Refused as refusal:
            self.refused += 1
            if not any("\u4e00" <= character <= "\u9fff" for character in str(refusal)):
                self.wrong.append(f"hostile({number}) {file.recipe}: refused without a word: {refusal!r}")
            return
        except Exception as error:  # noqa: BLE001 - a gate that breaks is no gate
            self.wrong.append(f"hostile({number}) {file.recipe} {file.name!r}: {error!r}")
            return
        if not code:
            self.left_to_the_reader += 1
            return
        found = complaints(file.content, code)
        if found:
            self.wrong.append(f"hostile({number}) {file.recipe} {file.name!r} taken as {code}: {found}")
        self.harmless[file.recipe] += 1


def judged(numbers: range) -> Verdicts:
    verdicts = Verdicts()
    for number in numbers:
        verdicts.look(number, Wanted.TABLES if number // len(RECIPES) % 4 == 3 else Wanted.PAPERS)
    return verdicts


def test_some_hostile_files_are_refused_or_were_harmless_after_all():
    verdicts = judged(range(SOME))
    assert verdicts.wrong == []
    assert verdicts.refused + verdicts.left_to_the_reader > SOME * 0.8


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS), ids=lambda part: f"part-{part:02}")
def test_ten_thousand_hostile_files_are_refused_or_were_harmless_after_all(part: int, record_property: Any):
    verdicts = judged(range(part * OF_A_PART, (part + 1) * OF_A_PART))
    record_property("refused", verdicts.refused)
    record_property("left to the reader", verdicts.left_to_the_reader)
    record_property("harmless", dict(verdicts.harmless))
    assert verdicts.wrong == [], "\n".join(verdicts.wrong)
    assert verdicts.refused + verdicts.left_to_the_reader > OF_A_PART * 0.8


@pytest.mark.parametrize("recipe", sorted(RECIPES))
def test_the_judge_does_not_call_a_bare_recipe_harmless_where_the_gate_refuses_it(recipe: str):
    """The judge must be able to complain: about the very files the recipes name, as the kind their ending says."""
    if recipe in SEEN_BY_THE_GATE_ALONE:
        pytest.skip(SEEN_BY_THE_GATE_ALONE[recipe])
    ending, make = RECIPES[recipe]
    code = {"jpg": "jpeg", "tif": "tiff"}.get(ending, ending)
    assert complaints(make(), code)


SEEN_BY_THE_GATE_ALONE = dict.fromkeys(
    (
        "pdf header",
        "pdf endless",
        "pdf bomb",
        "pdf locked",
        "pdf locked for owner",
        "pdf and html",
        "tiff endless",
        "ole header",
        "jpeg comment html",
        "png text html",
        "zip in zip",
        "zip with link",
        "zip ways up",
        "zip with program",
        "zip with html",
        "zip many",
        "zip overlapping",
        "ofd with program",
    ),
    "damaged, locked, or harmless until it is taken apart: only the gate refuses it",
)

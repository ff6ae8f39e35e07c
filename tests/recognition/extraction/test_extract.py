"""Reading the catalogue's fields off documents whose text is known, whole and misread."""

from collections import defaultdict
from random import Random

import pytest

from bianzhi.recognition.extraction import Finding, extract, is_figure, label
from bianzhi.recognition.sheets import Facts, Sheet, Wear, is_installed, made, papers
from tests.recognition.misreading import misread

UNITS = {f"云江区{name}": number for number, (name, _) in enumerate(Facts().units, 1)}
pytestmark = pytest.mark.skipif(not is_installed(), reason="no Chinese font on this machine")


@pytest.fixture(scope="module")
def documents() -> list[Sheet]:
    """Sixty documents of every kind, drawn small: only their text is read here."""
    return [made(paper, wear=Wear.CLEAN, dpi=40) for paper in papers(11, 60)]


def folded(text: str) -> str:
    return "".join(text.split()).replace("（", "(").replace("）", ")").replace("，", ",")


def best(findings: list[Finding]) -> dict[str, Finding]:
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(finding.field, finding)
    return first


def wanted(sheet: Sheet) -> dict[str, str]:
    unit = {"unit": str(UNITS[sheet.truth.unit])} if sheet.truth.unit else {}
    return dict(sheet.truth.fields) | unit


def test_every_field_of_a_well_read_document_is_found(documents) -> None:
    wrong = []
    for sheet in documents:
        found = best(extract(sheet.truth.pages, UNITS))
        for field, value in wanted(sheet).items():
            if field not in found or folded(found[field].value) != folded(value):
                wrong.append((sheet.paper.language, field, value, found.get(field)))
    assert wrong == []


def test_what_is_not_on_the_paper_is_not_claimed(documents) -> None:
    for sheet in documents:
        claimed = {each.field for each in extract(sheet.truth.pages, UNITS) if each.confidence >= 0.5}
        assert claimed <= set(wanted(sheet)), sheet.paper.language


def test_every_finding_shows_its_place(documents) -> None:
    for sheet in documents:
        for each in extract(sheet.truth.pages, UNITS):
            assert each.box is not None
            left, top, width, height = each.box
            assert 0 <= left < left + width <= 1.001
            assert 0 <= top < top + height <= 1.001
            assert 1 <= each.page <= len(sheet.truth.pages)
            assert 0 < each.confidence <= 1
            assert each.method


def test_the_place_of_a_number_holds_the_number(documents) -> None:
    sheet = next(each for each in documents if each.paper.language == "规定")
    found = best(extract(sheet.truth.pages, UNITS))["quota:A1"]
    page = sheet.truth.pages[found.page - 1]
    assert found.box is not None
    (line,) = [word for word in page.words if word.box[1] == found.box[1]]
    start = line.text.index("行政编制")
    assert found.box[0] == pytest.approx(line.chars[start][0])
    assert found.box[2] < line.box[2]


@pytest.mark.parametrize(
    ("rate", "header", "figures"),
    [(0.005, {"doc_no": 0.85, "dated_on": 0.9, "unit": 0.97, "title": 0.75}, 0.9), (0.03, {"unit": 0.9}, 0.6)],
)
def test_misread_documents_still_give_most_fields(documents, rate, header, figures) -> None:
    """Rates of wrong characters as a good scan has them, and six times as many."""
    draw = Random(7)
    right: dict[str, list[bool]] = defaultdict(list)
    for sheet in documents:
        found = best(extract([misread(page, rate, draw) for page in sheet.truth.pages], UNITS))
        for field, value in wanted(sheet).items():
            is_right = field in found and folded(found[field].value) == folded(value)
            right["figures" if is_figure(field) else field].append(is_right)
    shares = {field: sum(each) / len(each) for field, each in right.items()}
    assert shares["figures"] >= figures
    assert {field: share for field, share in shares.items() if share < header.get(field, 0)} == {}


@pytest.mark.parametrize("rate", [0.005, 0.03])
def test_confidence_is_honest(documents, rate) -> None:
    """Of findings said to be sure nearly all are right, however badly the page was read."""
    draw = Random(8)
    sure: list[bool] = []
    unsure: list[bool] = []
    for sheet in documents:
        want = wanted(sheet)
        for field, each in best(extract([misread(page, rate, draw) for page in sheet.truth.pages], UNITS)).items():
            is_right = field in want and folded(each.value) == folded(want[field])
            (sure if each.confidence >= 0.9 else unsure).append(is_right)
    assert sum(sure) / len(sure) > 0.97
    assert sum(unsure) / len(unsure) < sum(sure) / len(sure)


def test_an_empty_document_gives_nothing() -> None:
    assert extract([], UNITS) == []


def test_fields_are_called_as_officials_call_them() -> None:
    assert label("doc_no") == "文件编号"
    assert label("increase:B1") == "核增事业编制（全额）"
    assert label("post:org_deputy") == "职数副职"
    assert label("post:unknown") == "职数unknown"
    assert not is_figure("title")

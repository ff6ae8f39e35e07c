"""文号, 密级, 签发人, 主送, 成文日期, 主题词 and the unit, on papers written for one question each."""

import pytest

from bianzhi.recognition.document import Block, PageText, Word
from bianzhi.recognition.extraction import extract

LEFT, EM = 0.133, 0.0265


def line(text: str, row: int, *, left: float | None = None, size: float = EM, confidence: float = 1.0) -> Word:
    width = size * len(text)
    start = 0.5 - width / 2 if left is None else left
    return Word(text, (start, 0.1 + 0.035 * row, width, size * 0.7), confidence)


def page(*words: Word, number: int = 1) -> PageText:
    return PageText(number, 1654, 2339, 200, 0, 0.0, False, "ocr", (Block("text", (0.1, 0.1, 0.8, 0.8), words),))


def read(*words: Word, units: dict[str, int] | None = None) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in extract([page(*words)], units or {}):
        found.setdefault(each.field, each.value)
    return found


BODY = "根据机构编制管理有关规定，现就有关事项通知如下，请认真执行。"


@pytest.mark.parametrize(
    "written",
    ["云编办〔2025〕12号", "云编办[2025]12号", "云编办（2025） 012 号", "云编办C2025J12号", "云编办〔2O25〕l2号",
     "云编办〔2025〕第12号", "云编办2025〕12号"],
)  # fmt: skip
def test_a_number_is_read_through_every_bracket(written) -> None:
    assert read(line(written, 2), line(BODY, 8, left=LEFT))["doc_no"] == "云编办〔2025〕12号"


def test_a_broken_number_is_less_sure_than_a_whole_one() -> None:
    whole, bracket, letters = (
        extract([page(line(text, 2))], {})[0].confidence
        for text in ("云编办〔2025〕12号", "云编办C2025J12号", "云编办〔2O25〕l2号")
    )
    assert whole > 0.95 > bracket > letters


def test_a_number_cited_in_a_sentence_is_not_the_papers_own() -> None:
    assert "doc_no" not in read(line("根据云编办〔2024〕3号文件精神，现将有关事项通知如下。", 2, left=LEFT))


def test_number_and_signer_may_share_a_line() -> None:
    found = read(line("云财〔2024〕8号　　　　　签发人：王建华", 2, left=LEFT))
    assert (found["doc_no"], found["signer"]) == ("云财〔2024〕8号", "王建华")


@pytest.mark.parametrize(
    ("written", "value"),
    [("秘密★10年", "秘密★10年"), ("机 密☆长期", "机密★长期"), ("绝密", "绝密"), ("秘密*5年", "秘密★5年")],
)
def test_a_mark_of_secrecy_is_read_with_its_term(written, value) -> None:
    assert read(line(written, 0, left=LEFT), line(BODY, 8, left=LEFT))["classification"] == value


def test_a_text_about_secrets_is_not_marked() -> None:
    assert "classification" not in read(line("要做好国家秘密载体管理和保密宣传教育各项工作。", 5, left=LEFT))


def test_an_indented_paragraph_that_ends_with_a_colon_is_no_address() -> None:
    title = line("关于做好有关工作的通知", 4, size=0.037)
    first = line("经研究，现将有关事项通知如下：", 6, left=LEFT + 2 * EM)
    assert "addressee" not in read(title, first, *(line(BODY[:28], row, left=LEFT) for row in (7, 8, 9)))


def test_an_address_over_two_lines_is_one() -> None:
    title = line("关于做好有关工作的通知", 4, size=0.037)
    address = (line("区级机关各部门，各镇乡人民政府，各街道办事处，各", 6, left=LEFT), line("直属单位：", 7, left=LEFT))
    assert read(title, *address)["addressee"] == "区级机关各部门，各镇乡人民政府，各街道办事处，各直属单位"


@pytest.mark.parametrize(
    ("written", "value"),
    [("2025年3月18日", "2025-03-18"), ("二〇一二年十二月三十一日", "2012-12-31"),
     ("一九八七年十月二十日", "1987-10-20"),
     ("2O25年l1月3曰", "2025-11-03"), ("２０２５年３月１８日", "2025-03-18")],
)  # fmt: skip
def test_the_date_under_the_signature_is_read_in_every_writing(written, value) -> None:
    signature = line("云江区委编办", 10, left=0.6)
    assert read(line(BODY, 8, left=LEFT), signature, line(written, 11, left=0.6))["dated_on"] == value


@pytest.mark.parametrize("written", ["2025年3月", "2025年13月40日", "2025年2月30日"])
def test_no_day_is_made_up(written) -> None:
    assert "dated_on" not in read(line(BODY, 8, left=LEFT), line(written, 11, left=0.6))


def test_a_date_of_another_year_than_the_number_is_doubted() -> None:
    def sure(year: int) -> float:
        words = (line("云编办〔2025〕12号", 2), line(BODY, 8, left=LEFT), line(f"{year}年3月18日", 11, left=0.6))
        return next(each.confidence for each in extract([page(*words)], {}) if each.field == "dated_on")

    assert sure(2023) < 0.6 < 0.9 < sure(2025)


def forwarding(first: str, *, title: str = "关于做好有关工作的通知", printed: str = "") -> list[PageText]:
    """A paper of 18 March 2024, and on the next page another one of 5 January that begins with the line `first`."""
    own = (
        line(title, 4, size=0.037), line(BODY, 8, left=LEFT),
        line("云江区人民政府", 10, left=0.6), line("2024年3月18日", 11, left=0.6),
    )  # fmt: skip
    other = (
        line(first, 0, left=LEFT), line(BODY, 8, left=LEFT),
        line("云江区财政局", 10, left=0.6), line("2024年1月5日", 11, left=0.6),
    )  # fmt: skip
    last = (line(f"云江区人民政府办公室　{printed}印发", 14, left=LEFT),) if printed else ()
    return [page(*own), page(*other, *last, number=2)]


def dates_and_names(pages: list[PageText]) -> tuple[dict[str, float], str]:
    """The dates offered with how sure they are, the first first, and who is offered first as 责任者."""
    found = extract(pages, {})
    dates = {each.value: each.confidence for each in found if each.field == "dated_on"}
    return dates, next(each.value for each in found if each.field == "responsible")


@pytest.mark.parametrize(
    "pages",
    [
        forwarding("附件"),
        forwarding("附件1"),
        forwarding("附件：", printed="2024年3月20日"),
        forwarding("关于某事的意见", title="转发区财政局关于某事意见的通知"),
        forwarding("附件", printed="2024年3月18日"),
    ],
)
def test_date_and_signature_are_those_of_the_paper_and_not_of_what_it_forwards(pages) -> None:
    dates, responsible = dates_and_names(pages)
    assert list(dates) == ["2024-03-18", "2024-01-05"]
    assert dates["2024-03-18"] > 0.8 > 0.6 > dates["2024-01-05"]
    assert responsible == "云江区人民政府"


def test_without_a_word_of_what_is_attached_the_last_date_counts_and_the_other_is_offered() -> None:
    dates, responsible = dates_and_names(forwarding("第二部分"))
    assert list(dates) == ["2024-01-05", "2024-03-18"]
    assert dates["2024-03-18"] < 0.6
    assert responsible == "云江区财政局"


def test_a_list_of_attachments_before_the_date_parts_nothing_off() -> None:
    words = (
        line(BODY, 8, left=LEFT), line("附件：", 9, left=LEFT), line("云江区财政局", 10, left=0.6),
        line("2024年1月5日", 11, left=0.6),
    )  # fmt: skip
    dates, responsible = dates_and_names([page(*words)])
    assert dates == {"2024-01-05": 0.93}
    assert responsible == "云江区财政局"


def test_signature_and_name_in_red_that_differ_are_both_offered() -> None:
    words = (
        line("云江区财政局文件", 0, size=0.06), line("云财〔2025〕2号", 2), line(BODY, 8, left=LEFT),
        line("云江区审计局", 10, left=0.6), line("2025年3月18日", 11, left=0.6),
    )  # fmt: skip
    found = [each for each in extract([page(*words)], {}) if each.field == "responsible"]
    assert [each.value for each in found] == ["云江区审计局", "云江区财政局"]
    assert all(each.confidence < 0.9 for each in found)


def test_the_longest_name_of_a_unit_counts_and_one_wrong_character_is_forgiven() -> None:
    units = {"教育局": 1, "云江区教育局": 2, "云江区教育局招生考试中心": 3}
    title = "关于云江区教育局招生考试中心更名的批复"
    assert read(line(title, 4, size=0.037), line(BODY, 8, left=LEFT), units=units)["unit"] == "3"
    blurred = title.replace("招生", "招主")
    found = extract([page(line(blurred, 4, size=0.037), line(BODY, 8, left=LEFT))], {"云江区教育局招生考试中心": 3})
    assert [(each.value, each.confidence < 0.75) for each in found if each.field == "unit"] == [("3", True)]


def test_two_units_in_a_title_are_both_offered_and_neither_is_sure() -> None:
    units = {"云江区图书馆": 1, "云江区文化馆": 2}
    words = (line("关于云江区图书馆与云江区文化馆合并的批复", 4, size=0.037), line(BODY, 8, left=LEFT))
    found = [each for each in extract([page(*words)], units) if each.field == "unit"]
    assert {each.value for each in found} == {"1", "2"}
    assert all(each.confidence < 0.7 for each in found)

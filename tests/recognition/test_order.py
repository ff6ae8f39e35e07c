"""The order of reading, of lines whose places are given."""

from bianzhi.recognition.arranging import arrange
from bianzhi.recognition.document import Word
from bianzhi.recognition.layout import Region
from bianzhi.recognition.lines import cut_at_gaps, joined_over_spaces
from bianzhi.recognition.marking import marks
from bianzhi.recognition.order import in_reading_order
from bianzhi.recognition.punctuation import as_written
from bianzhi.recognition.tables import Table
from tests.recognition.reading import column, line, page_of

A4 = 210 / 297


def _read(words) -> list[str]:
    return [word.text for run in in_reading_order(words) for word in run]


def test_columns_are_read_one_after_the_other_between_lines_across_them():
    head, foot = line("头", 0.1, 0.1, 0.8), line("尾", 0.1, 0.9, 0.8)
    left, right = column("左", 0.1, 0.2, 5), column("右", 0.55, 0.215, 5)
    mixed = [foot, *right, head, *left]
    assert _read(mixed) == ["头", *(word.text for word in left), *(word.text for word in right), "尾"]


def test_three_columns_are_read_from_the_left():
    columns = [column(name, left, 0.2, 4, width=0.24) for name, left in (("甲", 0.1), ("乙", 0.38), ("丙", 0.66))]
    assert _read([word for side in reversed(columns) for word in side]) == [
        word.text for side in columns for word in side
    ]


def test_short_cells_without_rules_are_read_row_by_row():
    cells = [line(f"{row}{place}", 0.1 + 0.3 * place, 0.2 + 0.03 * row, 0.06) for row in range(5) for place in range(3)]
    assert _read(cells[::-1]) == [cell.text for cell in cells]


def test_a_document_number_beside_its_signatory_is_one_row():
    words = [line("签发人", 0.7, 0.2, 0.1), line("云编", 0.1, 0.203, 0.2), *column("文", 0.1, 0.3, 4, width=0.8)]
    assert _read(words)[:2] == ["云编", "签发人"]


def test_a_ruled_table_is_read_cell_by_cell_and_lines_over_two_cells_are_cut():
    cells = tuple((0.1 + 0.2 * x, 0.3 + 0.1 * y, 0.2, 0.1) for y in range(2) for x in range(2))
    table = Table((0.1, 0.3, 0.4, 0.2), cells)
    words = [
        line("编制实有", 0.2, 0.34, 0.2, placed=True),
        line("十二名", 0.12, 0.44, 0.1),
        line("其中", 0.32, 0.42, 0.1),
        line("主任一名", 0.32, 0.46, 0.1),
        line("上文", 0.1, 0.2, 0.5),
    ]
    blocks = arrange(words, A4, tables=[table])
    assert [block.kind for block in blocks] == ["text", "table"]
    assert [word.text for word in blocks[1].words] == ["编制", "实有", "十二名", "其中", "主任一名"]


def test_a_line_over_a_gutter_is_cut_there_and_one_over_a_space_is_joined():
    left, right = line("左边", 0.1, 0.5, 0.04, placed=True), line("右边", 0.24, 0.5, 0.04, placed=True)
    over = Word("左边右边", (0.1, 0.5, 0.18, 0.02), 1.0, left.chars + right.chars)
    assert [word.text for word in cut_at_gaps([over], A4)] == ["左边", "右边"]
    apart = [line("优化配置", 0.1, 0.5, 0.2, placed=True), line("服务一线", 0.315, 0.5, 0.2, placed=True)]
    (joined,) = joined_over_spaces(apart, A4)
    assert joined.text == "优化配置　服务一线"
    assert len(joined.chars) == len(joined.text)
    assert len(joined_over_spaces([apart[0], line("远", 0.5, 0.5, 0.03)], A4)) == 2


def test_page_numbers_are_feet_and_a_signature_on_top_is_no_running_title():
    words = [line("云江区编办", 0.6, 0.12, 0.2), line("— 2 —", 0.45, 0.93, 0.08), line("正文", 0.1, 0.4, 0.8)]
    regions = [Region("header", (0.5, 0.1, 0.4, 0.06), 0.9)]
    assert [block.kind for block in arrange(words, A4, regions=regions)] == ["text", "text", "footer"]


def test_a_large_line_in_the_middle_is_a_title():
    words = [line("关于机构编制的批复", 0.25, 0.2, 0.5, 0.03), *column("文", 0.1, 0.3, 4, width=0.8)]
    assert [block.kind for block in arrange(words, A4)] == ["title", "text"]


def test_signs_are_full_width_after_chinese_and_stay_beside_figures():
    assert as_written("区档案局:") == "区档案局："
    assert as_written("（一)编制(人),12:30,a(b)") == "（一）编制（人），12:30,a(b)"
    assert as_written("-12-") == "—12—"
    assert as_written("2019-2020") == "2019-2020"


def test_a_phrase_is_marked_over_line_ends_and_in_any_brackets():
    page = page_of(line("根据云编〔2024〕17", 0.1, 0.2, 0.8, placed=True), line("号文件精神", 0.1, 0.3, 0.4))
    (hit,) = marks(page, "云编[2024]17号")
    assert len(hit) == 2
    assert hit[0][0] > 0.1
    assert hit[1] == (0.1, 0.3, 0.08, 0.02)
    assert marks(page, "云编〔2025〕") == []
    assert marks(page, " ") == []

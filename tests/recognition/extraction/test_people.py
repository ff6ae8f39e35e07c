"""Names of persons in papers on appointments and of meetings."""

import pytest

from bianzhi.recognition.document import Block, PageText, Word
from bianzhi.recognition.extraction import extract


def persons(text: str) -> str:
    """The names found on a page of one line, "" where there are none."""
    word = Word(text, (0.13, 0.1, 0.74, 0.02))
    page = PageText(1, 1654, 2339, 200, 0, 0.0, False, "ocr", (Block("text", word.box, (word,)),))
    return next((each.value for each in extract([page], {}) if each.field == "persons"), "")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("经研究决定，任命张三同志为县财政局局长；免去李四、王五同志县财政局副局长职务。", "张三、李四、王五"),
        ("经研究，同意王五同志任职。", "王五"),
        ("决定任命欧阳小明同志为主任。", "欧阳小明"),
        ("经研究：聘任张三丰同志为站长。", "张三丰"),
        ("会议指出，张三、李四等同志表现突出。", "张三、李四"),
        ("出席：张三、李四；列席：王五。", "张三、李四、王五"),
    ],
)
def test_names_are_told_without_the_word_of_what_is_done_with_them(text, names) -> None:
    assert persons(text) == names


@pytest.mark.parametrize("text", ["经研究，任命同志名单附后。", "张三到会。"])
def test_no_name_is_made_of_a_word(text) -> None:
    assert persons(text) == ""

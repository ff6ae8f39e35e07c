"""Names of persons and organisations: how they are kept, compared and found.

Keeping and comparing differ. What is kept stays as its owner writes it, rare characters beyond the BMP included; only
what cannot be meant is removed. Comparison keys fold more, and are never shown.
"""

import re
import unicodedata
from typing import Final

from bianzhi.kernel.characters import half_width, without_invisible, without_spaces

LONGEST_NAME: Final = 50

_HAN: Final = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ebe0\U0002ebf0-\U0002ee5f"
    "\U0002f800-\U0002fa1f\U00030000-\U000323af"
)
_DOTS: Final = "·•・‧∙⋅●．"
_DOTTED: Final = re.compile(f"[{_DOTS}.]")
_VARIATION_SELECTORS: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_KANGXI: Final = re.compile("[\u2e80-\u2fd5]")
_PRIVATE_USE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_LOST: Final = re.compile("[?？�□▢⿰-⿻]")
_SPACE_BESIDE_HAN: Final = re.compile(f"(?<=[{_HAN}{_DOTS}])\\s+|\\s+(?=[{_HAN}{_DOTS}])")
_NOTE: Final = re.compile(r"[(（\[【〔].*")
_ALLOWED: Final = re.compile(f"[{_HAN}\ufe00-\ufe0f\U000e0100-\U000e01ef{_DOTS}A-Za-zÀ-ɏ.'’ \\-]+")
_ORGANISATION_BRACKETS: Final = str.maketrans("[{〔【〈《「『]}〕】〉》」』", "(((((((())))))))")
_ORGANISATION_MARKS: Final = re.compile("[·•・‧\"“”'‘’、,，.。;；:：-]")


def normalise_person_name(text: str) -> str:
    """A person's name as it is kept.

    「张 三」 loses its inner space, full-width letters become plain, Kangxi radicals (left behind by PDF and OCR)
    become the characters they picture, invisible marks go. Compatibility ideographs, variation selectors, extension
    B–H characters and middle dots stay as written: NFKC would rewrite names that are right.
    """
    plain = _KANGXI.sub(lambda match: unicodedata.normalize("NFKC", match[0]), without_invisible(half_width(text)))
    return _SPACE_BESIDE_HAN.sub("", " ".join(plain.split()))


def person_name_key(text: str) -> str:
    """What two writings of one person's name have in common: dots, spaces, variants and case folded."""
    plain = _VARIATION_SELECTORS.sub("", normalise_person_name(text))
    return _DOTTED.sub("", without_spaces(unicodedata.normalize("NFKC", plain))).casefold()


def name_problems(text: str) -> list[str]:
    """What makes a text doubtful as a person's name, in Chinese; empty when it looks right. Warns, never blocks."""
    name = normalise_person_name(text)
    if not name:
        return ["未填写姓名"]
    problems = []
    if _LOST.search(name):
        problems.append(f"姓名「{name}」中有“?”“□”等占位符，可能是生僻字丢失，请按户口簿补全")
    if _PRIVATE_USE.search(name):
        problems.append(f"姓名「{name}」含自造字，换一台电脑会显示不出来，请改用标准字库中的字")
    if re.search(r"\d", name):
        problems.append(f"姓名「{name}」中有数字，请核对；重名请用身份证号区分，不要在姓名后加序号")
    if _NOTE.search(name):
        problems.append(f"姓名「{name}」中带有括号说明，请把说明移到备注")
    if not problems and not _ALLOWED.fullmatch(name):
        problems.append(f"姓名「{name}」中有不应出现的符号，请核对")
    if len(_VARIATION_SELECTORS.sub("", name)) == 1:
        problems.append(f"姓名「{name}」只有一个字，请核对是否不全")
    if len(name) > LONGEST_NAME:
        problems.append(f"姓名长达 {len(name)} 个字，请检查是否填错列")
    return problems


def normalise_organisation_name(text: str) -> str:
    """An organisation's name as it is kept: no spaces beside Chinese characters, brackets full-width （）."""
    plain = " ".join(without_invisible(half_width(text)).split())
    return _SPACE_BESIDE_HAN.sub("", plain).replace("(", "（").replace(")", "）")


def organisation_name_key(text: str) -> str:
    """What two writings of one organisation's name have in common.

    Width, spaces, the shape of brackets, quotation marks, dots, hyphens and case are folded; words are not, because
    「上虞区」 and 「上虞市」 are different bodies. Abbreviations are a matter for the table of aliases.
    """
    plain = unicodedata.normalize("NFKC", without_spaces(without_invisible(half_width(text))))
    return _ORGANISATION_MARKS.sub("", plain.translate(_ORGANISATION_BRACKETS)).casefold()

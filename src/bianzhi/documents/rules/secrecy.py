"""The platform is not a classified system: what is marked 秘密 or above stays outside (R27)."""

import re
from typing import Final

from bianzhi.kernel.characters import half_width, without_invisible, without_spaces
from bianzhi.kernel.objections import Objection

# 「国家秘密载体」 and 「密码机密钥」 speak of a matter, they do not mark a paper.
_MARK: Final = re.compile(r"绝密|机密(?![钥码])|(?<!国家)(?<!商业)(?<!工作)秘密")


def mark_in(text: str) -> str:
    """The secrecy mark a text carries, "" when there is none; 「秘 密」 and full-width spaces are seen through."""
    found = _MARK.search(without_spaces(without_invisible(half_width(text))))
    return found[0] if found else ""


def objections_to_secrecy(**texts: str) -> list[Objection]:
    """R27 for every text that carries a mark; the names of the arguments are the words shown (标题=…)."""
    return [
        Objection(
            "R27",
            f"{label}标有“{mark}”：本平台是非涉密系统，不得登记或上传秘密级以上文件。",
            figures={"mark": mark},
            next_step="请按保密规定另行保管；如系误填，请改正后重新登记。",
        )
        for label, text in texts.items()
        if (mark := mark_in(text))
    ]

"""The platform is not a classified system: what is marked 秘密 or above stays outside (R27)."""

from bianzhi.kernel.objections import Objection
from bianzhi.kernel.secrecy import mark_in


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

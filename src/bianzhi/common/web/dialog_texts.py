"""The reason or note somebody types into the dialog of an act, read as a form reads a field."""

from typing import Final

from django.http import HttpRequest

from bianzhi.kernel.objections import Objection, Refused

LONGEST: Final = 200
LABELS: Final = {"reason": "理由", "text": "理由", "note": "意见"}


def typed(request: HttpRequest, name: str, *, label: str = "") -> str:
    """What was typed as `name` (one of LABELS, or called `label`); whether it may be left out, the act itself says.

    A browser sends a line's end as two characters; here it is one, as the browser counts it. Raises Refused for a
    text that is too long, or holds what no database keeps.
    """
    text, label = request.POST.get(name, "").replace("\r\n", "\n").strip(), label or LABELS[name]
    if "\0" in text:
        raise Refused([Objection("dialog.characters", f"{label}中有不能保存的字符。", next_step="请删去后重新填写。")])
    if len(text) > LONGEST:
        step = "请写得简短一些。"
        raise Refused([Objection("dialog.length", f"{label} {len(text)} 个字，最多 {LONGEST} 个字。", next_step=step)])
    return text

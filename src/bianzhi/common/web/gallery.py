"""Every component in every state on one page (/dev/ui/), for authors and for tests; only with BIANZHI_DEBUG."""

from datetime import date
from typing import Any, Final

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bianzhi.common.web.access import public_page
from bianzhi.common.web.forms import BaseForm, CountField, DayField, DocNoField, IdNumberField, PinyinSelect
from bianzhi.common.web.tabs import ShownTab, TabStrip
from bianzhi.common.web.tones import Tone
from bianzhi.kernel.objections import Objection, Severity

NAMES: Final = ("市教育局", "市水利局", "市财政局", "市公安局", "市民政局", "市司法局")


class SampleForm(BaseForm):
    """One field of each kind."""

    wide = ("reason",)

    name = forms.CharField(label="姓名", max_length=40)
    id_number = IdNumberField()
    birth = DayField(label="出生年月", month_is_enough=True)
    document = DocNoField(label="依据文号", required=False)
    count = CountField(label="名额", minimum=1)
    unit = forms.ChoiceField(label="单位", choices=[(name, name) for name in NAMES], widget=PinyinSelect)
    sex = forms.ChoiceField(label="性别", choices=[("1", "男"), ("2", "女")], widget=forms.RadioSelect)
    file = forms.FileField(label="附件", required=False)
    reason = forms.CharField(label="理由", widget=forms.Textarea, required=False, help_text="将记入业务记录")


REFUSALS: Final = (
    Objection(
        "R02",
        "市水利局行政编制核定 44 名，实有 42 名、已预留 2 名，没有空编。",
        next_step="请先申请调剂编制，或等待已预留的核准单到期收回。",
    ),
    Objection("R09", "副局长职数核定 3 名，现有 3 名。", Severity.OVERRIDE, next_step="确需超配的，由主任批准。"),
)
WARNINGS: Final = (
    Objection("W04", "办理后市财政局满编率为 97%，达到提醒线 95%。", Severity.WARN, next_step="请留意后续用编计划。"),
)


@public_page
def gallery(request: HttpRequest) -> HttpResponse:
    """The gallery; 404 on a running system."""
    if not (settings.DEBUG or getattr(settings, "COMPONENT_GALLERY", False)):
        raise Http404("没有这个页面。")
    wrong = SampleForm(
        {"wrong-id_number": "33069919870605123", "wrong-birth": "1987", "wrong-count": "0"}, prefix="wrong"
    )
    wrong.add_objections(REFUSALS)
    context = {
        "tones": [(tone.value, tone.name) for tone in Tone],
        "pairs": [
            ("机构性质", "政府工作部门（行政）"),
            ("统一社会信用代码", "11330699MB0001173X"),
            ("现行“三定”规定", "云编发〔2024〕12号", "#"),
            ("联系人", ""),
        ],
        "refusals": REFUSALS,
        "warnings": WARNINGS,
        "form": SampleForm(),
        "wrong": wrong,
        **_samples(),
    }
    return render(request, "common/gallery.html", context)


def _samples() -> dict[str, Any]:
    return {
        "strip": TabStrip(
            (
                ShownTab("quota", "编制与人员", None, "#", True),
                ShownTab("bodies", "内设机构", 13, "#", False),
                ShownTab("records", "业务记录", 28, "#", False),
            ),
            "",  # type: ignore[arg-type]
        ),
        "quotas": [
            ("行政编制", 62, 57, 5, 0),
            ("参公事业编制", 18, 19, 0, 1),
            ("机关工勤编制", 6, 4, 2, 0),
            ("周转编制", 0, 0, 0, 0),
        ],
        "events": [
            {
                "date": date(2026, 6, 18),
                "title": "核增行政编制 2 名",
                "text": "云编发〔2026〕9号",
                "url": "#",
            },
            {"date": date(2024, 3, 28), "title": "机构改革职能调整", "text": "云编发〔2024〕12号"},
            {
                "date": date(2019, 2, 20),
                "title": "市财政局组建",
                "text": "整合部分职责",
                "is_past": True,
            },
        ],
        "changes": [
            {"label": "职务职级", "old": "副科长", "new": "科长"},
            {"label": "内设机构", "old": "", "new": "预算科"},
        ],
        "files": [{"name": "云编发〔2024〕12号.pdf", "url": "#", "size_label": "182 KB", "note": ""}],
        "nodes": _tree(),
        "charts": _charts(),
    }


def _tree() -> list[dict[str, Any]]:
    leaves = [
        {"key": f"n{at}", "label": name, "url": "#", "figure": figure, "is_over": over, "is_current": current}
        for at, (name, figure, over, current) in enumerate(
            [
                ("市政府办", "59/72", False, False),
                ("市财政局", "80/86", False, True),
                ("市水利局", "49/44", True, False),
            ]
        )
    ]
    closed = {"key": "party", "label": "市委部门", "figure": "8", "has_children": True, "children_url": "#"}
    opened = {
        "key": "gov",
        "label": "市政府部门",
        "figure": "25",
        "has_children": True,
        "is_open": True,
        "children": leaves,
    }
    return [closed, opened]


def _charts() -> dict[str, dict[str, Any]]:
    months = [f"2026-{month:02d}" for month in range(1, 11)]
    types = ["行政编制", "政法专项编制", "事业（全额）"]
    return {
        "trend": {
            "kind": "line",
            "labels": months,
            "label_name": "月份",
            "unit": "名",
            "series": [
                {"name": "核定编制", "data": [12400] * 6 + [12468] * 4, "style": "dashed"},
                {"name": "实有人数", "data": [11600 + 12 * at for at in range(10)], "style": "area"},
            ],
        },
        "share": {
            "kind": "share",
            "labels": types,
            "series": [{"name": "实有", "data": [2986, 1830, 4521]}, {"name": "核定", "data": [3140, 1808, 4789]}],
        },
        "diverging": {
            "kind": "diverging",
            "labels": list(NAMES),
            "series": [{"name": "超编（正）空编（负）", "data": [5, 3, -8, -31, -14, -2]}],
        },
        "bar": {
            "kind": "bar",
            "labels": ["30 以下", "31—40", "41—50"],
            "series": [{"name": "人数", "data": [1650, 2100, 2210]}],
        },
        "pie": {"kind": "pie", "labels": types, "series": [{"name": "人数", "data": [2986, 1830, 4521]}]},
        "tree": {
            "kind": "tree",
            "root": {
                "name": "云州市",
                "children": [{"name": name} for name in NAMES],
            },
            "series": [],
        },
    }

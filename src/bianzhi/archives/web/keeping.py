"""档案保管: what there is to look after, and the way to each part of it."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bianzhi.archives.models import Appraisal, AppraisalState, Category, Fonds, Inspection, Loan, Package
from bianzhi.archives.selectors.keeping import due_items, loans_of, volumes_of
from bianzhi.archives.selectors.soundness import unsound
from bianzhi.common.web.access import PageRequest, page


@page("archives.read")
@require_safe
def keeping(request: PageRequest) -> HttpResponse:
    """The parts of keeping with what stands in each."""
    user = request.user
    parts = [
        ("案卷", "按卷保管的档案：立卷、卷内目录、备考表", "archives:volumes", volumes_of(user).count(), "卷"),
        ("目录打印", "件目录、案卷目录，按全宗、年度、期限、单位", "archives:catalogue_print", None, ""),
        (
            "到期鉴定",
            "保管期限届满的档案，续存或销毁须第二人审批",
            "archives:due",
            due_items(user, request.today).count(),
            "件到期",
        ),
        (
            "鉴定销毁",
            "拟制、审批、执行，销毁后目录永久保留",
            "archives:appraisals",
            _open_appraisals().count(),
            "项在办",
        ),
        (
            "档案借阅",
            "谁在什么期限内可以看哪些档案",
            "archives:loans",
            _standing(user, request.today).count(),
            "笔在借",
        ),
        (
            "质量检查",
            "按 DA/T 31 检查分辨率、偏斜、空白、漏扫、页次",
            "archives:inspections",
            Inspection.objects.count(),
            "次",
        ),
        (
            "原件核验",
            "逐件重读原件，与登记的 SHA-256、SM3 比较，损坏即报",
            "archives:originals",
            unsound().count(),
            "件不符",
        ),
        ("移交包", "BagIt + EEP 导出与接收，SHA-256 与 SM3 双摘要", "archives:packages", Package.objects.count(), "个"),
        ("全宗与门类", "档号格式、门类和默认期限", "archives:fonds", Fonds.objects.count(), "个全宗"),
    ]
    context: dict[str, Any] = {
        "parts": [(title, told, reverse(name), count, unit) for title, told, name, count, unit in parts]
    }
    return render(request, "archives/keeping.html", context)


def _open_appraisals() -> QuerySet[Appraisal]:
    return Appraisal.objects.exclude(state__in=(AppraisalState.CARRIED_OUT, AppraisalState.REJECTED))


def _standing(user: Any, today: Any) -> QuerySet[Loan]:
    return loans_of(user).filter(ended_at__isnull=True, valid_to__gte=today)


@page("archives.read")
@require_safe
def fonds(request: PageRequest) -> HttpResponse:
    """Fonds and categories."""
    context = {
        "fonds": Fonds.objects.select_related("organization"),
        "categories": Category.objects.all(),
        "may_manage": request.user.can("archives.manage"),
    }
    return render(request, "archives/fonds.html", context)

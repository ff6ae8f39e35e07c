"""原件核验: when originals were read again, what was found, and asking for it."""

from collections.abc import Sequence
from typing import ClassVar

from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from bianzhi.archives.models import FixityCheck, Original, OriginalState
from bianzhi.archives.selectors.soundness import names_of, unsound
from bianzhi.archives.services.fixity import SCOPES, check_originals
from bianzhi.common.web.access import PageRequest, page
from bianzhi.common.web.lists import Column, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused

MANAGE = "archives.manage"
SHOWN = 50


def _problems(check: FixityCheck) -> int:
    return sum(finding.get("state") != OriginalState.INTACT for finding in check.findings)


class CheckList(ListPage):
    """Checks of originals, the newest first."""

    key = "archives.originals"
    title = "原件核验"
    noun = "次"
    columns: ClassVar[Sequence[Column]] = (
        Column("started_at", "开始时间", kind="moment", order="started_at", width=18),
        Column("scope", "范围", lambda row: SCOPES.get(row.scope, row.scope)),
        Column("checked", "核验件数", kind="number", order="checked"),
        Column("findings", "发现问题", _problems, kind="number"),
        Column("asked_by", "经办人", lambda row: row.asked_by.display_name if row.asked_by else "系统"),
        Column("finished_at", "完成时间", kind="moment", order="finished_at"),
    )
    ordering = ("-pk",)
    template = "archives/originals.html"
    empty_title = "还没有核验过"
    empty_text = "系统按设定的天数逐件重读原件并与登记的 SHA-256、SM3 比较；也可以随时核验全部。"


@page(MANAGE)
@require_safe
def originals(request: PageRequest) -> HttpResponseBase:
    """The checks, above them what is not as it came."""
    found = unsound()
    listing = CheckList(request, FixityCheck.objects.select_related("asked_by"))
    context = {
        "unsound": [(names_of(original), original) for original in found[:SHOWN]],
        "unsound_count": found.count(),
        "kept_count": Original.objects.exclude(state=OriginalState.DISPOSED).count(),
    }
    return listing.respond(context)


@page(MANAGE)
@require_POST
def originals_check(request: PageRequest) -> HttpResponse:
    """Read all originals again."""
    try:
        check = check_originals(actor=request.user)
    except Refused as refusal:
        return redirect_with_notice(request, reverse("archives:originals"), str(refusal), level="error")
    return redirect_with_notice(request, reverse("common:job", args=[check.job_id]), "已开始核验全部原件。")

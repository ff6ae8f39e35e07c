"""编制总量: what the upper level issued and where it lies."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from bianzhi.common.web.access import PageRequest, page
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.regional_totals import TierTotals, TotalLine, regional_totals
from bianzhi.ledger.web.known import known_context, with_known


@page("ledger.view")
@require_safe
@with_known
def totals(request: PageRequest, *, known: date | None) -> HttpResponse:
    """Totals by tier and type; only for those whose scope is the whole district."""
    if not request.user.sees_everything():
        raise PermissionDenied("编制总量是全区数据，您的管理范围是部分单位，不能查看。如确有需要，请联系编办。")
    found = regional_totals(request.as_of, known_on=known)
    context = {
        "tiers": [(tier.label, _lines(tier.quota), _lines(tier.posts)) for tier in found if tier.quota or tier.posts],
        "nearly_used_up": [
            (tier.label, measures.label(line.measure), line.use_percent, line.reserve)
            for tier in found
            for line in tier.quota
            if line.is_nearly_used_up
        ],
        "sums": _sums(found),
        **known_context(request, known),
    }
    return render(request, "ledger/totals.html", context)


def _lines(lines: list[TotalLine]) -> list[tuple[str, TotalLine]]:
    return [(measures.label(line.measure), line) for line in lines]


def _sums(found: list[TierTotals]) -> dict[str, int]:
    """Sums of 编制 proper over both tiers, for the figures on top."""
    lines = [line for tier in found for line in tier.quota if measures.counts_as_quota(line.measure)]
    return {
        "issued": sum(line.available_total for line in lines),
        "allotted": sum(line.allotted for line in lines),
        "reserve": sum(line.reserve for line in lines),
        "pools": sum(line.pools for line in lines),
        "withdrawn": sum(line.withdrawn for line in lines),
    }

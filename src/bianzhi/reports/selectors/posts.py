"""领导职数: approved and filled by unit and level, with 高配 and 兼职 beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from bianzhi.kernel.codesets import codes
from bianzhi.personnel.models import Appointment
from bianzhi.personnel.selectors.quota_use import post_use
from bianzhi.reports.rules.figures import Figures
from bianzhi.reports.selectors.figures import Scope

Key = tuple[int, str]


@dataclass(frozen=True, slots=True)
class PostFigures:
    """Figures of one unit and level; `concurrent` (兼职) take no post of it."""

    figures: Figures
    high_rank: int = 0
    concurrent: int = 0


def post_figures(scope: Scope, day: date) -> Mapping[Key, PostFigures]:
    """By (unit, level), in three queries; all-zero pairs are left out."""
    rows = Appointment.objects.as_of(day).exclude(post_level="")
    if scope is not None:
        rows = rows.filter(organization_id__in=list(scope))
    counted = (
        rows.order_by()
        .values_list("organization_id", "post_level")
        .annotate(
            high=Count("pk", filter=Q(is_high_rank=True, is_principal=True)),
            concurrent=Count("pk", filter=Q(is_principal=False)),
        )
    )
    beside = {(unit, level): (high, concurrent) for unit, level, high, concurrent in counted}
    use = post_use(scope, day)
    found = {
        key: PostFigures(Figures.of(use[key]) if key in use else Figures(), *beside.get(key, (0, 0)))
        for key in {*use, *beside}
    }
    levels = {code: at for at, (code, _) in enumerate(codes("post_level").choices())}
    ordered = sorted(found, key=lambda key: (key[0], levels.get(key[1], len(levels))))
    return {key: found[key] for key in ordered if found[key] != PostFigures(Figures())}

"""Who decides whether a table leaves: the everyday gate, the one that only measures, the one of an approved request."""

from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.releasing import Release, Wanted
from bianzhi.disclosure.models import ExportRequest
from bianzhi.disclosure.rules.limits import Asked, reasons
from bianzhi.disclosure.selectors.totals import limits_of, taken_today
from bianzhi.disclosure.services.releases import mark_for, new_number, note_release
from bianzhi.disclosure.web.held_back import signed
from bianzhi.kernel.objections import Objection, Refused


def why_held_back(user: User, wanted: Wanted) -> list[str]:
    """Why an export needs approval; nothing when it may go at once."""
    in_clear = tuple(sorted(each.label for each in wanted.classes))
    asked = Asked(wanted.rows, wanted.of_persons, in_clear, taken_today(user) if wanted.of_persons else 0)
    return list(reasons(asked, limits_of(user, of_persons=wanted.of_persons)))


class EverydayGate:
    """Small exports go at once, stamped and on record; others lead to the page that asks for approval."""

    def open(self, request: PageRequest, wanted: Wanted) -> Release | HttpResponseBase:
        """Leave to write up to the limit, or the way to ask."""
        if why_held_back(request.user, wanted):
            return self.exceeded(request, wanted, None)
        limits = limits_of(request.user, of_persons=wanted.of_persons)
        left = limits.a_day - taken_today(request.user) if wanted.of_persons else limits.a_day
        return Release(mark_for(request.user, new_number("DC")), min(limits.at_once, left))

    def close(self, request: PageRequest, wanted: Wanted, release: Release, rows: int) -> None:
        """One row and one audit entry, unless the day's limit is used up by now (TooManyRows)."""
        note_release(actor=request.user, wanted=wanted, mark=release.mark, rows=rows)

    def exceeded(self, request: PageRequest, wanted: Wanted, release: Release | None) -> HttpResponseBase:
        """To the page that asks for approval, with this very export."""
        query = urlencode({"path": signed(request.get_full_path())})
        return redirect(f"{reverse('disclosure:ask')}?{query}")


class MeasuringGate:
    """Lets nothing leave; remembers what would."""

    def __init__(self) -> None:
        self.wanted: Wanted | None = None

    def open(self, request: PageRequest, wanted: Wanted) -> Release | HttpResponseBase:
        """Remember, and answer with nothing."""
        self.wanted = wanted
        return HttpResponse(status=204)

    def close(self, request: PageRequest, wanted: Wanted, release: Release, rows: int) -> None:
        """Never reached: nothing is opened."""

    def exceeded(self, request: PageRequest, wanted: Wanted, release: Release) -> HttpResponseBase:
        """Never reached: nothing is opened."""
        return HttpResponse(status=204)


class ApprovedGate:
    """Lets out what one request was approved for: the same list, in the same form, and no more rows."""

    def __init__(self, approved: ExportRequest) -> None:
        self.approved = approved
        self.mark = mark_for(approved.requested_by, approved.number)
        self.rows = 0
        self.made: Wanted | None = None

    def open(self, request: PageRequest, wanted: Wanted) -> Release | HttpResponseBase:
        """Leave to write up to the approved number of rows. Raises Refused (D11) when it is not what was approved."""
        asked = (self.approved.list_key, self.approved.format, self.approved.in_clear())
        if asked != (wanted.key, wanted.format, wanted.classes):
            raise Refused([Objection("D11", "导出的内容与批准的不一致，未生成文件。", next_step="请重新申请。")])
        return Release(self.mark, self.approved.most)

    def close(self, request: PageRequest, wanted: Wanted, release: Release, rows: int) -> None:
        """Remember what was written; it is kept once the whole file is there."""
        self.rows, self.made = rows, wanted

    def exceeded(self, request: PageRequest, wanted: Wanted, release: Release) -> HttpResponseBase:
        """More rows came than were approved."""
        raise Refused(
            [
                Objection(
                    "D9",
                    f"数据已超过批准的 {release.most} 条，未生成文件。",
                    next_step="请按现在的数据重新申请。",
                )
            ]
        )

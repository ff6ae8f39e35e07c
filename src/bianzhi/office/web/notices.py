"""Notices as their readers see them: the list, one notice, the confirmation."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from bianzhi.common.web.access import PageRequest, get_visible_or_404, page
from bianzhi.common.web.lists import ChoiceFilter, Column, DateRangeFilter, ListPage
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.objections import Refused
from bianzhi.office.models import Notice, NoticeFile, NoticeRecipient, NoticeState
from bianzhi.office.selectors.notices import own_rows, read_counts
from bianzhi.office.services.notices import PUBLISH, confirm_notice, read_notice
from bianzhi.office.web.audiences import audience_in_words

VIEW = "notices.view"
READING = [("unread", "未读"), ("confirm", "待确认"), ("read", "已读")]


def _title(notice: Any) -> SafeString:
    mark = SafeString('<span class="tag tag-warn">必读</span> ') if notice.must_confirm else ""
    return format_html('{}<a href="{}">{}</a>', mark, reverse("office:notice", args=[notice.pk]), notice.title)


def _own_state(notice: Any) -> str:
    row: NoticeRecipient | None = notice.own_row
    if row is None:
        return "—"
    if row.confirmed_at:
        return "已确认"
    if notice.must_confirm and row.read_at:
        return "待确认"
    return "已读" if row.read_at else "未读"


def _counts(notice: Any) -> str:
    return f"{notice.counts.read} / {notice.counts.addressed}" if notice.counts else "—"


def _counts_link(notice: Any) -> SafeString | str:
    if not notice.counts:
        return "—"
    url = reverse("office:notice_readers", args=[notice.pk])
    return format_html('<a href="{}">{}<span class="sr-only"> 人已读，查看名单</span></a>', url, _counts(notice))


class NoticeList(ListPage):
    """Notices within the reader's sight, the newest first."""

    key = "office.notices"
    title = "通知公告"
    noun = "份通知"
    template = "office/notices.html"
    columns = (
        Column("title", "标题", order="title", render=_title, width=50),
        Column("own_state", "我的阅读", _own_state, kind="status"),
        Column("publisher", "发布人", "published_by.display_name", order="published_by__display_name"),
        Column("published_at", "发布时间", kind="moment", order="published_at"),
        Column("state", "状态", "get_state_display", kind="status", order="state", permission=PUBLISH),
        Column("counts", "已读 / 应读", _counts, permission=PUBLISH, render=_counts_link),
        Column("author", "拟稿人", "author.display_name", permission=PUBLISH, shown=False),
    )
    search_fields = ("title", "body")
    search_hint = "标题、正文"
    ordering = ("-created_at",)
    empty_title, empty_text = "还没有通知", "发给您的通知公告会列在这里。"

    @property
    def filters(self) -> Any:  # type: ignore[override]
        """Readers choose by what they have read, publishers by the state as well."""
        reading = ChoiceFilter(key="reading", label="我的阅读", choices=READING, narrow=self._by_reading)
        days = DateRangeFilter(key="published", label="发布日期", field="published_at", is_moment=True, more=True)
        state = ChoiceFilter(key="state", label="状态", choices=NoticeState.choices, narrow="state")
        return (reading, state, days) if self.request.user.can(PUBLISH) else (reading, days)

    def _by_reading(self, rows: QuerySet[Notice], wanted: str) -> QuerySet[Notice]:
        own = NoticeRecipient.objects.filter(notice=OuterRef("pk"), user=self.request.user)
        rows = rows.filter(state=NoticeState.PUBLISHED)
        if wanted == "confirm":
            return rows.filter(Exists(own.filter(confirmed_at__isnull=True)), must_confirm=True)
        return rows.filter(Exists(own.filter(read_at__isnull=wanted == "unread")))

    def prepare(self, rows: list[Any]) -> list[Any]:
        """Attach the reader's own state and, for publishers, the counts."""
        ids = [row.pk for row in rows]
        own = own_rows(self.request.user, ids)
        counts = read_counts(ids) if self.request.user.can(PUBLISH) else {}
        for row in rows:
            row.own_row, row.counts = own.get(row.pk), counts.get(row.pk)
        return rows

    def row_css(self, row: Any) -> str:
        """Withdrawn and discarded ones are pale."""
        return "is-past" if row.state in (NoticeState.WITHDRAWN, NoticeState.DISCARDED) else ""


@page(VIEW)
@require_safe
def notice_list(request: PageRequest) -> HttpResponseBase:
    """The list."""
    rows = Notice.objects.visible_to(request.user).select_related("published_by", "author")
    return NoticeList(request, rows).respond()


@page(VIEW)
@require_safe
def notice_page(request: PageRequest, pk: int) -> HttpResponse:
    """One notice; opening it counts as reading it."""
    notice = get_visible_or_404(Notice, request.user, pk)
    read_notice(actor=request.user, notice_id=notice.pk)
    publishes = request.user.can(PUBLISH)
    context = {
        "notice": notice,
        "own_row": own_rows(request.user, [notice.pk]).get(notice.pk),
        "files": NoticeFile.objects.filter(notice=notice, removed_at__isnull=True),
        "publishes": publishes,
        "counts": read_counts([notice.pk]).get(notice.pk) if publishes else None,
        "audience": audience_in_words(notice, request.today) if publishes else "",
    }
    return render(request, "office/notice.html", context)


@page(VIEW)
@require_POST
def notice_confirm(request: PageRequest, pk: int) -> HttpResponse:
    """The reader confirms."""
    notice = get_visible_or_404(Notice, request.user, pk)
    back = reverse("office:notice", args=[pk])
    try:
        confirm_notice(actor=request.user, notice_id=notice.pk)
    except Refused as refusal:
        return redirect_with_notice(request, back, str(refusal), level="error")
    return redirect_with_notice(request, back, f"已确认阅读《{notice.title}》。")

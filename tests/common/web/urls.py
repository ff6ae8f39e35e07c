"""Addresses of the web kit's own tests: its real pages, and a list page over saved views."""

from django.http import HttpResponse
from django.urls import path

from bianzhi.common.field_classes import FieldClass
from bianzhi.common.models import SavedView
from bianzhi.common.web.access import page, public_page, signed_in_page
from bianzhi.common.web.lists import (
    BulkAction,
    ChoiceFilter,
    Column,
    DateRangeFilter,
    ListPage,
    LookupFilter,
    TextFilter,
)
from bianzhi.config import urls as site


class ViewList(ListPage):
    """A list over a table every installation has."""

    key = "tests.views"
    title = "视图一览"
    noun = "个"
    columns = (
        Column("name", "名称", order="name", link=lambda row: f"/v/{row.pk}/"),
        Column("list_key", "列表", order="list_key", kind="status"),
        Column("query", "查询", field_class=FieldClass.SENSITIVE),
        Column("created_at", "时间", kind="moment", order="created_at", shown=False),
        Column("secret", "机密", value="name", permission="tests.secret"),
    )
    filters = (
        ChoiceFilter(key="list", label="列表", choices=[("a", "甲"), ("b", "乙")], narrow="list_key"),
        LookupFilter(key="owner", label="用户", lookup="tests.user", narrow="user"),
        TextFilter(key="text", label="名称", narrow="name__icontains", more=True),
        DateRangeFilter(key="made", label="保存日期", field="created_at", is_moment=True, more=True),
    )
    search_fields = ("name",)
    ordering = ("name",)
    export_permission = "reports.export"
    bulk_actions = (BulkAction("批量删除", "tests-bulk", "personnel.move", is_destructive=True),)


@page("organizations.view")
def view_list(request):
    return ViewList(request, SavedView.objects.all()).respond()


@signed_in_page
def view_tab(request):
    return HttpResponse(ViewList(request, SavedView.objects.all()).embedded())


@public_page
def broken(request):
    raise RuntimeError("this page always fails")


urlpatterns = [
    path("list/", view_list, name="tests-list"),
    path("tab/", view_tab),
    path("bulk/", view_list, name="tests-bulk"),
    path("broken/", broken),
    path("accounts/login/", broken),
    *site.urlpatterns,
]

handler400 = "bianzhi.common.web.errors.bad_request"
handler403 = "bianzhi.common.web.errors.permission_denied"
handler404 = "bianzhi.common.web.errors.page_not_found"
handler500 = "bianzhi.common.web.errors.server_error"

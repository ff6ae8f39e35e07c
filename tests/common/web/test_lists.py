"""The list kit: filters, order, pages, columns, fragments and files of one declared list."""

import io

import openpyxl
import pytest
from django.http import HttpResponse

from bianzhi.accounts.models import User
from bianzhi.common.field_classes import FieldClass
from bianzhi.common.models import SavedView
from bianzhi.common.web import releasing
from bianzhi.common.web.releasing import Wanted
from bianzhi.kernel import clock
from tests.common.web.urls import ViewList

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_urls")]

ROWS = "list-tests-views-rows"


@pytest.fixture
def views(clerk):
    return SavedView.objects.bulk_create(
        SavedView(user=clerk, list_key="a" if at % 2 else "b", name=f"视图{at:03d}", query=f"q={at}")
        for at in range(60)
    )


def read(answer):
    return answer.content.decode()


def listing(client, query):
    return client.get(f"/list/?{query}").context["listing"]


def names(client, query):
    return [str(row.cells[0][1]) for row in listing(client, query).rows]


def content(answer):
    found = b"".join(answer.streaming_content)
    answer.close()
    return found


def sheet(answer, name="数据"):
    book = openpyxl.load_workbook(io.BytesIO(content(answer)))
    return [list(row) for row in book[name].iter_rows(values_only=True)]


def test_a_list_shows_twenty_rows_and_counts_all(by_clerk, views):
    shown = listing(by_clerk, "")

    assert (shown.total, len(shown.rows), shown.last_page) == (60, 20, 3)


def test_filters_and_search_narrow_together(by_clerk, views):
    shown = listing(by_clerk, "list=a&q=视图00")

    assert shown.total == 5
    assert shown.is_narrowed


def test_a_filter_behind_the_curtain_works_and_is_shown_open(by_clerk, views):
    shown = listing(by_clerk, "text=图059")

    assert (shown.total, shown.more_is_used) == (1, True)


@pytest.mark.parametrize("query", ["list=zzz", "made_from=明天", "made_to=12.31"])
def test_a_filter_nobody_can_read_shows_no_rows_and_says_so(by_clerk, views, query):
    answer = by_clerk.get(f"/list/?{query}")

    assert answer.context["listing"].total == 0
    assert "筛选条件" in read(answer)


def test_a_range_of_days_includes_both_ends_and_whole_months(by_clerk, views):
    SavedView.objects.filter(name__lt="视图010").update(created_at="2024-06-30T23:30:00+08:00")

    assert listing(by_clerk, "made_from=2024.6&made_to=2024-06-30").total == 10
    assert listing(by_clerk, "made_to=2024年5月").total == 0


def test_sorting_turns_round_and_unknown_columns_are_ignored(by_clerk, views):
    assert "视图059" in names(by_clerk, "sort=-name")[0]
    assert "视图000" in names(by_clerk, "sort=name")[0]
    assert "视图000" in names(by_clerk, "sort=-user__password")[0]


def test_a_page_beyond_the_end_is_the_last_page(by_clerk, views):
    shown = listing(by_clerk, "page=99&size=50")

    assert (shown.page_number, len(shown.rows)) == (2, 10)


def test_a_column_without_its_permission_does_not_exist(by_clerk, views):
    shown = listing(by_clerk, "cols=name&cols=secret")

    assert [column.key for column in shown.chosen] == ["name"]


def test_masked_values_are_masked_on_the_screen_and_in_files(by_clerk, views):
    assert "q=1" not in read(by_clerk.get("/list/?q=视图001")).split("<table")[1].split("</table>")[0]

    rows = sheet(by_clerk.get("/list/?q=视图001&export=xlsx"))

    assert rows == [["名称", "列表", "查询"], ["视图001", "a", "（已隐藏）"]]


def test_a_revealed_column_is_shown_in_clear(by_clerk, views, monkeypatch):
    monkeypatch.setattr(ViewList, "revealed", lambda self: frozenset({"query"}))

    assert "q=1" in read(by_clerk.get("/list/?q=视图001")).split("<table")[1].split("</table>")[0]
    assert by_clerk.get("/list/?q=视图001&export=xlsx").status_code == 302, "in a file only with approval"


def test_htmx_gets_only_the_rows_with_count_tools_and_carried_parameters(by_clerk, views):
    answer = by_clerk.get("/list/?list=a&sort=-name", headers={"HX-Request": "true", "HX-Target": ROWS})
    text = read(answer)

    assert "<html" not in text
    assert text.count('hx-swap-oob="true"') == 2
    assert '<input type="hidden" name="sort" value="-name">' in text
    assert "HX-Request" in answer.headers["Vary"]


def test_a_history_restore_gets_the_whole_page(by_clerk, views):
    headers = {"HX-Request": "true", "HX-Target": ROWS, "HX-History-Restore-Request": "true"}

    assert "<html" in read(by_clerk.get("/list/", headers=headers))


def test_the_number_of_queries_does_not_grow_with_the_rows(
    by_clerk, views, django_assert_num_queries, django_assert_max_num_queries
):
    by_clerk.get("/list/?size=20")
    with django_assert_max_num_queries(19) as few:  # more than half of them for the badges of the frame
        by_clerk.get("/list/?size=20")
    with django_assert_num_queries(len(few)):
        by_clerk.get("/list/?size=100")


def test_a_file_holds_every_filtered_row_not_only_the_page(by_clerk, views):
    rows = sheet(by_clerk.get("/list/?list=a&export=xlsx&size=20"))

    assert len(rows) == 31


def test_the_cover_sheet_tells_day_conditions_and_who(by_clerk, views):
    notes = dict(sheet(by_clerk.get("/list/?list=a&q=视图&date=2024-12-31&export=xlsx"), "说明"))

    assert notes["数据日期"] == "2024-12-31"
    assert notes["筛选条件"] == "列表：甲；搜索：视图"
    assert notes["导出人"] == "李明辉"
    assert notes["行数"] == "30"


def test_a_csv_keeps_a_spreadsheet_from_running_formulas(by_clerk, clerk):
    SavedView.objects.create(user=clerk, list_key="a", name="=1+1", query="x")

    text = content(by_clerk.get("/list/?export=csv")).decode("utf-8")

    assert text.startswith("\ufeff名称,列表,查询\r\n'=1+1,a,（已隐藏）\r\n# 李明辉（clerk）")


class ClosedGate:
    """Lets nothing leave, and remembers what was asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Wanted]] = []

    def open(self, request, wanted):
        self.asked.append((request.user.username, wanted))
        return HttpResponse("须审批", status=403)


def test_the_gate_is_asked_before_anything_is_written(by_clerk, views, monkeypatch):
    gate = ClosedGate()
    monkeypatch.setattr(releasing, "_gates", [gate])
    assert by_clerk.get("/list/?list=a&export=csv").status_code == 403
    name = f"视图一览_{clock.today():%Y%m%d}"
    wanted = Wanted(
        "tests.views", "视图一览", "csv", name, ("名称", "列表", "查询"), ("列表：甲",), rows=30,
        offers=frozenset({FieldClass.SENSITIVE}),
    )  # fmt: skip
    assert gate.asked == [("clerk", wanted)]


def test_without_a_gate_nothing_leaves(by_clerk, views, monkeypatch):
    monkeypatch.setattr(releasing, "_gates", [])
    with pytest.raises(releasing.NoGate):
        by_clerk.get("/list/?list=a&export=csv")


def test_no_more_rows_are_written_than_allowed():
    assert list(releasing.limited("abc", 3)) == ["a", "b", "c"]
    with pytest.raises(releasing.TooManyRows):
        list(releasing.limited("abc", 2))


@pytest.mark.parametrize("query", ["export=exe", "export=xlsx&list=zzz"])
def test_a_file_nobody_can_make_is_refused(by_clerk, views, query):
    assert by_clerk.get(f"/list/?{query}").status_code == 400


@pytest.mark.parametrize("name", ["list", "made_from"])
def test_what_an_address_asks_for_wrongly_is_repeated_as_text_and_never_as_a_page(by_clerk, views, name):
    answer = by_clerk.get("/list/", {"export": "xlsx", name: "<script>alert(1)</script>"})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "<script>alert(1)</script>" in read(answer)


def test_without_the_permission_there_is_no_file_and_no_link_to_one(by_nobody, nobody):
    SavedView.objects.create(user=nobody, list_key="a", name="甲", query="")

    assert "export=xlsx" not in read(by_nobody.get("/tab/"))
    assert by_nobody.get("/tab/?export=xlsx").status_code == 403


def test_an_embedded_list_keeps_its_tab(by_nobody, nobody):
    SavedView.objects.create(user=nobody, list_key="a", name="甲", query="")
    text = read(by_nobody.get("/tab/?tab=roster"))

    assert "<html" not in text
    assert '<input type="hidden" name="tab" value="roster">' in text
    assert 'href="/tab/?tab=roster"' in text


def test_bulk_actions_are_offered_to_those_who_may(by_clerk, views):
    assert 'formaction="/bulk/"' in read(by_clerk.get("/list/"))


def test_row_height_is_remembered(by_clerk, views):
    by_clerk.get("/list/?density=compact")

    assert listing(by_clerk, "").state.density == "compact"


def test_an_empty_list_says_so_and_a_narrowed_one_offers_to_clear(by_clerk):
    assert "还没有记录" in read(by_clerk.get("/list/"))
    assert "清除筛选" in read(by_clerk.get("/list/?q=没有"))


def test_a_view_is_saved_shown_and_deleted_by_its_owner(by_clerk, clerk):
    saved = {"list_key": "tests.views", "name": "我的甲", "query": "list=a", "next": "/list/?list=a"}

    answer = by_clerk.post("/views/save/", saved)
    view = SavedView.objects.get()

    assert answer.url == "/list/?list=a"
    assert (view.user, view.query) == (clerk, "list=a")
    assert "我的甲" in read(by_clerk.get("/list/"))
    assert by_clerk.post(f"/views/{view.pk}/delete/", {"next": "/list/"}).url == "/list/"
    assert not SavedView.objects.exists()


def test_a_view_without_a_name_is_not_saved(by_clerk):
    by_clerk.post("/views/save/", {"list_key": "tests.views", "name": "  ", "query": "", "next": "/list/"})

    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["我的\x00甲", "我的\u200b甲"])
def test_a_view_is_saved_without_what_no_database_keeps(by_clerk, name):
    by_clerk.post("/views/save/", {"list_key": "tests.views", "name": name, "query": "q=\x00a", "next": "/list/"})

    assert [(view.name, view.query) for view in SavedView.objects.all()] == [("我的甲", "q=a")]


@pytest.mark.parametrize("key", ["", "no.such.list", "tests.views\x00", "x" * 61])
def test_a_view_of_a_list_there_is_not_is_not_saved_and_it_is_said(by_clerk, key):
    answer = by_clerk.post("/views/save/", {"list_key": key, "name": "甲", "query": "", "next": "/list/"}, follow=True)

    assert not SavedView.objects.exists()
    assert "没有这个列表，未保存" in read(answer)


def test_nobody_deletes_the_view_of_somebody_else(by_clerk):
    other = User.objects.create_user("other", None, display_name="别人")
    view = SavedView.objects.create(user=other, list_key="tests.views", name="别人的", query="")

    assert by_clerk.post(f"/views/{view.pk}/delete/").status_code == 404
    assert SavedView.objects.exists()


def test_after_saving_the_browser_never_goes_to_another_site(by_clerk):
    saved = {"list_key": "tests.views", "name": "甲", "query": "", "next": "https://example.org/"}

    assert by_clerk.post("/views/save/", saved).url == "/"

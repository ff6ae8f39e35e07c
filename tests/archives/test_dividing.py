"""A draft taken apart by hand: each part has its own pages of the same original."""

from __future__ import annotations

import pytest
from django.urls import reverse

from bianzhi.accounts.policies import Denied
from bianzhi.archives import derivatives
from bianzhi.archives.models import Category, Item, ItemState
from bianzhi.archives.services.dividing import divide_draft
from bianzhi.archives.services.filing import confirm, file, set_candidate_aside
from bianzhi.common import integrity
from bianzhi.kernel.objections import Refused
from tests.accounts.people import account, signed_in
from tests.archives import papers
from tests.archives.holdings import Holdings, read_off
from tests.archives.reception import ARCHIVIST, taken
from tests.cast import Limited

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(settings, tmp_path, one_workshop) -> Item:
    settings.HOME = tmp_path
    taken({"一叠.pdf": papers.typed("关于甲事的批复", "甲的附件", "关于乙事的批复", "关于丙事的批复")})
    return Item.objects.get()


def test_each_part_has_its_pages_text_and_place_in_the_original(draft):
    first, second, third = divide_draft(actor=ARCHIVIST, item_id=draft.pk, at=[3, 4])
    assert [item.page_count for item in (first, second, third)] == [2, 1, 1]
    assert [page.source_page for page in first.pages.order_by("number")] == [1, 2]
    assert "乙事" in second.pages.get(number=1).text
    assert [(each.first_page, each.last_page) for each in third.files.all()] == [(4, 4)]
    assert [(each.first_page, each.last_page) for each in first.files.all()] == [(1, 2)]
    assert "丙事" in derivatives.page_words(third.pages.get()).text
    assert derivatives.thumbnail(third.pages.get()).exists()
    assert third.origin.file == first.origin.file
    assert not integrity.findings(["audit.rows"])


def test_what_was_read_off_a_page_goes_with_it_and_a_mark_still_has_to_be_judged(draft, cast):
    holdings = Holdings(draft.fonds, Category.objects.get(code="WS"), cast.bureau)
    draft.candidates.all().delete()
    read_off(draft, "title", "关于甲事的批复", page=1)
    read_off(draft, "category", "WS")
    read_off(draft, "quota:A1", "10", page=4, box=[0.1, 0.2, 0.3, 0.05])
    read_off(draft, "classification", "机密", page=4)
    judged = read_off(draft, "signer", "张三", page=3)
    set_candidate_aside(actor=ARCHIVIST, candidate_id=judged.pk)
    first, second = divide_draft(actor=ARCHIVIST, item_id=draft.pk, at=[3])
    assert set(first.candidates.values_list("field", "page")) == {("title", 1), ("category", None)}
    moved = set(second.candidates.values_list("field", "page", "is_taken"))
    assert moved == {("quota:A1", 2, None), ("classification", 2, None), ("signer", 1, False)}
    confirm(actor=ARCHIVIST, item_id=second.pk, facts=holdings.facts())
    with pytest.raises(Refused, match="识别出密级"):
        file(actor=ARCHIVIST, item_id=second.pk)


def test_a_part_begins_at_a_page_there_is(draft):
    for wrong in ([], [1], [5]):
        with pytest.raises(Refused, match="共 4 页"):
            divide_draft(actor=ARCHIVIST, item_id=draft.pk, at=wrong)
    assert Item.objects.count() == 1


def test_what_is_filed_is_not_taken_apart_any_more(draft):
    Item.objects.update(state=ItemState.FILED)
    with pytest.raises(Refused, match="已归档"):
        divide_draft(actor=ARCHIVIST, item_id=draft.pk, at=[2])


def test_who_does_not_keep_the_archive_divides_nothing(draft):
    with pytest.raises(Denied):
        divide_draft(actor=Limited(frozenset({"archives.view"})), item_id=draft.pk, at=[2])


def test_the_archivist_divides_on_a_page_by_page_numbers(draft):
    client = signed_in(account("dangan", "archivist"))
    url = reverse("archives:divide", args=[draft.pk])
    assert "共 4 页" in client.get(url).content.decode()
    assert "请只写页次" in client.post(url, {"at": "三"}).content.decode()
    assert "第 2 页到第 4 页" in client.post(url, {"at": "9"}).content.decode()
    client.post(url, {"at": "2、4"})
    assert sorted(Item.objects.values_list("page_count", flat=True)) == [1, 1, 2]

"""From a filed paper to the ledger: figures compared with what is held, the form filled in, the new entry tied back."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from bianzhi.archives.models import Item, Relation
from bianzhi.archives.rules.ledger_drafts import Compared, Draft, Reading, compared, drafts, readings
from bianzhi.archives.selectors.relations import items_proving
from bianzhi.archives.services import filing
from bianzhi.archives.services.relations import relate_entry
from bianzhi.common import integrity
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.selectors.balances import approved
from tests.accounts.people import account, signed_in
from tests.archives.holdings import ARCHIVIST, Holdings, hold, read_off
from tests.cast import TODAY, Cast
from tests.direct import agreed, by_hand

NOT_TYPED = ("override", "override_reason", "direct_reason")
BOX = [0.2, 0.4, 0.3, 0.02]


def figures(*pairs: tuple[str, str]) -> list[Reading]:
    return readings(pairs)


def test_a_change_told_on_the_paper_is_taken_over() -> None:
    told = figures(("increase:A1", "3"), ("quota:A1", "13"), ("post:org_deputy", "2"))
    assert drafts(told, {"A1": 10}) == [
        Draft("increase", {"measure_1": "A1", "amount_1": "3"}),
        Draft("posts", {"org_deputy": "2"}),
    ]


@pytest.mark.parametrize(
    ("held", "act", "amount"), [({"A1": 10}, "increase", "3"), ({"A1": 15}, "decrease", "2"), ({}, "increase", "13")]
)
def test_a_total_becomes_a_change_by_what_the_ledger_holds(held, act, amount) -> None:
    assert drafts(figures(("quota:A1", "13")), held) == [Draft(act, {"measure_1": "A1", "amount_1": amount})]


def test_a_total_the_ledger_holds_already_is_no_change() -> None:
    told = figures(("quota:A1", "10"))
    assert compared(told, {"A1": 10}) == [Compared("A1", 10, 10)]
    assert drafts(told, {"A1": 10}) == []


def test_without_a_known_unit_a_total_is_not_made_a_change() -> None:
    assert drafts(figures(("quota:A1", "13"), ("decrease:C1", "1")), None) == [
        Draft("decrease", {"measure_1": "C1", "amount_1": "1"})
    ]


def test_a_type_the_paper_leaves_open_is_left_to_the_person() -> None:
    assert drafts(figures(("increase:B", "4")), {}) == [Draft("increase", {"amount_1": "4"})]
    assert drafts(figures(("quota:any", "4")), {}) == []


def test_more_types_than_a_form_takes_are_two_acts() -> None:
    told = figures(*((f"increase:{code}", "1") for code in ("A1", "A2", "B1", "B5")))
    assert [len(draft.values) for draft in drafts(told, {})] == [6, 2]


def test_the_surest_reading_of_a_figure_counts_and_nonsense_is_no_figure() -> None:
    told = figures(("increase:A1", "3"), ("increase:A1", "8"), ("increase:A2", "若干"), ("title", "5"), ("quota:", "5"))
    assert told == [Reading("increase:A1", 3)]


@pytest.fixture
def holdings(cast: Cast) -> Holdings:
    return hold(cast.bureau)


@pytest.fixture
def clerk(cast: Cast) -> Client:
    return signed_in(account("jingban", "office_clerk"))


def paper(holdings: Holdings, **facts: str) -> Item:
    """A filed 批复 on which 核增行政编制3名 was read."""
    item = holdings.described(
        doc_no="测编〔2026〕77号", title="关于核增测试区财政局行政编制的批复", language="批复", **facts
    )
    read_off(item, "increase:A1", "3", page=1, box=BOX)
    read_off(item, "doc_no", "测编〔2026〕77号", page=1, box=[0.4, 0.2, 0.2, 0.02])
    return filing.file(actor=ARCHIVIST, item_id=item.pk)


def offered(client: Client, item: Item) -> str:
    """The address of the one act the page offers."""
    answer = client.get(f"/archives/items/{item.pk}/ledger-draft/")
    assert answer.status_code == 200
    (found,) = set(re.findall(r'href="(/ledger/post/[^"]+)"', answer.content.decode()))
    return html.unescape(found)


def test_a_figure_on_file_opens_the_form_filled_in_and_the_entry_opens_its_page(cast, holdings, clerk) -> None:
    item = paper(holdings)
    url = offered(clerk, item)
    given = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    assert given["new_doc_no"] == "测编〔2026〕77号"
    assert (given["measure_1"], given["amount_1"]) == ("A1", "3")
    form = clerk.get(url).context["form"]
    shown = {name: form[name].value() for name in given}
    assert {name: str(value) for name, value in shown.items()} == given
    path = urlsplit(url).path
    typed = {name: form[name].value() or "" for name in form.fields if name not in NOT_TYPED}
    typed |= given | {"kind": "increase"}
    first = by_hand(clerk, path, typed)
    assert by_hand(clerk, path, {**typed, **agreed(first)}).status_code == 302
    entry = LedgerEntry.objects.latest("pk")
    assert entry.document.doc_no == "测编〔2026〕77号"
    assert approved([cast.bureau.pk], TODAY)[cast.bureau.pk, "A1"] == 13
    deliver_waiting()
    assert {each.subject_kind for each in item.relations.all()} == {"documents.approvaldocument", "ledger.ledgerentry"}
    assert relate_entry(actor=ARCHIVIST, entry_id=entry.pk) == []
    (proof,) = items_proving("ledger.ledgerentry", entry.pk, ARCHIVIST)
    assert (proof.item, proof.page, proof.box) == (item, 1, BOX)
    assert integrity.findings(["audit.rows"]) == []


def test_a_paper_that_has_its_entries_warns_against_registering_twice(cast, holdings, clerk) -> None:
    entry = LedgerEntry.objects.filter(postings__account__organization=cast.bureau).earliest("pk")
    item = holdings.described(doc_no=entry.document.doc_no, responsible=entry.document.issuer)
    read_off(item, "quota:A1", "12", page=1, box=BOX)
    filing.file(actor=ARCHIVIST, item_id=item.pk)
    text = clerk.get(f"/archives/items/{item.pk}/ledger-draft/").content.decode()
    assert "不要重复登记" in text
    assert entry.number in text
    url = offered(clerk, item)
    assert f"document={entry.document_id}&" in f"{url}&"
    assert "amount_1=2" in url  # 12 on the paper, 10 in the ledger


def test_a_figure_set_aside_is_offered_no_more(cast, holdings, clerk) -> None:
    item = paper(holdings)
    item.candidates.filter(field="increase:A1").update(is_taken=False)
    text = clerk.get(f"/archives/items/{item.pk}/ledger-draft/").content.decode()
    assert "/ledger/post/increase/" not in text
    assert "没有识别出编制或职数" in text


def test_only_who_posts_by_hand_and_sees_the_item_gets_there(cast, holdings) -> None:
    item = paper(holdings)
    draft = holdings.draft()
    path = f"/archives/items/{item.pk}/ledger-draft/"
    assert signed_in(account("dangan2", "archivist")).get(path).status_code == 403
    assert signed_in(account("danwei", "unit_clerk", organization_id=cast.school.pk)).get(path).status_code == 403
    director = signed_in(account("zhuren2", "office_director"))
    assert director.get(path).status_code == 200
    assert director.get(f"/archives/items/{draft.pk}/ledger-draft/").status_code == 404


def test_an_address_fills_in_facts_but_no_exceptions_and_no_reasons(cast, clerk) -> None:
    answer = clerk.get(
        "/ledger/post/decrease/",
        {
            "amount_1": "2",
            "allows_overstaffing": "on",
            "direct_reason": "照此办理",
            "override": "R02",
            "new_title": "长" * 400,
        },
    )
    form = answer.context["form"]
    assert form["amount_1"].value() == "2"
    assert not form["allows_overstaffing"].value()
    assert not form["direct_reason"].value()
    assert not form["new_title"].value()
    assert form.granted == []


def test_an_entry_without_a_filed_paper_stays_untied(cast) -> None:
    entry = LedgerEntry.objects.earliest("pk")
    assert relate_entry(actor=ARCHIVIST, entry_id=entry.pk) == []
    assert not Relation.objects.exists()

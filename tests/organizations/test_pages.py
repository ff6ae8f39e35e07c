"""The unit page, its tree and its forms: for the office, for a unit clerk, for an outsider; without JavaScript too."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.audit.models import AuditEntry
from bianzhi.documents.models import ApprovalDocument
from bianzhi.kernel.identifiers.credit_code import make_credit_code
from bianzhi.organizations import figures
from bianzhi.organizations.models import (
    Nameplate,
    Organization,
    OrganizationAlias,
    OrganizationVersion,
    ReorganizationEvent,
)
from bianzhi.organizations.selectors.units import bodies
from bianzhi.organizations.services import abolish, add_alias, establish_many, rename, set_nameplate
from bianzhi.organizations.web import actions, sections
from tests.direct import by_hand
from tests.organizations.conftest import ACTOR, District, unit, user_with

DAY = date(2020, 5, 1)
NEW_DOCUMENT = {
    "new_doc_no": "虞编〔2024〕8号",
    "new_title": "关于机构调整的批复",
    "new_issuer": "市委编委",
    "new_issuer_level": "upper",
    "new_kind": "reply",
    "new_issued_on": "2024-03-01",
}


@pytest.fixture(autouse=True)
def counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """实有/核定 as an upper app would count them: 5 of 4 everywhere."""

    def count(ids: Any, day: date) -> dict[int, figures.Figure]:
        return {pk: figures.Figure(occupied=5, approved=4, is_over=True) for pk in ids}

    monkeypatch.setattr(figures, "_counters", [count])


def signed_in(role: str, organization: Organization | None = None, *, subtree: bool = False) -> Client:
    client = Client()
    client.force_login(
        user_with(role, organization, subtree=subtree), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


@pytest.fixture
def office(district: District) -> Client:
    return signed_in("office_clerk")


def page_of(district: District, code: str, **query: str) -> str:
    address = reverse("organizations:detail", args=[district[code].pk])
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in query.items())}" if query else address


def act(district: District, code: str, key: str) -> str:
    return reverse("organizations:act", args=[district[code].pk, key])


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_index_shows_the_tree_and_the_district_at_a_glance(office: Client, district: District):
    shown = text_of(office.get(reverse("organizations:index")))
    assert "6 个机构" in shown
    assert "区政府部门" in shown
    assert "区财政局" not in shown.split("最近的机构变动")[0]
    assert "设立示例区财政局" in shown


def test_an_empty_register_says_what_to_do(db):
    shown = text_of(signed_in("office_clerk").get(reverse("organizations:index")))
    assert "还没有机构" in shown
    assert reverse("organizations:establish") in shown


def test_the_unit_page_shows_the_unit_in_its_opened_tree(office: Client, district: District):
    shown = text_of(office.get(page_of(district, "CZ1")))
    assert "<h2>示例区会计核算中心</h2>" in shown
    assert "正股级" in shown
    assert "存续" in shown
    assert 'aria-current="page">示例区会计核算中心' in shown
    assert "5/4" in shown
    assert "（超编）" in shown


@pytest.mark.parametrize("tab", ["bodies", "subordinate", "duties", "history"])
def test_each_tab_opens_on_a_past_day_too(office: Client, district: District, tab):
    district.body("CZ", "预算科")
    answer = office.get(page_of(district, "CZ", tab=tab, date="2018-01-01"))
    assert answer.status_code == 200
    assert "正在查看" in text_of(answer)


def test_the_page_is_that_of_the_day(office: Client, district: District):
    rename(
        actor=ACTOR, organization_id=district["CZ"].pk, document=district.upper, effective_on=DAY, name="示例区财金局"
    )
    heads = [text_of(office.get(page_of(district, "CZ", date=day))) for day in ("2020-04-30", "2020-05-01")]
    assert ["<h2>示例区财政局</h2>" in head for head in heads] == [True, False]
    assert ["<h2>示例区财金局</h2>" in head for head in heads] == [False, True]
    assert "曾用名" in heads[1]


def test_an_abolished_unit_is_shown_with_its_last_facts(office: Client, district: District):
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    shown = text_of(office.get(page_of(district, "CZ1")))
    assert "已撤销" in shown
    assert act(district, "CZ1", "rename") not in shown
    assert act(district, "CZ1", "correct") in shown


def test_the_tree_is_searched_by_initials_with_and_without_script(office: Client, district: District):
    index = reverse("organizations:index")
    plain = text_of(office.get(index, {"q": "qczj"}))
    assert "示例区财政局" in plain
    assert "<html" in plain
    fragment = text_of(office.get(index, {"q": "qczj"}, headers={"HX-Request": "true", "HX-Target": "tree-body"}))
    assert "示例区财政局" in fragment
    assert "<html" not in fragment
    assert "没有找到" in text_of(office.get(index, {"q": "查无此单位"}))


def test_the_next_level_of_the_tree_is_a_fragment_or_for_the_plain_reader_the_page(office: Client, district: District):
    address = reverse("organizations:children", args=[district["Q1"].pk])
    fragment = text_of(office.get(address, {"date": "2018-01-01"}, headers={"HX-Request": "true"}))
    assert "区财政局" in fragment
    assert "?date=2018-01-01" in fragment
    assert office.get(address)["Location"] == page_of(district, "Q1")


def test_a_unit_clerk_sees_the_own_branch_only(district: District):
    clerk = signed_in("unit_clerk", district["CZ"], subtree=True)
    shown = text_of(clerk.get(page_of(district, "CZ")))
    assert "2 个机构" in shown
    assert "教育局" not in shown
    assert page_of(district, "Q1") not in shown
    assert "机构变更" not in shown


def test_an_outsider_gets_no_page_no_history_and_no_level(district: District):
    clerk = signed_in("unit_clerk", district["CZ"])
    for name in ("detail", "history"):
        assert clerk.get(reverse(f"organizations:{name}", args=[district["JY"].pk])).status_code == 404
    level = clerk.get(reverse("organizations:children", args=[district["Q2"].pk]), headers={"HX-Request": "true"})
    assert "长塘" not in text_of(level)
    assert "没有找到" in text_of(clerk.get(reverse("organizations:index"), {"q": "教育"}))


@pytest.mark.parametrize("key", [*actions.ACTIONS, "alias", "credit-code"])
def test_only_the_office_opens_the_forms(district: District, office: Client, key):
    answer = office.get(act(district, "CZ", key))
    assert answer.status_code == 200
    assert signed_in("unit_head", district["CZ"]).get(act(district, "CZ", key)).status_code == 403


def test_unknown_acts_and_bodies_are_not_found(district: District, office: Client):
    assert office.get(act(district, "CZ", "dance")).status_code == 404
    assert office.get(reverse("organizations:body_act", args=[999, "close"])).status_code == 404
    assert office.get(reverse("organizations:withdraw_nameplate", args=[999])).status_code == 404


def test_a_unit_is_renamed_by_a_document_entered_on_the_way(office: Client, district: District):
    answer = by_hand(
        office, act(district, "CZ", "rename"), {"effective_on": "2024.4.1", "name": "示例区财金局"} | NEW_DOCUMENT
    )
    assert answer["Location"] == page_of(district, "CZ")
    version = district.version("CZ")
    assert (version.name, version.valid_from) == ("示例区财金局", date(2024, 4, 1))
    assert version.document.doc_no == "虞编〔2024〕8号"


def test_a_refused_act_shows_the_objection_and_leaves_no_document(office: Client, district: District):
    answer = by_hand(
        office,
        act(district, "CZ", "rename"),
        {"effective_on": "2024-04-01", "name": "示例区财金局"} | NEW_DOCUMENT | {"new_issuer_level": "office"},
    )
    assert answer.status_code == 422
    assert "R10" in text_of(answer)
    assert "示例区财金局" in text_of(answer)
    assert not ApprovalDocument.objects.filter(doc_no="虞编〔2024〕8号").exists()


def test_an_act_asks_for_exactly_one_document(office: Client, district: District):
    data = {"effective_on": "2024-04-01", "name": "示例区财金局"}
    assert "请选择依据文件" in text_of(by_hand(office, act(district, "CZ", "rename"), data))
    both = data | NEW_DOCUMENT | {"document": str(district.upper.pk)}
    assert "请只保留其一" in text_of(by_hand(office, act(district, "CZ", "rename"), both))
    half = data | {"new_doc_no": "虞编〔2024〕8号"}
    assert "登记新文件时必须填写" in text_of(by_hand(office, act(district, "CZ", "rename"), half))
    chosen = data | {"document": "虞编 [2015] 2号"}
    assert by_hand(office, act(district, "CZ", "rename"), chosen).status_code == 302
    assert district.version("CZ").document == district.upper


@pytest.mark.parametrize(
    ("key", "data", "field", "value"),
    [
        ("rank", {"rank": "142"}, "rank", "142"),
        ("nature", {"org_type": "33"}, "org_type", "33"),
        ("funding", {"funding_form": "partial"}, "funding_form", "partial"),
        ("duties", {"duties": "管理财政"}, "duties", "管理财政"),
        ("affiliation", {"parent": "镇街", "tier": "township"}, "tier", "township"),
    ],
)
def test_each_change_reaches_its_service(office: Client, district: District, key, data, field, value):
    sent = {"effective_on": "2024-04-01", "document": str(district.upper.pk)} | data
    assert by_hand(office, act(district, "CZ", key), sent).status_code == 302
    assert getattr(district.version("CZ"), field) == value


def test_a_unit_is_established_under_the_one_it_was_asked_for(office: Client, district: District):
    address = reverse("organizations:establish")
    assert "区政府部门" in text_of(office.get(address, {"parent": district["Q1"].pk}))
    data = {
        "effective_on": "2024-04-01",
        "document": str(district.upper.pk),
        "name": "示例区数据局",
        "parent": str(district["Q1"].pk),
        "org_type": "31",
        "rank": "141",
        "uscc": make_credit_code("1", "330699", 9).value,
    }
    answer = by_hand(office, address, data)
    version = OrganizationVersion.objects.get(name="示例区数据局")
    assert answer["Location"] == reverse("organizations:detail", args=[version.organization_id])
    assert version.parent == district["Q1"]
    again = by_hand(office, address, data)
    assert again.status_code == 422
    assert "存续机构不得重名" in text_of(again)


def test_a_body_is_added_changed_moved_and_closed(office: Client, district: District):
    common = {"document": str(district.office.pk)}
    body = {"name": "预算科", "kind": "internal", "sort_order": "1"}
    by_hand(office, act(district, "CZ", "body"), common | body | {"effective_on": "2020-01-01"})
    row = bodies(district["CZ"], DAY).get()
    changed = common | body | {"name": "预算管理科", "effective_on": "2021-01-01"}
    assert by_hand(office, reverse("organizations:body_act", args=[row.body_id, "change"]), changed).status_code == 302
    moved = common | {"organization": str(district["JY"].pk), "effective_on": "2022-01-01"}
    assert by_hand(office, reverse("organizations:body_act", args=[row.body_id, "move"]), moved).status_code == 302
    assert [one.name for one in bodies(district["JY"], date(2022, 1, 1))] == ["预算管理科"]
    closed = common | {"effective_on": "2023-01-01"}
    assert by_hand(office, reverse("organizations:body_act", args=[row.body_id, "close"]), closed).status_code == 302
    assert not bodies(district["JY"], date(2023, 1, 1)).exists()


def test_nameplates_aliases_and_the_credit_code_have_their_forms(office: Client, district: District):
    common = {"document": str(district.office.pk), "effective_on": "2020-01-01"}
    by_hand(office, act(district, "CZ", "nameplate"), common | {"name": "区国资办"})
    plate = Nameplate.objects.get()
    assert "区国资办" in text_of(office.get(page_of(district, "CZ", tab="duties")))
    by_hand(
        office, reverse("organizations:withdraw_nameplate", args=[plate.pk]), common | {"effective_on": "2021-01-01"}
    )
    plate.refresh_from_db()
    assert plate.valid_to == date(2021, 1, 1)
    by_hand(office, act(district, "CZ", "alias"), {"name": "财政局", "source": "工资系统"})
    alias = OrganizationAlias.objects.get()
    assert office.post(reverse("organizations:withdraw_alias", args=[alias.pk])).status_code == 302
    assert office.get(reverse("organizations:withdraw_alias", args=[alias.pk])).status_code == 405
    answer = by_hand(office, act(district, "CZ", "credit-code"), {"uscc": "123"})
    assert answer.status_code == 422
    assert "应为 18 位" in text_of(answer)


def test_the_version_shown_is_corrected_or_a_forgotten_change_is_added(office: Client, district: District):
    form = office.get(act(district, "CZ1", "correct"), {"date": "2018-01-01"}).context["form"]
    data = {name: value for name, value in form.initial.items() if value is not None and value != ""}
    data |= {"document": str(district.office.pk), "reason": "规格录错", "rank": "152"}
    assert by_hand(office, act(district, "CZ1", "correct"), data).status_code == 302
    assert district.version("CZ1").rank == "152"
    data |= {"version": district.version("CZ1").pk, "effective_on": "2019-01-01", "rank": "191", "reason": "补登调整"}
    assert by_hand(office, act(district, "CZ1", "correct"), data).status_code == 302
    assert [district.version("CZ1", date(year, 6, 1)).rank for year in (2018, 2019)] == ["152", "191"]
    assert AuditEntry.objects.latest("seq").action == "organizations.corrected"


def test_the_history_is_printed(office: Client, district: District):
    shown = text_of(office.get(reverse("organizations:history", args=[district["CZ"].pk])))
    assert "示例区财政局沿革表" in shown
    assert "虞编〔2015〕1号" in shown


def test_the_search_box_finds_units_by_other_names_within_the_scope(office: Client, district: District):
    add_alias(actor=ACTOR, organization_id=district["JY"].pk, name="教委", source="工资系统")
    assert "别名：教委" in text_of(office.get("/search/", {"q": "教委"}))
    clerk = signed_in("unit_clerk", district["CZ"])
    assert "示例区教育局" not in text_of(clerk.get("/search/", {"q": "教委"}))


def test_a_document_names_the_changes_that_rest_on_it(office: Client, district: District):
    set_nameplate(
        actor=ACTOR, organization_id=district["CZ"].pk, document=district.office, effective_on=DAY, name="区国资办"
    )
    shown = text_of(office.get(reverse("documents:detail", args=[district.office.pk])))
    assert "加挂“区国资办”牌子" in shown
    assert page_of(district, "CZ") in shown


def test_a_document_says_how_many_more_changes_rest_on_it(
    office: Client, district: District, monkeypatch: pytest.MonkeyPatch
):
    for code, name in (("CZ", "区国资办"), ("CZ", "区金融办"), ("JY", "区语委办")):
        set_nameplate(
            actor=ACTOR, organization_id=district[code].pk, document=district.office, effective_on=DAY, name=name
        )
    path = reverse("documents:detail", args=[district.office.pk])
    assert "另有" not in text_of(office.get(path))
    monkeypatch.setattr(sections, "CITED", 1)
    events = ReorganizationEvent.objects.filter(document=district.office).count()
    assert f"列出 1 件，另有 {events - 1} 件" in text_of(office.get(path))
    clerk = signed_in("unit_clerk", district["CZ"])
    own = ReorganizationEvent.objects.filter(document=district.office, parts__organization=district["CZ"]).count()
    assert f"列出 1 件，另有 {own - 1} 件" in text_of(clerk.get(path))
    assert own < events


def test_units_are_chosen_within_the_scope(district: District):
    clerk = signed_in("unit_clerk", district["CZ"], subtree=True)
    offered = clerk.get(reverse("common:lookup", args=["organization"]), {"q": "示例"}).json()["options"]
    assert {option["label"] for option in offered} == {"示例区财政局", "示例区会计核算中心"}


@pytest.mark.parametrize("name", ["index", "detail"])
def test_a_page_costs_the_same_for_a_large_district(
    office: Client, district: District, django_assert_max_num_queries, name
):
    address = reverse("organizations:index") if name == "index" else page_of(district, "CZ")
    rows = [unit(f"N{number}", f"示例区第{number}中心", "CZ", org_type="80", rank="151") for number in range(60)]
    establish_many(actor=ACTOR, document=district.office, rows=rows)
    with django_assert_max_num_queries(48):
        assert office.get(address).status_code == 200

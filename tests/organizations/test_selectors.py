"""The tree, the search, the history and the data scope, on the day before, the day and the day after."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bianzhi.accounts.models import User
from bianzhi.documents.models import ApprovalDocument
from bianzhi.organizations import figures
from bianzhi.organizations.models import Organization, OrganizationVersion
from bianzhi.organizations.scopes import restrict, visible_organization_ids
from bianzhi.organizations.selectors.history import history
from bianzhi.organizations.selectors.search import exactly_named, search
from bianzhi.organizations.selectors.tree import OrganizationTree
from bianzhi.organizations.selectors.units import former_names, names_on, nearest, state_on
from bianzhi.organizations.services import (
    abolish,
    add_alias,
    change_affiliation,
    record_event,
    rename,
    set_nameplate,
)
from tests.organizations.conftest import ACTOR, FOUNDED, ROWS, District, user_with

DAY = date(2020, 5, 1)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)


def renamed(district: District) -> None:
    rename(
        actor=ACTOR,
        organization_id=district["CZ"].pk,
        document=district.upper,
        effective_on=DAY,
        name="示例区财金局",
        short_name="财金局",
    )


def moved(district: District) -> None:
    change_affiliation(
        actor=ACTOR,
        organization_id=district["CZ1"].pk,
        document=district.office,
        effective_on=DAY,
        parent_id=district["JY"].pk,
    )


def names(district: District, text: str, day: date = DAY, **facts) -> list[str]:
    return [hit.name for hit in search(text, day=day, **facts)]


def test_the_tree_is_read_with_one_query(district: District, django_assert_num_queries):
    with django_assert_num_queries(1):
        tree = OrganizationTree.as_of(DAY)
        assert len(tree) == len(ROWS)
        assert tree.path_name(district["CZ1"].pk) == "示例区 / 区政府部门 / 示例区财政局 / 示例区会计核算中心"


def test_children_stand_in_their_order_and_units_without_groupings(district: District):
    tree = OrganizationTree.as_of(DAY)
    assert [node.code for node in tree.children(district["Q1"].pk)] == ["XX", "CZ", "JY"]
    assert [node.code for node in tree.in_order()] == ["Q", "Q1", "XX", "CZ", "CZ1", "JY", "Q2", "ZH", "ZH1"]
    assert [node.code for node in tree.units] == ["XX", "CZ", "CZ1", "JY", "ZH", "ZH1"]


def test_the_tree_of_each_day_is_that_of_the_day(district: District):
    moved(district)
    parents = [OrganizationTree.as_of(day)[district["CZ1"].pk].parent_id for day in (BEFORE, DAY, AFTER)]
    assert parents == [district["CZ"].pk, district["JY"].pk, district["JY"].pk]
    assert len(OrganizationTree.as_of(FOUNDED - timedelta(days=1))) == 0


def test_descendants_follow_the_supervising_department_when_asked(district: District):
    tree = OrganizationTree.as_of(DAY)
    school, bureau = district["XX"].pk, district["JY"].pk
    assert tree.descendants(bureau) == {bureau}
    assert tree.descendants(bureau, supervised=True) == {bureau, school}
    assert [node.id for node in tree.supervised(bureau)] == [school]


@pytest.mark.parametrize("text", ["财政局", "区财政局", "slqczj", "qczj", "示例区 财政局", "CZ"])
def test_a_unit_is_found_by_name_short_name_initials_and_code(district: District, text):
    assert names(district, text)[0] == "示例区财政局"


def test_the_best_match_stands_first(district: District):
    add_alias(actor=ACTOR, organization_id=district["JY"].pk, name="财政局附设学校", source="测试")
    assert names(district, "区财政局") == ["示例区财政局"]
    assert names(district, "财政局") == ["示例区财政局", "示例区教育局"]


def test_a_former_name_finds_the_unit_and_says_so_from_the_day_on(district: District):
    renamed(district)
    assert search("示例区财政局", day=BEFORE)[0].by == ""
    hit = search("示例区财政局", day=DAY)[0]
    assert (hit.name, hit.by) == ("示例区财金局", "曾用名：示例区财政局")


def test_nameplates_and_aliases_find_the_unit(district: District):
    set_nameplate(
        actor=ACTOR, organization_id=district["CZ"].pk, document=district.office, effective_on=DAY, name="区国资办"
    )
    add_alias(actor=ACTOR, organization_id=district["JY"].pk, name="教委", source="工资系统")
    assert search("国资办", day=DAY)[0].by == "加挂牌子：区国资办"
    assert search("教委", day=DAY)[0].by == "别名：教委"


def test_a_search_stays_within_the_scope_and_the_limit_and_knows_the_abolished(district: District):
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    assert names(district, "示例区", within={district["JY"].pk}) == ["示例区教育局"]
    assert len(names(district, "示例区", limit=2)) == 2
    assert [hit.is_in_force for hit in search("会计核算", day=DAY)] == [False]
    assert search("会计核算", day=BEFORE)[0].is_in_force
    assert search("  ", day=DAY) == []


def test_only_units_in_force_are_exactly_named(district: District):
    renamed(district)
    assert exactly_named("示例区财政局", day=BEFORE) == [district["CZ"].pk]
    assert exactly_named("示例区财政局", day=DAY) == []
    assert exactly_named("财金局", day=DAY) == [district["CZ"].pk]


def test_a_unit_is_planned_active_and_abolished_by_the_day(district: District):
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    states = []
    for day in (FOUNDED - timedelta(days=1), FOUNDED, BEFORE, DAY):
        version = nearest(district["CZ1"], day)
        assert version is not None
        states.append(state_on(version, day))
    assert states == ["拟设", "存续", "存续", "已撤销"]


def test_names_are_those_of_the_day(district: District):
    renamed(district)
    pk = district["CZ"].pk
    assert [names_on([pk], day)[pk] for day in (BEFORE, DAY)] == ["示例区财政局", "示例区财金局"]
    assert former_names(district["CZ"], BEFORE) == []
    assert former_names(district["CZ"], DAY) == [("示例区财政局", FOUNDED, DAY)]


def test_the_history_tells_how_the_unit_stood_after_each_event(district: District, monkeypatch):
    monkeypatch.setattr(figures, "_totals", [lambda pk, days: {DAY: figures.Total(quota=30, posts=4)}])
    monkeypatch.setattr(figures, "_sources", [lambda pk, until: [figures.Event(AFTER, "核增行政编制 2 名")]])
    renamed(district)
    rows = history(district["CZ"], AFTER)
    assert [(row.date, row.title) for row in rows] == [(AFTER, "核增行政编制 2 名"), (DAY, "更名"), (FOUNDED, "设立")]
    assert (rows[1].name, rows[1].doc_no, rows[1].quota, rows[1].posts) == ("示例区财金局", "虞编〔2015〕2号", 30, 4)
    assert (rows[2].name, rows[2].affiliation, rows[2].funding) == ("示例区财政局", "区政府部门", "财政全额拨款")


def test_the_history_ends_at_the_day_asked_for_and_names_the_other_units(district: District):
    record_event(
        actor=ACTOR,
        kind="transferred",
        document=district.upper,
        effective_on=DAY,
        sources=[district["CZ"].pk],
        targets=[district["JY"].pk],
        summary="划转教育经费管理职责",
    )
    assert [row.title for row in history(district["CZ"], BEFORE)] == ["设立"]
    assert history(district["CZ"], DAY)[0].related == ((district["JY"].pk, "示例区教育局"),)


def test_the_history_costs_the_same_for_many_events(district: District, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(figures, "_sources", [])
    monkeypatch.setattr(figures, "_totals", [])
    for year in range(2020, 2025):
        moved_to = district["JY"].pk if year % 2 == 0 else district["CZ"].pk
        change_affiliation(
            actor=ACTOR,
            organization_id=district["CZ1"].pk,
            document=district.office,
            effective_on=date(year, 1, 1),
            parent_id=moved_to,
        )
    with django_assert_num_queries(3):
        assert len(history(district["CZ1"], date(2026, 1, 1))) == 6


def test_office_staff_see_all_and_a_user_without_scope_nothing(district: District):
    assert visible_organization_ids(user_with("office_clerk"), DAY) is None
    assert visible_organization_ids(User.objects.create(username="nobody"), DAY) == set()


def test_a_unit_clerk_sees_the_unit_and_with_subtree_what_lies_below(district: District):
    own = user_with("unit_clerk", district["CZ"])
    assert visible_organization_ids(own, DAY) == {district["CZ"].pk}
    whole = user_with("unit_head", district["CZ"], subtree=True)
    assert visible_organization_ids(whole, DAY) == {district["CZ"].pk, district["CZ1"].pk}


def test_a_supervising_department_sees_the_units_it_supervises(district: District):
    reviewer = user_with("supervising_reviewer", district["JY"], subtree=True)
    assert visible_organization_ids(reviewer, DAY) == {district["JY"].pk, district["XX"].pk}


def test_the_scope_follows_the_tree_of_the_day(district: District):
    moved(district)
    bureau = user_with("supervising_reviewer", district["CZ"], subtree=True)
    assert district["CZ1"].pk in (visible_organization_ids(bureau, BEFORE) or set())
    assert district["CZ1"].pk not in (visible_organization_ids(bureau, DAY) or set())


def test_an_abolished_unit_stays_in_its_superiors_sight(district: District):
    abolish(actor=ACTOR, organization_id=district["CZ1"].pk, document=district.office, effective_on=DAY)
    bureau = user_with("supervising_reviewer", district["CZ"], subtree=True)
    assert district["CZ1"].pk in (visible_organization_ids(bureau, AFTER) or set())


def test_rows_are_restricted_to_the_scope(district: District, django_assert_num_queries):
    bureau = user_with("supervising_reviewer", district["CZ"], subtree=True)
    assert bureau.scope_roots()
    with django_assert_num_queries(2):
        found = set(restrict(OrganizationVersion.objects.all(), bureau).values_list("name", flat=True))
    assert found == {"示例区财政局", "示例区会计核算中心"}
    assert set(Organization.objects.visible_to(bureau)) == {district["CZ"], district["CZ1"]}
    assert restrict(OrganizationVersion.objects.all(), user_with("office_clerk")).count() == len(ROWS)


def test_documents_are_visible_as_far_as_the_units_that_cite_them(district: District):
    renamed(district)
    finance, school = user_with("unit_clerk", district["CZ"]), user_with("unit_clerk", district["XX"])
    assert district.upper in ApprovalDocument.objects.visible_to(finance)
    assert district.upper not in ApprovalDocument.objects.visible_to(school)
    assert district.opening in ApprovalDocument.objects.visible_to(school)
    assert district.upper in ApprovalDocument.objects.visible_to(user_with("office_clerk"))

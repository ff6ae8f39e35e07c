"""What a decided 编制 matter posts to the ledger, and how it is reversed (P08); bodies, posts and 三定 (P09, P10)."""

from datetime import date

import pytest

from bianzhi.audit.chain import verify_rows
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.selectors.balances import approved, by_body, totals
from bianzhi.matters.effects import quota
from bianzhi.matters.effects.bodies import adjust_bodies_and_posts, lay_down
from bianzhi.matters.effects.order import Order
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.selectors.units import bodies
from tests.cast import PERSONNEL_CHECKS

DAY = date(2026, 4, 1)
A1 = [{"quota_type": "A1", "amount": 2}]


@pytest.fixture
def ordered(cast):
    def make(*, upper=False, overrides=(), **form):
        document = cast.upper_document if upper else cast.document
        return Order(
            actor=cast.office, form=form, document=document, day=DAY, today=DAY, words="编制调整", overrides=overrides,
            override_reason="已经县委批准" if overrides else "",
        )  # fmt: skip

    return make


def held(organization, measure="A1"):
    return approved([organization.pk], DAY).get((organization.pk, measure), 0)


def assert_sound():
    assert findings([*PERSONNEL_CHECKS, "ledger.balance", "ledger.reserves"]) == []
    assert list(verify_rows()) == []


def test_quota_is_increased_decreased_and_transferred(cast, ordered):
    assert quota.increase(ordered(unit=cast.bureau.pk, quota=A1)).words == "核增行政编制 2 名"
    assert held(cast.bureau) == 12
    quota.decrease(ordered(unit=cast.bureau.pk, quota=[{"quota_type": "C1", "amount": 1}]))
    assert totals(DAY)["withdrawn", "district", "C1"] == 1, "a frozen type is not reopened (R19)"
    quota.move(ordered(source=cast.bureau.pk, target=cast.audit_office.pk, quota=A1))
    assert (held(cast.bureau), held(cast.audit_office)) == (10, 6)
    assert_sound()


def test_quota_is_not_taken_from_under_people_unless_an_excess_was_approved(cast, ordered):
    cast.fill(cast.audit_office, "A1", 4, on=date(2024, 5, 6))
    form = {"unit": cast.audit_office.pk, "quota": A1}
    with pytest.raises(Refused) as refused:
        quota.decrease(ordered(**form))
    assert refused.value.codes == ["R02"]
    quota.decrease(ordered(**form, allows_overstaffing=True))
    assert held(cast.audit_office) == 2
    assert_sound()


def test_quota_between_levels_needs_the_upper_document(cast, ordered):
    form = {"source": cast.bureau.pk, "target": cast.township.pk, "quota": A1}
    with pytest.raises(Refused) as refused:
        quota.move(ordered(**form))
    assert refused.value.codes == ["R07"]
    quota.move(ordered(upper=True, **form))
    assert held(cast.township) == 8


def test_types_are_changed_row_by_row(cast, ordered):
    changes = [
        {"from_type": "B5", "to_type": "B1", "amount": 3},
        {"from_type": "B5", "to_type": "B1", "amount": 1},
    ]
    done = quota.convert(ordered(unit=cast.school.pk, changes=changes))
    assert (held(cast.school, "B5"), held(cast.school, "B1")) == (16, 4)
    assert len(done.entries) == 2
    assert_sound()


def test_the_district_total_comes_from_above(cast, ordered):
    form = {"direction": "issue", "tier": "district", "quota": [{"quota_type": "B1", "amount": 5}]}
    with pytest.raises(Refused) as refused:
        quota.change_total(ordered(**form))
    assert refused.value.codes == ["R08"]
    before = totals(DAY)["reserve", "district", "B1"]
    quota.change_total(ordered(**form, overrides=["R08"]))
    quota.change_total(ordered(upper=True, **form | {"direction": "withdraw"}))
    assert totals(DAY)["reserve", "district", "B1"] == before


def test_what_was_posted_is_reversed_the_last_first(cast, ordered):
    changes = [{"from_type": "B5", "to_type": "B1", "amount": 3}, {"from_type": "B1", "to_type": "B5", "amount": 3}]
    order = ordered(unit=cast.school.pk, changes=changes)
    entries = [entry.pk for entry in quota.convert(order).entries]
    quota.reverse(order, entries, "办件退回")
    assert (held(cast.school, "B5"), held(cast.school, "B1")) == (20, 0)
    with pytest.raises(Refused):
        quota.reverse(order, entries, "办件退回")
    assert_sound()


def names(organization):
    return [version.name for version in bodies(organization.pk, DAY)]


def test_bodies_are_set_up_changed_and_closed_with_their_quota(cast, ordered):
    form = {
        "unit": cast.bureau.pk,
        "bodies": [
            {"act": "change", "body": cast.finance_section.pk, "name": "预算管理科"},
            {"act": "close", "body": cast.payroll_section.pk},
            {"act": "establish", "name": "国资科", "rank": "151"},
        ],
        "body_quota": [{"body_name": "国资科", "quota_type": "A1", "amount": 3}],
        "posts": [{"post_level": "body_chief", "number": 2}, {"post_level": "org_deputy", "number": 3}],
    }
    done = adjust_bodies_and_posts(ordered(**form))
    assert done.words == "预算科更名为预算管理科，设立国资科，撤销综合科，核定内设机构正职 2 名、副职 3 名"
    assert sorted(names(cast.bureau)) == ["国资科", "预算管理科"]
    assert list(by_body(cast.bureau.pk, DAY).values()) == [3]
    assert (held(cast.bureau, "body_chief"), held(cast.bureau, "org_deputy")) == (2, 3)
    assert_sound()


def test_a_body_that_is_not_empty_is_not_closed(cast, ordered):
    cast.member(cast.bureau, on=date(2024, 5, 6), internal_body_id=cast.payroll_section.pk)
    with pytest.raises(Refused) as refused:
        adjust_bodies_and_posts(
            ordered(unit=cast.bureau.pk, bodies=[{"act": "close", "body": cast.payroll_section.pk}])
        )
    assert refused.value.codes == ["L1"]


def test_a_body_of_another_unit_is_not_touched(cast, ordered):
    row = {"act": "change", "body": cast.finance_section.pk, "name": "别家的科"}
    with pytest.raises(Refused, match="不属于该单位"):
        adjust_bodies_and_posts(ordered(unit=cast.audit_office.pk, bodies=[row]))
    row = {"body_name": "没有的科", "quota_type": "A1", "amount": 1}
    with pytest.raises(Refused, match="没有内设机构"):
        adjust_bodies_and_posts(ordered(unit=cast.audit_office.pk, body_quota=[row]))


def test_a_provision_lays_down_the_whole_unit(cast, ordered):
    form = {
        "unit": cast.bureau.pk,
        "duties": "主管全区财政",
        "bodies": [
            {"body": cast.finance_section.pk, "name": "预算国库科", "rank": "151"},
            {"name": "采购监管科", "rank": "151", "duties": "政府采购"},
        ],
        "quota": [{"quota_type": "A1", "amount": 12}, {"quota_type": "C1", "amount": 1}],
        "posts": [{"post_level": "org_chief", "number": 1}, {"post_level": "org_deputy", "number": 3}],
    }
    done = lay_down(ordered(**form))
    assert OrganizationVersion.objects.as_of(DAY).get(organization=cast.bureau).duties == "主管全区财政"
    assert sorted(names(cast.bureau)) == ["采购监管科", "预算国库科"], "综合科, which it does not name, ends"
    assert (held(cast.bureau), held(cast.bureau, "C1"), held(cast.bureau, "org_deputy")) == (12, 1, 3)
    assert "撤销综合科" in done.words
    again = lay_down(ordered(**form))
    assert again.entries == (), "laid down twice it changes nothing more"
    assert_sound()


def test_a_provision_keeps_a_body_it_names_by_its_name_alone(cast, ordered):
    rows = [{"name": "预算科"}, {"name": "综合科", "duties": "文秘"}]
    form = {"unit": cast.bureau.pk, "duties": "财政", "bodies": rows}
    lay_down(ordered(**form))
    kept = {version.name: version.body_id for version in bodies(cast.bureau.pk, DAY)}
    assert kept == {"预算科": cast.finance_section.pk, "综合科": cast.payroll_section.pk}

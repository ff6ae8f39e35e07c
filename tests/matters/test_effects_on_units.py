"""What a decided 机构 matter does to the register: 设立, 更名, 调整, 合并, 撤销, 划转, 拆分 (P07)."""

from datetime import date

import pytest

from bianzhi.audit.chain import verify_rows
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.integrity import findings
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.selectors.balances import approved, by_body
from bianzhi.ledger.services import allot_to_body
from bianzhi.matters.effects.order import Order
from bianzhi.matters.effects.reorganizations import abolish_with_everything, hand_over_part, merge_units, split_unit
from bianzhi.matters.effects.units import change_unit, establish_unit, rename_unit
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.organizations.selectors.units import bodies, nameplates
from bianzhi.personnel.models import Movement, Occupancy
from bianzhi.personnel.selectors.quota_use import QuotaUse, quota_use
from tests.cast import PERSONNEL_CHECKS, TODAY

DAY = date(2026, 4, 1)
CHECKS = [*PERSONNEL_CHECKS, "ledger.balance", "ledger.reserves"]


@pytest.fixture
def ordered(cast):
    def make(*, upper=True, **form):
        document = cast.upper_document if upper else cast.document
        return Order(actor=cast.office, form=form, document=document, day=DAY, today=DAY, words="机构改革")

    return make


def use(organization, quota_type="A1"):
    return quota_use([organization.pk], DAY).get((organization.pk, quota_type), QuotaUse())


def is_alive(organization):
    return OrganizationVersion.objects.as_of(DAY).filter(organization=organization).exists()


def version_of(organization):
    return OrganizationVersion.objects.as_of(DAY).get(organization=organization)


def assert_sound():
    assert findings(CHECKS) == []
    assert list(verify_rows()) == []


NEW = {
    "name": "测试区大数据中心",
    "org_type": "80",
    "institution_class": "83",
    "rank": "142",
    "funding_form": "full",
    "duties": "承担公共数据归集",
    "bodies": [{"name": "综合科", "rank": "151"}, {"name": "数据科", "duties": "数据归集"}],
    "quota": [{"quota_type": "B1", "amount": 12}],
    "posts": [{"post_level": "org_chief", "number": 1}, {"post_level": "org_deputy", "number": 2}],
}


def test_a_unit_is_established_with_bodies_quota_and_posts(cast, ordered):
    done = establish_unit(ordered(**NEW, supervising_department=cast.bureau.pk))
    unit = OrganizationVersion.objects.get(name="测试区大数据中心")
    assert done.organization_ids == (unit.organization_id,)
    assert [each.name for each in bodies(unit.organization_id, DAY)] == ["综合科", "数据科"]
    assert unit.supervising_department_id == cast.bureau.pk
    held = approved([unit.organization_id], DAY)
    assert {measure: number for (_, measure), number in held.items()} == {"B1": 12, "org_chief": 1, "org_deputy": 2}
    assert_sound()


def test_a_unit_above_the_threshold_is_not_established_by_the_districts_own_paper(cast, ordered):
    with pytest.raises(Refused) as refused:
        establish_unit(ordered(upper=False, **NEW))
    assert refused.value.codes == ["R10"]


def test_an_institution_is_not_given_administrative_quota(cast, ordered):
    form = NEW | {"quota": [{"quota_type": "A1", "amount": 3}]}
    with pytest.raises(Refused) as refused:
        unit_of_work(establish_unit)(ordered(**form))
    assert refused.value.codes == ["R05"]
    assert not OrganizationVersion.objects.filter(name=NEW["name"]).exists(), "all or nothing"


def test_a_unit_gets_a_new_name_and_a_nameplate(cast, ordered):
    done = rename_unit(ordered(unit=cast.bureau.pk, name="测试区财政和国资局", nameplate="测试区金融办"))
    assert version_of(cast.bureau).name == "测试区财政和国资局"
    assert [plate.name for plate in nameplates(cast.bureau.pk, DAY)] == ["测试区金融办"]
    assert done.words == "更名为“测试区财政和国资局”，加挂“测试区金融办”牌子"


def test_only_a_nameplate_that_is_up_is_taken_down(cast, ordered):
    with pytest.raises(Refused, match="没有加挂牌子"):
        rename_unit(ordered(unit=cast.bureau.pk, nameplate_off="测试区金融办"))
    rename_unit(ordered(unit=cast.bureau.pk, nameplate="测试区金融办"))
    later = ordered(unit=cast.bureau.pk, nameplate_off="测试区金融办")
    with pytest.raises(Refused, match="不能自"):
        rename_unit(later)


def test_what_is_left_blank_of_a_unit_stays_as_it_is(cast, ordered):
    done = change_unit(
        ordered(unit=cast.school.pk, rank="151", institution_class="84", supervising_department=cast.bureau.pk)
    )
    version = version_of(cast.school)
    assert (version.rank, version.org_type, version.institution_class) == ("151", "80", "84")
    assert (version.parent_id, version.supervising_department_id) == (None, cast.bureau.pk)
    assert done.words == "调整性质（类别）、规格、隶属"
    assert_sound()


def test_a_merger_takes_people_to_the_bodies_the_form_names(cast, ordered):
    member = cast.member(cast.bureau, on=date(2024, 5, 6), internal_body_id=cast.finance_section.pk)
    other = cast.member(cast.bureau, on=date(2024, 5, 6))
    form = {
        "sources": [{"unit": cast.bureau.pk}],
        "into": "existing",
        "target": cast.audit_office.pk,
        "bodies": [{"body": cast.finance_section.pk, "to_name": "预算审计科"}],
        "posts": [{"post_level": "org_deputy", "number": 3}],
    }
    done = merge_units(ordered(**form))
    new = {version.name: version.body_id for version in bodies(cast.audit_office.pk, DAY)}
    places = dict(Occupancy.objects.open_ended().values_list("person_id", "internal_body_id"))
    assert places == {member.person_id: new["预算审计科"], other.person_id: None}
    assert use(cast.audit_office) == QuotaUse(14, 2, 0)
    assert approved([cast.audit_office.pk], DAY)[cast.audit_office.pk, "org_deputy"] == 3
    assert not is_alive(cast.bureau)
    assert done.event is not None
    assert done.event.summary == "机构改革"
    assert_sound()


def test_a_merger_founds_the_new_unit_like_the_first_that_ends(cast, ordered):
    form = {
        "sources": [{"unit": cast.bureau.pk}, {"unit": cast.audit_office.pk}],
        "into": "new",
        "new_name": "测试区财审局",
        "duties": "财政和审计",
    }
    merge_units(ordered(**form))
    version = OrganizationVersion.objects.get(name="测试区财审局")
    assert (version.org_type, version.rank, version.duties) == ("31", "141", "财政和审计")
    assert use(version.organization) == QuotaUse(14, 0, 0)
    assert (is_alive(cast.bureau), is_alive(cast.audit_office)) == (False, False)
    assert_sound()


def test_an_abolished_unit_hands_its_people_to_the_receiving_one(cast, ordered):
    cast.member(cast.audit_office, on=date(2024, 5, 6))
    abolish_with_everything(ordered(unit=cast.audit_office.pk, people_go="receive", receiving=cast.bureau.pk))
    assert use(cast.bureau) == QuotaUse(11, 1, 0)
    assert not is_alive(cast.audit_office)
    assert_sound()


def test_people_leave_with_their_unit_whatever_receiving_unit_was_left_in_the_form(cast, ordered):
    cast.member(cast.audit_office, on=date(2024, 5, 6))
    abolish_with_everything(ordered(unit=cast.audit_office.pk, people_go="leave", receiving=cast.bureau.pk))
    assert Movement.objects.filter(mode="O11").count() == 1
    assert not Occupancy.objects.open_ended().exists()
    assert use(cast.bureau) == QuotaUse(10, 0, 0)
    assert_sound()


def test_a_section_goes_over_whole_with_its_people_and_quota(cast, ordered):
    inside = cast.member(cast.bureau, on=date(2024, 5, 6), internal_body_id=cast.finance_section.pk)
    by_name = cast.member(cast.bureau, on=date(2024, 5, 6))
    stays = cast.member(cast.bureau, on=date(2024, 5, 6))
    allot_to_body(
        actor=cast.office, basis=cast.basis(TODAY), organization_id=cast.bureau.pk, body_id=cast.finance_section.pk,
        amounts={"A1": 4},
    )  # fmt: skip
    hand_over_part(
        ordered(
            source=cast.bureau.pk,
            target=cast.audit_office.pk,
            bodies=[{"body": cast.finance_section.pk}],
            people=[{"person": by_name.person_id}],
        )
    )
    assert (use(cast.bureau), use(cast.audit_office)) == (QuotaUse(8, 1, 0), QuotaUse(6, 2, 0))
    assert by_body(cast.bureau.pk, DAY) == {}
    assert [each.name for each in bodies(cast.bureau.pk, DAY)] == ["综合科"]
    (rebuilt,) = bodies(cast.audit_office.pk, DAY)
    assert (rebuilt.name, rebuilt.rank) == ("预算科", "151")
    now = dict(Occupancy.objects.open_ended().values_list("person_id", "internal_body_id"))
    assert now == {inside.person_id: rebuilt.body_id, by_name.person_id: None, stays.person_id: None}
    assert_sound()


def test_quota_written_into_the_form_goes_instead_of_what_goes_with_the_people(cast, ordered):
    person = cast.member(cast.bureau, on=date(2024, 5, 6))
    form = {
        "source": cast.bureau.pk,
        "target": cast.audit_office.pk,
        "people": [{"person": person.person_id}],
        "quota": [{"quota_type": "A1", "amount": 0}],
        "posts": [{"post_level": "org_deputy", "number": 1}],
    }
    hand_over_part(ordered(**form))
    assert (use(cast.bureau), use(cast.audit_office)) == (QuotaUse(10, 0, 0), QuotaUse(4, 1, 0))
    assert approved([cast.audit_office.pk], DAY)[cast.audit_office.pk, "org_deputy"] == 1


def test_a_split_gives_every_numbered_unit_its_share(cast, ordered):
    inside = cast.member(cast.bureau, on=date(2024, 5, 6), internal_body_id=cast.finance_section.pk)
    named = cast.member(cast.bureau, on=date(2024, 5, 6))
    form = {
        "source": cast.bureau.pk,
        "shares": [
            {"number": 1, "new_name": "测试区国资局", "new_rank": "142"},
            {"number": 2, "target": cast.audit_office.pk},
        ],
        "share_bodies": [{"share": 1, "body": cast.finance_section.pk}],
        "share_people": [{"share": 2, "person": named.person_id}],
        "share_quota": [{"share": 1, "quota_type": "A1", "amount": 5}],
        "share_posts": [{"share": 1, "post_level": "org_chief", "number": 1}],
    }
    split_unit(ordered(**form))
    new = OrganizationVersion.objects.get(name="测试区国资局")
    assert (new.org_type, new.rank) == ("31", "142")
    assert (use(new.organization), use(cast.audit_office)) == (QuotaUse(5, 1, 0), QuotaUse(5, 1, 0))
    places = dict(Occupancy.objects.open_ended().values_list("person_id", "organization_id"))
    assert places == {inside.person_id: new.organization_id, named.person_id: cast.audit_office.pk}
    assert not is_alive(cast.bureau)
    assert_sound()

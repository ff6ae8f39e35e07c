"""Persons: registered once, changed by document, revealed on record (R04, R14, R16)."""

from dataclasses import replace
from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Person, PersonChange
from bianzhi.personnel.services.persons import (
    ChangeBasis,
    PersonFacts,
    change_locked_fields,
    change_soft_fields,
    register_person,
    reveal_id_number,
)
from tests.cast import TODAY


@pytest.fixture
def person(cast):
    return register_person(actor=cast.clerk, facts=cast.facts("欧阳𬀩", identity="civil_servant"))


def basis(cast, reason="组织认定"):
    return ChangeBasis(document=cast.document, effective_on=TODAY, reason=reason)


def test_a_person_is_registered_with_what_the_id_number_says(cast):
    facts = cast.facts("测 试", sex="2", born=date(1985, 3, 4))
    person = register_person(actor=cast.clerk, facts=PersonFacts(name=facts.name, id_number=facts.id_number))
    assert (person.name, person.sex, person.born_on) == ("测试", "2", date(1985, 3, 4))
    assert (person.retirement_category, person.name_initials) == ("F55", "cs")
    entry = AuditEntry.objects.get(action="personnel.person_registered")
    assert entry.seals.count() == 1
    assert OutboxMessage.objects.filter(topic="personnel.person_registered").exists()


def test_a_rare_character_survives(person):
    person.refresh_from_db()
    assert person.name == "欧阳𬀩"


def test_an_id_number_is_registered_once(cast, person):
    with pytest.raises(Refused, match="欧阳") as refused:
        register_person(actor=cast.clerk, facts=PersonFacts(name="张三", id_number=person.id_number))
    assert refused.value.codes == ["R04"]


def test_an_unsound_id_number_is_refused(cast):
    with pytest.raises(Refused) as refused:
        register_person(actor=cast.clerk, facts=PersonFacts(name="张三", id_number="330699199005060000"))
    assert refused.value.codes == ["R16"]
    assert not Person.objects.exists()


def test_sex_that_disagrees_with_the_id_number_is_refused(cast):
    with pytest.raises(Refused, match="性别") as refused:
        register_person(actor=cast.clerk, facts=replace(cast.facts(sex="1"), sex="2"))
    assert refused.value.codes == ["R16"]


def test_an_unknown_code_is_refused(cast):
    with pytest.raises(Refused) as refused:
        register_person(actor=cast.clerk, facts=cast.facts(identity="wizard"))
    assert refused.value.codes == ["D1"]


def test_registering_changing_and_revealing_need_their_permissions(cast, person):
    with pytest.raises(Denied):
        register_person(actor=cast.outsider, facts=cast.facts())
    with pytest.raises(Denied):
        change_soft_fields(actor=cast.outsider, today=TODAY, person_id=person.pk, changes={"phone": "1"})
    with pytest.raises(Denied):
        change_locked_fields(actor=cast.outsider, person_id=person.pk, changes={"name": "李四"}, basis=basis(cast))
    with pytest.raises(Denied):
        reveal_id_number(actor=cast.outsider, person_id=person.pk, purpose="核对")


def test_a_locked_field_changes_by_document_and_keeps_its_old_value(cast, person):
    rows = change_locked_fields(
        actor=cast.clerk, person_id=person.pk, changes={"started_work_on": date(2012, 7, 1)}, basis=basis(cast)
    )
    assert [(row.field, row.old_value, row.new_value, row.document) for row in rows] == [
        ("started_work_on", "", "2012-07-01", cast.document)
    ]
    person.refresh_from_db()
    assert person.started_work_on == date(2012, 7, 1)
    entry = AuditEntry.objects.get(action="personnel.person_changed")
    assert set(entry.seals.values_list("kind", flat=True)) == {"personnel.person", "personnel.personchange"}
    assert OutboxMessage.objects.filter(topic="personnel.person_changed", key=person.pk).exists()


def test_a_new_name_is_found_under_its_new_writing(cast, person):
    change_locked_fields(actor=cast.clerk, person_id=person.pk, changes={"name": "单 雄"}, basis=basis(cast))
    person.refresh_from_db()
    assert (person.name, person.name_initials) == ("单雄", "sx")


@pytest.mark.parametrize(
    ("changes", "reason", "code"),
    [
        ({"born_on": date(1980, 1, 1)}, "更正出生日期", "R16"),
        ({"certified_born_on": date(1989, 5, 6)}, "档案认定", "R16"),
        ({"phone": "13900000000"}, "更新电话", "R14"),
        ({"name": "李四"}, " ", "D2"),
        ({"identity": "civil_servant"}, "没有变化", "D2"),
    ],
)
def test_a_change_that_breaks_a_rule_changes_nothing(cast, person, changes, reason, code):
    with pytest.raises(Refused) as refused:
        change_locked_fields(actor=cast.clerk, person_id=person.pk, changes=changes, basis=basis(cast, reason))
    assert code in refused.value.codes
    assert not PersonChange.objects.exists()
    assert Person.objects.get().name == "欧阳𬀩"


def test_a_certified_birth_passes_when_the_file_is_certified(cast, person):
    change_locked_fields(
        actor=cast.clerk, person_id=person.pk, basis=basis(cast),
        changes={"certified_born_on": date(1989, 5, 6), "identity_certified": True},
    )  # fmt: skip
    assert PersonChange.objects.count() == 2


def test_soft_fields_change_without_a_document_and_locked_ones_do_not(cast, person):
    rows = change_soft_fields(actor=cast.clerk, today=TODAY, person_id=person.pk, changes={"politics": "01"})
    assert [(row.field, row.new_value, row.document) for row in rows] == [("politics", "01", None)]
    assert change_soft_fields(actor=cast.clerk, today=TODAY, person_id=person.pk, changes={"politics": "01"}) == []
    with pytest.raises(Refused, match="身份证号") as refused:
        change_soft_fields(actor=cast.clerk, today=TODAY, person_id=person.pk, changes={"id_number": "1"})
    assert refused.value.codes == ["R14"]
    with pytest.raises(Refused) as refused:
        change_soft_fields(actor=cast.clerk, today=TODAY, person_id=person.pk, changes={"politics": "77"})
    assert refused.value.codes == ["D1"]


def test_whoever_looks_at_a_whole_id_number_is_on_record_with_the_purpose(cast, person):
    assert reveal_id_number(actor=cast.clerk, person_id=person.pk, purpose="核对工资") == person.id_number
    entry = AuditEntry.objects.get(action="personnel.id_revealed")
    assert "核对工资" in entry.facts
    assert person.id_number not in entry.facts
    with pytest.raises(Refused, match="用途"):
        reveal_id_number(actor=cast.clerk, person_id=person.pk, purpose="")

"""Flows drafted, published and retired; what is wrong with one is said before anybody depends on it."""

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit import chain
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.objections import Refused
from bianzhi.workflow import registries
from bianzhi.workflow.models import FlowDefinition, FlowVersion, VersionStatus
from bianzhi.workflow.rules.profile import Seat
from bianzhi.workflow.rules.writing import write
from bianzhi.workflow.selectors import definitions as selectors
from bianzhi.workflow.services.definitions import create_definition, publish, retire, save_draft
from tests.accounts.people import account
from tests.workflow.language.drawing import draw, line, node, submit, user

pytestmark = pytest.mark.django_db
ADMIN = System("测试")
SOUND = write(line(submit(), user("review")))


def defined(key: str = "tests_plain") -> FlowDefinition:
    return create_definition(actor=ADMIN, key=key, title="测试流程", subject_kind="tests.case")


def drafted(definition: FlowDefinition, xml: str = SOUND) -> FlowVersion:
    return save_draft(actor=ADMIN, definition_id=definition.pk, xml=xml, note="改一处")


def published(key: str, xml: str = SOUND) -> FlowVersion:
    definition = FlowDefinition.objects.filter(key=key).first() or defined(key)
    return publish(actor=ADMIN, version_id=drafted(definition, xml).pk)


def calling(key: str) -> str:
    return write(line(submit(), node("call", "call", called=key)))


# --- drafting ----------------------------------------------------------------------------------------------------


def test_a_flow_is_named_once_for_ever():
    definition = defined()
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert (entry.action, entry.subject_id) == ("workflow.definition_created", str(definition.pk))
    with pytest.raises(Refused) as refused:
        defined()
    assert refused.value.codes == ["D2"]
    assert "已经有了" in str(refused.value)


@pytest.mark.parametrize(
    ("key", "title", "codes"),
    [
        ("Tests", "x", ["D2"]),
        ("1st", "x", ["D2"]),
        ("a" * 41, "x", ["D2"]),
        ("tests_x", "  ", ["D1"]),
        ("tests_x", "长" * 81, ["D2"]),
    ],
)
def test_a_flow_with_an_impossible_name_is_refused(key, title, codes):
    with pytest.raises(Refused) as refused:
        create_definition(actor=ADMIN, key=key, title=title, subject_kind="tests.case")
    assert refused.value.codes == codes


def test_one_draft_is_kept_and_saved_over():
    definition = defined()
    first = drafted(definition)
    assert (first.number, first.status, first.digest) == (1, VersionStatus.DRAFT, sm3_hex(SOUND))
    unfinished = write(draw([user("lost")], "start > end"))
    second = drafted(definition, unfinished)
    assert second.pk == first.pk
    assert selectors.draft_of(definition) == second
    assert FlowVersion.objects.get().bpmn_xml == unfinished
    publish(actor=ADMIN, version_id=drafted(definition).pk)
    assert drafted(definition).number == 2


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ("不是 XML", "F01"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "F02"),
        ("<html/>", "F03"),
    ],
)
def test_a_draft_that_could_not_be_opened_again_is_refused(xml, code):
    with pytest.raises(Refused) as refused:
        drafted(defined(), xml)
    assert refused.value.codes == [code]
    assert not FlowVersion.objects.exists()


def test_an_overlong_note_is_refused():
    with pytest.raises(Refused) as refused:
        save_draft(actor=ADMIN, definition_id=defined().pk, xml=SOUND, note="长" * 301)
    assert refused.value.codes == ["D2"]


# --- publishing --------------------------------------------------------------------------------------------------


def test_what_is_published_is_what_new_cases_take():
    assert selectors.current("tests_plain") is None
    first = published("tests_plain")
    assert selectors.current("tests_plain") == first
    assert first.published_at is not None
    entry = AuditEntry.objects.first()
    assert entry is not None
    assert entry.action == "workflow.published"
    news = OutboxMessage.objects.get(topic="workflow.published")
    assert news.payload == {"key": "tests_plain", "number": 1}
    second = published("tests_plain", write(line(submit(), user("review"), user("again"))))
    assert selectors.current("tests_plain") == second
    assert "again" in selectors.process_of(second).nodes
    assert "again" not in selectors.process_of(first).nodes
    assert list(chain.verify_rows()) == []


def test_every_flaw_of_a_draft_is_an_objection_to_publishing_it():
    wrong = draw([user("a", Seat(role="king")), node("s", "service"), user("lost")], "start > a", "a > s", "s > end")
    draft = drafted(defined(), write(wrong))
    with pytest.raises(Refused) as refused:
        publish(actor=ADMIN, version_id=draft.pk)
    named = {(objection.figures["element"], objection.code) for objection in refused.value.objections}
    assert named == {("a", "F27"), ("s", "F34"), ("lost", "F14"), ("lost", "F15")}
    assert "“a”：没有角色“king”" in str(refused.value)
    draft.refresh_from_db()
    assert draft.status == VersionStatus.DRAFT


def test_accounts_and_called_flows_are_looked_up():
    published("tests_called")
    account("lina")
    known = write(line(user("a", Seat(user="lina")), node("c", "call", called="tests_called")))
    assert published("tests_one", known).status == VersionStatus.PUBLISHED
    unknown = write(line(user("a", Seat(user="wang")), node("c", "call", called="tests_nowhere")))
    with pytest.raises(Refused) as refused:
        published("tests_two", unknown)
    assert sorted(refused.value.codes) == ["F26", "F35"]


def test_flows_that_call_each_other_in_a_circle_are_refused():
    published("tests_inner")
    published("tests_outer", calling("tests_inner"))
    with pytest.raises(Refused) as refused:
        published("tests_inner", calling("tests_outer"))
    assert refused.value.codes == ["F35"]
    assert "没有尽头" in str(refused.value)
    with pytest.raises(Refused):
        published("tests_inner", calling("tests_inner"))


def test_a_version_is_published_once():
    version = published("tests_plain")
    with pytest.raises(Refused) as refused:
        publish(actor=ADMIN, version_id=version.pk)
    assert refused.value.codes == ["D2"]


# --- retiring ----------------------------------------------------------------------------------------------------


def test_a_retired_version_gives_way_to_the_one_before_it():
    first, second = published("tests_plain"), published("tests_plain")
    retire(actor=ADMIN, version_id=second.pk)
    assert selectors.current("tests_plain") == first
    retire(actor=ADMIN, version_id=first.pk)
    assert selectors.current("tests_plain") is None
    assert [each.key for each in selectors.published()] == []
    with pytest.raises(Refused) as refused:
        retire(actor=ADMIN, version_id=first.pk)
    assert refused.value.codes == ["D2"]


def test_the_last_version_of_a_flow_that_others_call_stays():
    called = published("tests_called")
    caller = published("tests_caller", calling("tests_called"))
    with pytest.raises(Refused) as refused:
        retire(actor=ADMIN, version_id=called.pk)
    assert refused.value.codes == ["F35"]
    assert "测试流程 第 1 版" in str(refused.value)
    newer = published("tests_called")
    retire(actor=ADMIN, version_id=newer.pk)
    retire(actor=ADMIN, version_id=caller.pk)
    assert retire(actor=ADMIN, version_id=called.pk).status == VersionStatus.RETIRED


# --- who, and reading --------------------------------------------------------------------------------------------


def test_only_who_may_configure_matters_keeps_flows():
    clerk = account("clerk", "office_clerk")
    definition = defined()
    draft = drafted(definition)
    with pytest.raises(Denied):
        create_definition(actor=clerk, key="tests_x", title="x", subject_kind="y")
    with pytest.raises(Denied):
        save_draft(actor=clerk, definition_id=definition.pk, xml=SOUND)
    with pytest.raises(Denied):
        publish(actor=clerk, version_id=draft.pk)
    with pytest.raises(Denied):
        retire(actor=clerk, version_id=draft.pk)


def test_a_version_is_parsed_once_for_each_content(monkeypatch):
    version = published("tests_plain", write(line(submit(), user("only_once"))))
    process = selectors.process_of(version)
    monkeypatch.setattr(selectors, "read", None)
    assert selectors.process_of(FlowVersion.objects.get(pk=version.pk)) is process


def test_the_parsed_versions_kept_at_hand_are_limited(monkeypatch):
    monkeypatch.setattr(selectors, "KEPT", 2)
    monkeypatch.setattr(selectors, "_parsed", type(selectors._parsed)())
    for number in range(4):
        selectors.process_of(FlowVersion(bpmn_xml=SOUND, digest=str(number)))
    assert len(selectors._parsed) == 2


def test_a_version_whose_text_is_ruined_says_so():
    with pytest.raises(selectors.Unreadable):
        selectors.process_of(FlowVersion(pk=7, bpmn_xml="<", digest="ruined"))


def test_a_version_is_a_list_only_when_the_list_would_lose_nothing_of_it():
    plain = published("tests_plain")
    whole = selectors.list_of(plain)
    assert whole is not None
    assert [step.id for step in whole.steps] == ["apply", "review"]
    timed = SOUND.replace("</bpmn:userTask>", "<bpmn:standardLoopCharacteristics/></bpmn:userTask>")
    assert selectors.list_of(drafted(defined("tests_timed"), timed)) is None


def test_the_names_a_definition_may_use_are_those_of_this_installation():
    published("tests_plain")
    account("lina")
    known = selectors.known()
    assert "office_director" in known.roles
    assert set(known.commands) == set(registries.commands())
    assert known.flows is not None
    assert "tests_plain" in known.flows
    assert known.users is not None
    assert "lina" in known.users
    assert selectors.known_without_database().flows is None

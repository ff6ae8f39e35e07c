"""Recognised changes: from a run or a message to the case that registers them, and to what the register then shows."""

from __future__ import annotations

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services.parameters import set_parameter
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.exchange.models import Change, ChangeKind, ChangeState, Finding, Message
from bianzhi.exchange.rules.actions import Action
from bianzhi.exchange.services.changes import dismiss_change, open_change_case, take_message_change
from bianzhi.exchange.services.confirming import _basis, confirm_exactly
from bianzhi.exchange.services.following import follow_case, follow_register
from bianzhi.exchange.services.mending import open_case
from bianzhi.kernel.objections import Refused
from bianzhi.matters import files
from bianzhi.matters.models import Case
from bianzhi.matters.rules.evidence import asked_for, evidence_from_json
from bianzhi.matters.services.attachments import attach
from bianzhi.matters.services.drafting import discard_case, save_draft, token_of
from bianzhi.matters.services.submitting import submit_case
from bianzhi.workflow.services.interventions import terminate
from tests.cast import TODAY
from tests.exchange.hub import HUB
from tests.matters.staffing import finished
from tests.small_papers import small_pdf

pytestmark = pytest.mark.django_db

MATTERS = ("P03", "P04", "P05", "P11")
GATE = System("接口·人社")
DOCUMENT = {
    "doc_no": "虞人社〔2026〕12号", "title": "退休批复", "issuer": "测试区人社局", "issuer_level": "other",
    "kind": "reply", "issued_on": "2026-02-20",
}  # fmt: skip


@pytest.fixture
def member(hub):
    return hub.cast.member(hub.cast.bureau, on=date(2026, 1, 5))


@pytest.fixture
def message(hub):
    """A message of 人社局: message("EXIT_DECIDED", name=…, id_number=…)."""

    def send(kind="EXIT_DECIDED", number="1", department="hr", **payload):
        return Message.objects.create(
            source=hub.sources[department], message_id=number, seq=1, kind=kind, sha256="", payload=payload
        )

    return send


def told(member, **more):
    return {"name": member.person.name, "id_number": member.person.id_number, "unit": "测试区财政局", **more}


def take(message):
    message.change = take_message_change(actor=GATE, message=message, today=TODAY)
    message.save(update_fields=["change"])
    return message.change


def opened(hub, change):
    return open_change_case(actor=hub.people.office_clerk, change_id=change.pk, today=TODAY)


# --- messages ------------------------------------------------------------------------------------------------------


def test_an_exit_that_was_decided_is_a_candidate_and_changes_no_register(hub, member, message):
    change = take(message(**told(member, event_on="2026-02-10", mode="退休")))
    assert (change.kind, change.state, change.person) == (ChangeKind.EXIT, ChangeState.CANDIDATE, member.person)
    assert (change.from_organization, change.happened_on) == (hub.cast.bureau, date(2026, 2, 10))
    assert (change.confidence, change.sources) == (1.0, ["hr"])
    member.refresh_from_db()
    assert member.valid_to is None
    assert AuditEntry.objects.filter(action="exchange.change_taken").count() == 1
    assert OutboxMessage.objects.filter(topic="exchange.change_taken").count() == 1


def test_the_same_message_twice_is_one_change(hub, member, message):
    sent = message(**told(member))
    assert take(sent) == take(sent)
    assert Change.objects.count() == 1


def test_a_name_that_is_not_the_numbers_is_no_exact_match(hub, member, message):
    change = take(message(**{**told(member), "name": "另有其人"}))
    assert (change.person, change.confidence) == (None, 0.9)


def test_a_hire_into_a_known_unit_is_exact(hub, message):
    facts = hub.cast.facts("新来的")
    change = take(message("HIRE_DECIDED", name="新来的", id_number=facts.id_number, unit_code="T001"))
    assert (change.kind, change.to_organization, change.confidence) == (ChangeKind.HIRE, hub.cast.bureau, 1.0)


def test_a_salary_needs_no_case(hub, member, message):
    change = take(message("SALARY_SET", **told(member, amount="5200")))
    assert (change.kind, change.state) == (ChangeKind.SALARY, ChangeState.REGISTERED)


@pytest.mark.parametrize(
    ("kind", "payload", "code"),
    [
        ("EXIT_DECIDED", {"id_number": "330699199005060012", "name": " "}, "X42"),
        ("EXIT_DECIDED", {"name": "甲某", "id_number": "33069919900506"}, "X42"),
        ("EXIT_DECIDED", {"event_on": "二月"}, "X42"),
        ("FIRED", {}, "X41"),
    ],
)
def test_what_cannot_be_read_is_refused_and_kept_nowhere(hub, member, message, kind, payload, code):
    with pytest.raises(Refused) as refused:
        take(message(kind, **{**told(member), **payload}))
    assert set(refused.value.codes) == {code}
    assert not Change.objects.exists()


def test_a_message_strengthens_what_a_run_has_seen(hub, member, message):
    event = hub.event("exit", member.person.name, id_number=member.person.id_number, lane="waiting", confidence=0.5)
    hub.run("2026-02", events=[event])
    change = take(message(**told(member, event_on="2026-02-10")))
    assert Change.objects.get() == change
    assert (change.state, change.confidence) == (ChangeState.CANDIDATE, 1.0)
    assert change.sources == ["establishment", "hr"]


def test_a_run_joins_what_a_message_has_told(hub, member, message):
    take(message(**told(member, event_on="2026-02-10")))
    event = hub.event(
        "exit", member.person.name, id_number=member.person.id_number, sources=",finance,", confidence=0.6
    )
    run = hub.run("2026-02", events=[event])
    change = Change.objects.get()
    assert (change.run, change.state, change.confidence) == (run, ChangeState.CANDIDATE, 1.0)
    assert (change.sources, change.happened_on) == (["finance", "hr"], date(2026, 2, 10))


@pytest.fixture
def leaving(hub, member):
    """The event of a run about the exit that the messages of these tests tell of."""
    return hub.event("exit", member.person.name, id_number=member.person.id_number, sources=",finance,", lane="waiting",
                     confidence=0.5, happened_on="2026-02-01", evidence={"mode": "调出"})  # fmt: skip


def as_told(change):
    """What a message has told of a change, and how it stands with it."""
    change = Change.objects.get(pk=change.pk)
    said = (change.evidence["mode"], change.evidence["document"], change.happened_on, change.sources)
    return (change.state, change.confidence, *said)


AS_TOLD = (ChangeState.CANDIDATE, 1.0, "退休", DOCUMENT, date(2026, 2, 10), ["finance", "hr"])


@pytest.mark.parametrize("again", [1, 2])
def test_a_month_compared_again_keeps_what_a_message_had_told_before(hub, member, message, leaving, again):
    change = take(message(**told(member, event_on="2026-02-10", mode="退休", document=DOCUMENT)))
    for _ in range(1 + again):
        run = hub.run("2026-02", events=[leaving])
        assert as_told(change) == AS_TOLD
        assert Change.objects.get().run == run


@pytest.mark.parametrize("again", [1, 2])
def test_a_month_compared_again_keeps_what_a_message_told_after_the_first_run(hub, member, message, leaving, again):
    hub.run("2026-02", events=[leaving])
    change = take(message(**told(member, event_on="2026-02-10", mode="退休", document=DOCUMENT)))
    for _ in range(again):
        hub.run("2026-02", events=[leaving])
        assert as_told(change) == AS_TOLD
    assert Change.objects.get() == change


@pytest.mark.parametrize("is_told_first", [True, False])
def test_what_a_message_told_outlasts_a_run_that_no_longer_sees_it(hub, member, message, leaving, is_told_first):
    sent = message(**told(member, event_on="2026-02-10", mode="退休", document=DOCUMENT))
    change = take(sent) if is_told_first else None
    hub.run("2026-02", events=[leaving])
    change = change or take(sent)
    hub.run("2026-02", events=[])
    assert as_told(change) == AS_TOLD
    hub.run("2026-02", events=[leaving])
    assert as_told(change) == AS_TOLD
    assert Change.objects.count() == 1


def test_what_was_decided_of_a_message_is_not_asked_anew_by_the_next_run(hub, matters, member, message, leaving):
    change = take(message(**told(member, event_on="2026-02-10")))
    hub.run("2026-02", events=[leaving])
    opened(hub, change)
    hub.run("2026-02", events=[leaving])
    assert Change.objects.get().state == ChangeState.CASE


def test_a_dismissal_by_an_official_outlasts_the_next_run(hub, member, message, leaving):
    change = take(message(**told(member, event_on="2026-02-10")))
    hub.run("2026-02", events=[leaving])
    dismiss_change(actor=hub.people.office_clerk, change_id=change.pk, reason="人社局已撤回该决定")
    hub.run("2026-02", events=[leaving])
    assert Change.objects.get().state == ChangeState.DISMISSED


# --- cases ---------------------------------------------------------------------------------------------------------


def test_an_exit_becomes_a_draft_of_the_unit(hub, matters, member, message):
    change = take(message(**told(member, event_on="2026-02-10", mode="退休", document=DOCUMENT)))
    case = opened(hub, change)
    assert (case.matter, case.organization, case.applicant) == ("P05", hub.cast.bureau, hub.people.clerk)
    told_ = {name: case.form[name] for name in ("person", "exit_mode", "event_on")}
    assert told_ == {"person": member.person_id, "exit_mode": "O01", "event_on": "2026-02-10"}
    assert case.form["document"]["doc_no"] == "虞人社〔2026〕12号"
    assert "人社局" in case.form["reason"]
    change.refresh_from_db()
    assert (change.state, change.case, change.decided_by) == (ChangeState.CASE, case, hub.people.office_clerk)


def test_a_hire_takes_the_slot_it_names(hub, matters, message):
    slots = hub.cast.approve(hub.cast.bureau, count=2).slots
    facts = hub.cast.facts("新来的")
    sent = message("HIRE_DECIDED", name="新来的", id_number=facts.id_number, unit="测试区财政局", slot=slots[1].number,
                   effective_on="2026-02-25")  # fmt: skip
    case = opened(hub, take(sent))
    assert case.matter == "P03"
    assert (case.form["slot"], case.form["entry_mode"]) == (slots[1].pk, slots[1].entry_mode)
    assert case.form["arrived_on"] == "2026-02-25"


def test_a_transfer_is_one_case_by_the_unit_that_takes(hub, matters, member):
    event = hub.event("transfer", member.person.name, id_number=member.person.id_number, from_unit="测试区财政局",
                      to_unit="测试区审计局")  # fmt: skip
    hub.run("2026-02", events=[event])
    case = opened(hub, Change.objects.get())
    assert (case.matter, case.organization, case.counterpart) == ("P04", hub.cast.audit_office, hub.cast.bureau)
    assert (case.form["direction"], case.form["person_there"], case.form["place"]) == ("in", member.person_id, "anew")


def test_an_attribute_becomes_a_change_of_the_locked_field(hub, matters, member):
    changed = {"field": "birth", "old": "1990-05-06", "new": "19900507"}
    events = [
        hub.event("attribute", member.person.name, id_number=member.person.id_number, evidence=changed),
        hub.event("attribute", "别人", key="q", id_number=member.person.id_number, evidence={"field": "funding"}),
    ]
    hub.run("2026-02", events=events)
    case = opened(hub, Change.objects.get(person_name=member.person.name))
    assert (case.matter, case.form["new_born_on"]) == ("P11", "1990-05-07")
    with pytest.raises(Refused) as refused:
        opened(hub, Change.objects.get(person_name="别人"))
    assert refused.value.codes == ["X31"]


@pytest.mark.parametrize(("kind", "code"), [("hire", "X33"), ("exit", "X32")])
def test_without_a_unit_or_a_person_there_is_no_case(hub, matters, kind, code):
    hub.run("2026-02", events=[hub.event(kind, "无人知晓")])
    with pytest.raises(Refused) as refused:
        opened(hub, Change.objects.get())
    assert refused.value.codes == [code]
    assert not Case.objects.exists()


def test_whoever_has_left_the_register_cannot_leave_it_again(hub, matters, member, message):
    change = take(message(**told(member)))
    hub.cast.leave(member, on=date(2026, 2, 2), today=date(2026, 2, 2))
    with pytest.raises(Refused, match="已不在编") as refused:
        opened(hub, change)
    assert refused.value.codes == ["X36"]


def test_one_case_for_a_change(hub, matters, member, message):
    change = take(message(**told(member)))
    opened(hub, change)
    with pytest.raises(Refused, match="办理中") as refused:
        opened(hub, change)
    assert refused.value.codes == ["X35"]


def test_what_is_not_taken_up_says_why(hub, member, message):
    change = take(message(**told(member)))
    with pytest.raises(Refused):
        dismiss_change(actor=hub.people.office_clerk, change_id=change.pk, reason="")
    with pytest.raises(Denied):
        dismiss_change(actor=hub.people.clerk, change_id=change.pk, reason="不认可")
    change = dismiss_change(actor=hub.people.office_clerk, change_id=change.pk, reason="人社局已撤回该决定")
    assert (change.state, change.reason) == (ChangeState.DISMISSED, "人社局已撤回该决定")


# --- what becomes of them ------------------------------------------------------------------------------------------


def test_registered_directly_the_change_is_done_and_the_finding_says_so(hub, member, message):
    hub.run("2026-02", findings=[hub.finding(member, "retired_listed")])
    change = take(message(**told(member)))
    hub.news()
    hub.cast.leave(member, "O01", on=TODAY)
    hub.today = date(2026, 3, 3)
    follow_register(actor=HUB, person_ids=[member.person_id], today=date(2026, 4, 1))
    change.refresh_from_db()
    assert (change.state, change.reason) == (ChangeState.REGISTERED, "登记中已出编")
    assert OutboxMessage.objects.filter(topic="exchange.change_registered", key=str(change.pk)).count() == 1
    finding = Finding.objects.get()
    assert finding.steps.latest("pk").action == Action.CASE_ENDED
    assert follow_register(actor=HUB, person_ids=[member.person_id], today=date(2026, 4, 1)) == []


def test_a_new_person_is_found_by_the_number_once_registered(hub, message):
    facts = hub.cast.facts("新来的")
    change = take(message("HIRE_DECIDED", name="新来的", id_number=facts.id_number, unit_code="T001"))
    entered = hub.cast.member(hub.cast.bureau, facts=facts)
    hub.news()
    change.refresh_from_db()
    assert (change.state, change.person) == (ChangeState.REGISTERED, entered.person)


def test_a_case_that_ended_well_registers_the_change_and_one_withdrawn_opens_it_again(hub, matters, member, message):
    change = take(message(**told(member, event_on="2026-03-02", mode="退休", document=DOCUMENT)))
    case = sent_in(hub, change)
    people = hub.people
    people.pass_on(case, people.head, people.office_clerk)
    hub.news()
    change.refresh_from_db()
    assert change.state == ChangeState.CASE
    assert follow_case(actor=HUB, case_id=case.pk, today=TODAY) == []
    people.pass_on(case, people.deputy, people.director)
    finished(people, case)
    hub.news()
    change.refresh_from_db()
    assert change.state == ChangeState.REGISTERED


def test_a_case_that_came_to_nothing_leaves_the_change_open(hub, matters, member, message):
    change = take(message(**told(member, event_on="2026-03-02", mode="退休", document=DOCUMENT)))
    case = sent_in(hub, change)
    stopped(hub, case)
    hub.news()
    change.refresh_from_db()
    assert change.state == ChangeState.CANDIDATE
    assert str(case.number) in change.reason
    assert opened(hub, change) != case


def test_a_draft_set_aside_leaves_the_change_open_and_the_finding_says_so(hub, matters, member, message):
    change = take(message(**told(member, event_on="2026-03-02", mode="退休", document=DOCUMENT)))
    case = opened(hub, change)
    hub.run("2026-02", findings=[hub.finding(member, "id_conflict", "review")])
    finding = Finding.objects.get()
    mending = open_case(actor=hub.people.office_clerk, finding_id=finding.pk, today=TODAY)
    for draft in (case, mending):
        discard_case(actor=draft.applicant, case_id=draft.pk, today=TODAY)
    hub.news()
    change.refresh_from_db()
    assert (change.state, change.reason) == (ChangeState.CANDIDATE, f"草稿 {case.pk} 已废弃")
    assert opened(hub, change) != case
    ended = finding.steps.filter(action=Action.CASE_ENDED)
    assert [step.text for step in ended] == [f"草稿 {mending.pk} 已废弃，未办成"]


def test_a_finding_hears_of_the_end_of_its_case_once(hub, matters, member):
    hub.run("2026-02", findings=[hub.finding(member, "id_conflict", "review")])
    finding = Finding.objects.get()
    case = open_case(actor=hub.people.office_clerk, finding_id=finding.pk, today=TODAY)
    case = complete_form(hub, case, new_name="改名了", reason="户口簿", document=DOCUMENT)
    stopped(hub, case)
    hub.news()
    follow_case(actor=HUB, case_id=case.pk, today=TODAY)
    ended = finding.steps.filter(action=Action.CASE_ENDED)
    assert [step.text for step in ended] == [f"{case.number} 已终止，未办成"]


# --- by itself -----------------------------------------------------------------------------------------------------


@pytest.fixture
def enabled():
    set_parameter(actor=System("测试"), key="exchange.auto_confirm", text="1", basis="编委会议纪要〔2026〕1号")


EXIT = {"event_on": "2026-03-02", "mode": "退休", "document": DOCUMENT, "papers": ["退休审批表复印件"]}


def test_nothing_is_sent_in_by_itself_unless_the_office_has_enabled_it(hub, matters, member, message):
    change = take(message(**told(member, **EXIT)))
    hub.news()
    assert confirm_exactly(actor=HUB, change_id=change.pk, today=TODAY) is None
    assert not Case.objects.exists()


def test_an_exact_exit_is_sent_in_with_its_basis(hub, matters, member, message, enabled):
    take(message(**told(member, **EXIT)))
    hub.news()
    case = Case.objects.get()
    assert case.number is not None
    assert case.applicant == hub.people.clerk
    assert case.instance is not None
    assert case.instance.is_live, "people still decide"
    attached = case.attachments.get()
    assert (attached.evidence, attached.name) == ("退休审批表复印件", "退休审批表复印件（部门数据）.txt")
    basis = files.read(attached.sha256).decode()
    assert "形式：退休" in basis
    assert "部门所存材料：退休审批表复印件" in basis
    assert member.person.id_number not in basis
    assert AuditEntry.objects.get(action="matters.submitted").actor_name == "系统·数据核对"
    assert Change.objects.get().state == ChangeState.CASE


def test_the_basis_of_a_changed_number_shows_neither_of_them():
    evidence = {"field": "id_number", "old": "330699199001011233", "new": "330699199001011241", "rows": [{"row": 2}]}
    basis = _basis(Change(kind="attribute", person_name="张三", period="2026-02", evidence=evidence)).decode()
    assert "原值：330699" in basis
    assert "19900101" not in basis
    assert "row" not in basis


def test_an_inexact_one_waits_for_a_person(hub, matters, member, message, enabled):
    take(message(**{**told(member, **EXIT), "name": "另有其人"}))
    hub.news()
    assert not Case.objects.exists()


def test_what_lacks_a_paper_stays_a_draft_and_says_so(hub, matters, member, message, enabled):
    take(message(**told(member, **{**EXIT, "papers": []})))
    hub.news()
    case = Case.objects.get()
    assert (case.number, case.instance) == (None, None)
    assert Change.objects.get().reason.startswith("未能自动提交，已转单位补充")


# --- steps of the unit ---------------------------------------------------------------------------------------------


def complete_form(hub, case, **form):
    """The clerk adds what is missing, puts the papers to it and sends it in."""
    clerk = hub.people.clerk
    whole = {**case.form, **form}
    case = save_draft(actor=clerk, case_id=case.pk, form=whole, saved_at=token_of(case), today=TODAY).case
    for spec in asked_for(evidence_from_json(case.version.evidence), whole):
        attach(actor=clerk, case_id=case.pk, name="p.pdf", data=small_pdf("p"), evidence=spec.code, today=TODAY)
    return submit_case(actor=clerk, case_id=case.pk, today=TODAY).case


def sent_in(hub, change):
    return complete_form(hub, opened(hub, change))


def stopped(hub, case):
    """The director ends the case before it was decided."""
    terminate(actor=hub.people.director, instance_id=case.instance_id, text="单位撤回", today=TODAY)

"""What a run found, month after month: new, the same, changed, gone, and back again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.exchange.models import (
    AliasState,
    Change,
    ChangeState,
    Finding,
    FindingState,
    IdentityEvent,
    LinkReview,
    ReviewState,
    RunState,
    UnitAlias,
)
from bianzhi.exchange.rules.actions import Action
from bianzhi.exchange.selectors.integrity import nobody_confirms_alone
from bianzhi.exchange.services.findings import assign_finding, propose_finding, settle_finding
from bianzhi.exchange.services.links import decide_link
from bianzhi.exchange.services.mending import register_problem
from bianzhi.exchange.services.runs import cancel_run, note_running, start_run
from bianzhi.kernel.objections import Refused
from tests.cast import TODAY
from tests.exchange.hub import HUB

pytestmark = pytest.mark.django_db


@pytest.fixture
def member(hub):
    return hub.cast.member(hub.cast.bureau)


def dismissed(hub, finding):
    propose_finding(actor=hub.people.office_clerk, finding_id=finding.pk, verdict="dismiss", reason="双方账不同期")
    settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)


def confirmed(hub, finding):
    propose_finding(actor=hub.people.office_clerk, finding_id=finding.pk, verdict="confirm", reason="属实")
    settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)


def assigned(hub, finding):
    assignee = hub.people.liaison_finance.pk
    assign_finding(
        actor=hub.people.office_clerk, finding_id=finding.pk, assignee_id=assignee, due_on=TODAY, today=TODAY
    )


def test_a_new_finding_knows_its_person_its_unit_and_its_month(hub, member):
    run = hub.run("2026-01", findings=[hub.finding(member, unit="测试区财政局")])
    finding = Finding.objects.get()
    assert (finding.person, finding.organization) == (member.person, hub.cast.bureau)
    assert (finding.first_period, finding.last_period, finding.found_on) == ("2026-01", "2026-01", TODAY)
    assert (finding.owner, finding.lane, finding.state) == ("finance", "accuse", FindingState.OPEN)
    assert list(finding.steps.values_list("action", "run")) == [(Action.FOUND, run.pk)]
    assert run.counts["findings"] == {"new": 1, "same": 0, "changed": 0, "gone": 0}
    assert run.counts["kinds"] == {"ghost_payroll": 1}


def test_a_number_that_is_another_persons_matches_nobody(hub, member):
    other = hub.cast.member(hub.cast.bureau)
    row = hub.row(member, "finance", id_number=other.person.id_number)
    hub.run("2026-01", findings=[hub.finding(member, rows=[row])])
    assert Finding.objects.get().person is None


def test_found_again_it_is_the_same_finding_of_another_month(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    later = hub.finding(member, rows=[hub.row(member, "finance", delivery="e" * 64, row=77)])
    run = hub.run("2026-02", findings=[later])
    finding = Finding.objects.get()
    assert (finding.first_period, finding.last_period, finding.last_run) == ("2026-01", "2026-02", run)
    assert run.counts["findings"]["same"] == 1
    assert finding.steps.count() == 1


def test_gone_it_is_closed_with_the_day_and_a_line(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    run = hub.run("2026-02", findings=[])
    finding = Finding.objects.get()
    assert (finding.state, finding.closed_on) == (FindingState.CLOSED, TODAY)
    assert list(finding.steps.values_list("action", "run_id"))[-1] == (Action.GONE, run.pk)


def test_gone_and_back_it_is_open_again(hub, member):
    for period, found in (("2026-01", True), ("2026-02", False), ("2026-03", True)):
        hub.run(period, findings=[hub.finding(member)] if found else [])
    finding = Finding.objects.get()
    assert (finding.state, finding.closed_on, finding.first_period) == (FindingState.OPEN, None, "2026-01")
    assert list(finding.steps.values_list("action", flat=True)) == [Action.FOUND, Action.GONE, Action.REOPENED]


def test_a_dismissed_one_with_the_same_evidence_stays_dismissed(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    dismissed(hub, Finding.objects.get())
    hub.run("2026-02", findings=[hub.finding(member, rows=[hub.row(member, "finance", delivery="f" * 64, row=9)])])
    finding = Finding.objects.get()
    assert (finding.state, finding.last_period) == (FindingState.DISMISSED, "2026-02")


def test_other_evidence_opens_a_dismissed_one_again(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    dismissed(hub, Finding.objects.get())
    hub.run("2026-02", findings=[hub.finding(member, rows=[hub.row(member, "finance", pay="9000")])])
    finding = Finding.objects.get()
    assert (finding.state, finding.closed_on, finding.proposed_by) == (FindingState.OPEN, None, None)
    assert finding.steps.latest("pk").action == Action.REOPENED


def test_back_again_it_is_in_nobodys_hands_and_without_a_day(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    assigned(hub, Finding.objects.get())
    hub.run("2026-02", findings=[])
    hub.run("2026-03", findings=[hub.finding(member)])
    finding = Finding.objects.get()
    assert (finding.state, finding.assignee, finding.due_on) == (FindingState.OPEN, None, None)


def test_other_evidence_leaves_it_with_whoever_looks_into_it(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    assigned(hub, Finding.objects.get())
    hub.run("2026-02", findings=[hub.finding(member, facts={"paid": 2, "listed": 0})])
    finding = Finding.objects.get()
    assert (finding.state, finding.assignee, finding.due_on) == (
        FindingState.ASSIGNED, hub.people.liaison_finance, TODAY,
    )  # fmt: skip


def test_two_persons_have_confirmed_what_they_saw_and_nothing_else(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    finding = Finding.objects.get()
    assigned(hub, finding)
    confirmed(hub, finding)
    hub.run("2026-02", findings=[hub.finding(member, rows=[hub.row(member, "finance", delivery="f" * 64, row=9)])])
    assert Finding.objects.get().state == FindingState.CONFIRMED, "the same rows of another month"
    hub.run("2026-03", findings=[hub.finding(member, rows=[hub.row(member, "finance", name="另有其人")])])
    finding = Finding.objects.get()
    assert (finding.state, finding.assignee, finding.due_on, finding.proposed_by) == (FindingState.OPEN, *[None] * 3)
    step = finding.steps.latest("pk")
    assert step.action == Action.REOPENED
    assert step.text.startswith("2026-03 核对：原认定属实，现证据变化，须重新提出意见并复核")
    with pytest.raises(Refused) as refused:
        register_problem(actor=hub.people.office_clerk, finding_id=finding.pk, today=TODAY)
    assert "R25" in refused.value.codes
    confirmed(hub, finding)
    assert Finding.objects.get().state == FindingState.CONFIRMED
    assert list(nobody_confirms_alone()) == []


def test_other_evidence_lets_a_proposal_lapse(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    propose_finding(
        actor=hub.people.office_clerk, finding_id=Finding.objects.get().pk, verdict="confirm", reason="属实"
    )
    hub.run("2026-02", findings=[hub.finding(member, facts={"paid": 2, "listed": 0})])
    finding = Finding.objects.get()
    assert (finding.state, finding.proposed_by) == (FindingState.OPEN, None)
    assert finding.evidence["facts"]["paid"] == 2
    assert list(finding.steps.values_list("action", flat=True))[-2:] == [Action.CHANGED, Action.LAPSED]


def test_a_run_without_a_department_closes_nothing_that_one_had_a_part_in(hub, member):
    hub.run("2026-01", findings=[hub.finding(member)])
    hub.run("2026-02", ["establishment", "hr"], findings=[])
    assert Finding.objects.get().state == FindingState.OPEN
    hub.run("2026-03", findings=[])
    assert Finding.objects.get().state == FindingState.CLOSED


def test_a_finding_listed_twice_is_one(hub, member):
    run = hub.run("2026-01", findings=[hub.finding(member), hub.finding(member)])
    assert run.counts["findings"]["new"] == Finding.objects.count() == 1


def test_pairs_are_asked_about_until_they_are_decided_or_gone(hub, member):
    records = [{**hub.row(member, source), "fingerprint": source} for source in ("establishment", "finance")]
    pair = {"key": "k1", "rule": "NAME_BIRTH", "score": 0.91, "left_fingerprint": "establishment",
            "right_fingerprint": "finance", "evidence": {"steps": []}}  # fmt: skip
    tables = {"records_asked": records, "pairs_for_review": [pair, {**pair, "key": "k2"}]}
    hub.run("2026-01", **tables)
    first = LinkReview.objects.get(key="k1")
    assert (first.left["source"], first.left["name"]) == ("establishment", member.person.name)
    decide_link(actor=hub.people.office_clerk, review_id=first.pk, same=True)
    run = hub.run("2026-02", records_asked=records, pairs_for_review=[pair])
    states = dict(LinkReview.objects.values_list("key", "state"))
    assert states == {"k1": ReviewState.SAME, "k2": ReviewState.GONE}
    assert LinkReview.objects.get(key="k1").last_run == run
    hub.run("2026-03", **tables)
    assert LinkReview.objects.get(key="k2").state == ReviewState.OPEN


def test_names_of_units_are_proposed_and_keep_their_answer(hub):
    alias = {
        "source": "finance",
        "text": "财政局",
        "unit": "测试区财政局",
        "unit_code": "T001",
        "support": 9,
        "share": 1.0,
    }
    own = {**alias, "text": "测试区财政局", "is_exact": True}
    hub.run("2026-01", unit_aliases=[{**alias, "is_exact": False}, own])
    row = UnitAlias.objects.get()
    assert (row.organization, row.support, row.state) == (hub.cast.bureau, 9, AliasState.PROPOSED)
    UnitAlias.objects.update(state=AliasState.APPROVED)
    hub.run("2026-02", unit_aliases=[{**alias, "support": 12, "is_exact": False}])
    row = UnitAlias.objects.get()
    assert (row.support, row.state) == (12, AliasState.APPROVED)


def test_joined_and_divided_keys_are_kept(hub):
    run = hub.run("2026-01", identity_events=[{"kind": "merged", "person_key": "Pa", "other_key": "Pb"}])
    assert IdentityEvent.objects.get(run=run).other_key == "Pb"


def test_what_the_register_shows_already_is_registered(hub, member):
    other = hub.cast.facts("新来的")
    events = [
        hub.event("hire", member.person.name, id_number=member.person.id_number, to_unit="测试区财政局"),
        hub.event("hire", other.name, id_number=other.id_number, to_unit="测试区财政局"),
        hub.event("exit", "过客", lane="waiting"),
    ]
    run = hub.run("2026-02", events=events)
    states = {change.person_name: change.state for change in Change.objects.all()}
    assert states == {
        member.person.name: ChangeState.REGISTERED, "新来的": ChangeState.CANDIDATE, "过客": ChangeState.WAITING,
    }  # fmt: skip
    assert run.counts["events"] == {"hire": 2, "exit": 1}
    assert Change.objects.get(person_name="新来的").to_organization == hub.cast.bureau


def test_a_run_done_again_takes_back_what_it_no_longer_sees(hub):
    hub.run("2026-02", events=[hub.event("hire", "甲某"), hub.event("exit", "乙某")])
    hub.run("2026-02", events=[hub.event("exit", "乙某")])
    assert dict(Change.objects.values_list("person_name", "state")) == {
        "甲某": ChangeState.DISMISSED, "乙某": ChangeState.CANDIDATE,
    }  # fmt: skip
    hub.run("2026-02", events=[hub.event("hire", "甲某"), hub.event("exit", "乙某")])
    assert set(Change.objects.values_list("state", "reason")) == {(ChangeState.CANDIDATE, "")}, "seen once more"


def test_taken_in_twice_is_taken_in_once(hub, member):
    run = hub.begin("2026-01")
    hub.take(run, findings=[hub.finding(member)])
    again = hub.take(run, findings=[])
    assert again.state == RunState.DONE
    assert Finding.objects.get().state == FindingState.OPEN
    assert AuditEntry.objects.filter(action="exchange.run_done").count() == 1
    assert OutboxMessage.objects.filter(topic="exchange.run_done").count() == 1


def test_a_cancelled_run_takes_nothing_in(hub, member):
    run = hub.begin("2026-01")
    cancel_run(actor=hub.people.office_clerk, run_id=run.pk)
    with pytest.raises(Refused) as refused:
        hub.take(run, findings=[hub.finding(member)])
    assert refused.value.codes == ["X15"]
    assert not Finding.objects.exists()


@pytest.mark.skipif(not connection.features.has_select_for_update, reason="one writer at a time")
def test_what_is_decided_while_results_are_taken_in_waits_for_them(hub, member):
    run = hub.begin("2026-01")
    with CaptureQueriesContext(connection) as queries:
        hub.take(run, findings=[hub.finding(member)])
    locked = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    for table in ("exchange_finding", "exchange_linkreview", "exchange_change"):
        assert any(f'FROM "{table}"' in sql for sql in locked), table


def test_many_findings_take_no_more_queries_than_few(hub):
    members = hub.cast.fill(hub.cast.bureau, "A1", 8)
    counts = []
    for period, number in (("2026-01", 1), ("2026-02", 8)):
        hub.deliver(period)
        run = start_run(actor=hub.people.office_clerk, period=period, today=TODAY)
        note_running(actor=HUB, run_id=run.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            hub.take(run, findings=[hub.finding(each, facts={"month": period}) for each in members[:number]])
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 4, "eight are found where one was, and one of them has changed"

"""跳过、终止、改派、调整环节, each with a reason; called flows; cases that go over to a new version."""

from __future__ import annotations

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.kernel.objections import Refused
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import FlowInstance
from bianzhi.workflow.selectors.integrity import cases_alive, opinions_chained, steps_manned
from bianzhi.workflow.selectors.migration import identity, preview
from bianzhi.workflow.selectors.progress import diagram, timeline
from bianzhi.workflow.services.interventions import move_to, reassign, resume, skip, suspend, terminate
from bianzhi.workflow.services.migrating import migrate_instances
from bianzhi.workflow.services.withdrawing import withdraw_case
from tests.accounts.people import account
from tests.workflow.engine.flows import TODAY, begin_case, boundary, call, parallel, publish_flow, service, step, wait
from tests.workflow.engine.hands import agree, disagree, send_back, status, submit, task_of, where

pytestmark = pytest.mark.django_db


def sound():
    return [*opinions_chained(), *cases_alive(), *steps_manned()]


@pytest.fixture
def case(staff):
    publish_flow(
        "long",
        step("apply", submit=True),
        step("review", role="office_deputy", actions="skip return"),
        step("ratify", role="office_director", stage="核准"),
        step("publish", role="office_deputy"),
    )
    case = begin_case(staff["clerk"], "long")
    submit(staff["clerk"], case)
    return case


def test_a_step_may_be_skipped_but_never_one_of_ratification(case, staff):
    skip(actor=staff["ann"], task_id=task_of(staff["ann"], case, "review").pk, text="无需审核", today=TODAY)
    assert where(case) == ["ratify"]
    with pytest.raises(Refused) as refused:
        skip(actor=staff["director"], task_id=task_of(staff["ann"], case, "ratify").pk, text="赶时间", today=TODAY)
    assert refused.value.codes == ["L8"]


def test_a_step_that_needs_an_account_of_its_own_is_not_skipped(staff):
    publish_flow(
        "separate",
        step("apply", submit=True),
        step("review", role="office_deputy", separate="decision", actions="skip return"),
        step("ratify", role="office_director", stage="核准", separate="decision"),
    )
    case = begin_case(staff["clerk"], "separate")
    submit(staff["clerk"], case)
    for name in ("director", "ann"):
        with pytest.raises(Refused) as refused:
            skip(actor=staff[name], task_id=task_of(staff["ann"], case, "review").pk, text="赶时间", today=TODAY)
        assert refused.value.codes == ["L8"]
    agree(staff["ann"], case, "review")
    agree(staff["director"], case, "ratify")
    assert status(case) == "completed"


def test_nobody_skips_a_step_of_an_own_matter_or_one_they_step_back_from(staff, domain):
    publish_flow("own", step("apply", submit=True), step("review", role="office_deputy", actions="skip return"))
    own = begin_case(staff["director"], "own")
    submit(staff["director"], own)
    other = begin_case(staff["clerk"], "own", subject_id=2)
    submit(staff["clerk"], other)
    domain.barred = {staff["ann"].pk}
    for name, case in (("director", own), ("ann", other)):
        with pytest.raises(Refused) as refused:
            skip(actor=staff[name], task_id=task_of(staff["ann"], case, "review").pk, text="赶时间", today=TODAY)
        assert refused.value.codes == ["R25"]
    skip(actor=staff["director"], task_id=task_of(staff["ann"], other, "review").pk, text="已会前沟通", today=TODAY)
    assert status(other) == "completed"


def test_only_who_answers_for_the_cases_may_intervene(case, staff):
    with pytest.raises(Denied):
        terminate(actor=staff["ann"], instance_id=case.pk, text="不办", today=TODAY)
    with pytest.raises(Refused):
        terminate(actor=staff["director"], instance_id=case.pk, text=" ", today=TODAY)
    terminate(actor=staff["director"], instance_id=case.pk, text="重复申请", today=TODAY)
    assert (status(case), where(case)) == ("terminated", [])
    assert sound() == []


def test_a_task_is_given_to_another_holder_of_the_role(case, staff):
    task = task_of(staff["ann"], case, "review")
    with pytest.raises(Refused):
        reassign(actor=staff["director"], task_id=task.pk, to_user_id=staff["outsider"].pk, text="请假", today=TODAY)
    reassign(actor=staff["director"], task_id=task.pk, to_user_id=staff["cid"].pk, text="请假", today=TODAY)
    agree(staff["cid"], case, "review")


def test_a_stuck_case_is_put_onto_another_step_but_not_over_ratification(case, staff):
    token = case.tokens.get(state="active")
    move = {"actor": staff["director"], "instance_id": case.pk, "token_id": token.pk, "text": "纠正", "today": TODAY}
    with pytest.raises(Refused) as refused:
        move_to(**move, node_id="publish")
    assert refused.value.codes == ["L8"]
    move_to(**move, node_id="ratify")
    assert where(case) == ["ratify"]
    assert sound() == []


def moved(case, staff, node_id):
    token = case.tokens.get(state__in=("active", "waiting"))
    return move_to(
        actor=staff["director"], instance_id=case.pk, token_id=token.pk, node_id=node_id, text="纠正", today=TODAY
    )


def test_a_case_is_not_put_back_before_a_command_that_would_run_again(staff, undoable):
    publish_flow(
        "held",
        step("apply", submit=True),
        step("accept", role="office_deputy"),
        service("hold", "tests.undoable"),
        step("review", role="office_deputy"),
        step("check", role="office_director"),
    )
    case = begin_case(staff["clerk"], "held")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "accept")
    agree(staff["bob"], case, "review")
    with pytest.raises(Refused) as refused:
        moved(case, staff, "accept")
    assert refused.value.codes == ["L7"]
    assert (where(case), undoable.standing) == (["check"], 1)
    moved(case, staff, "review")
    send_back(staff["ann"], case, "review", "accept")
    moved(case, staff, "apply")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "accept")
    assert (where(case), undoable.standing) == (["review"], 1)


def test_a_command_in_a_block_passed_since_would_run_again_too(staff, undoable):
    left, right = [service("effect", "tests.undoable")], [step("right", role="liaison_hr")]
    publish_flow(
        "joined", step("apply", submit=True), parallel("both", left, right), step("check", role="office_deputy")
    )
    case = begin_case(staff["clerk"], "joined")
    submit(staff["clerk"], case)
    agree(staff["hrman"], case, "right")
    with pytest.raises(Refused) as refused:
        moved(case, staff, "apply")
    assert refused.value.codes == ["L7"]


def test_a_wait_is_not_left_past_the_command_that_ends_it(staff, undoable):
    opened, closed = service("open", "tests.undoable"), service("close", "tests.undoable")
    publish_flow(
        "shown", step("apply", submit=True), opened, wait("show", 5), closed, step("check", role="office_deputy")
    )
    case = begin_case(staff["clerk"], "shown")
    submit(staff["clerk"], case)
    for node_id, code in (("check", "L8"), ("apply", "L7")):
        with pytest.raises(Refused) as refused:
            moved(case, staff, node_id)
        assert refused.value.codes == [code]
    assert (case.deadlines.get().state, undoable.standing) == ("running", 1)


def test_a_wait_that_holds_nothing_back_may_be_left(staff):
    publish_flow("idle", step("apply", submit=True), wait("pause", 5), step("check", role="office_deputy"))
    case = begin_case(staff["clerk"], "idle")
    submit(staff["clerk"], case)
    moved(case, staff, "check")
    assert (where(case), case.deadlines.get().state) == (["check"], "cancelled")
    assert sound() == []


def test_a_suspended_case_is_put_nowhere(case, staff):
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=TODAY)
    with pytest.raises(Refused) as refused:
        moved(case, staff, "apply")
    assert refused.value.codes == ["L2"]
    assert where(case) == ["review"]
    resume(actor=staff["director"], instance_id=case.pk, text="已答复", today=TODAY)
    moved(case, staff, "apply")


def test_the_picture_and_the_story_show_where_a_case_is(case, staff):
    agree(staff["ann"], case, "review", "符合规定")
    send_back(staff["director"], case, "ratify", "review", text="补充论证")
    states = {node_id: state.state for node_id, state in diagram(case).items()}
    assert states["apply"] == "done"
    assert states["review"] == "current"
    assert states["ratify"] == "returned"
    assert states["publish"] == "ahead"
    told = [(line.who, line.action) for line in timeline(FlowInstance.objects.get(pk=case.pk))]
    assert told[-1] == ("人员ann", "办理中")
    assert ("人员director", "退回") in told


def test_a_called_flow_runs_inside_and_tells_how_it_ended(staff):
    publish_flow("inner", step("check", role="liaison_hr"))
    publish_flow("outer", step("apply", submit=True), call("ask", "inner"), step("ratify", role="office_director"))
    case = begin_case(staff["clerk"], "outer")
    submit(staff["clerk"], case)
    inner = FlowInstance.objects.get(parent_token__instance=case)
    assert (where(case), where(inner)) == ([], ["check"])
    agree(staff["hrman"], inner, "check")
    assert (status(inner), where(case)) == ("completed", ["ratify"])
    case.refresh_from_db()
    assert case.facts["ask_outcome"] == "agree"
    assert sound() == []


def test_a_called_flow_that_refuses_is_a_fact_of_the_caller(staff):
    publish_flow("inner2", step("check", role="liaison_hr"))
    publish_flow("outer2", step("apply", submit=True), call("ask", "inner2"), step("ratify", role="office_director"))
    case = begin_case(staff["clerk"], "outer2")
    submit(staff["clerk"], case)
    disagree(staff["hrman"], FlowInstance.objects.get(parent_token__instance=case), "check")
    case.refresh_from_db()
    assert (where(case), case.facts["ask_outcome"]) == (["ratify"], "disagree")


@pytest.fixture
def calling(staff):
    """A case that waits for one it called, which waits for one of its own; and the innermost."""
    publish_flow("innermost", service("effect", "tests.undoable"), step("check", role="liaison_hr", days=3))
    publish_flow("middle", call("deeper", "innermost"), step("sum", role="liaison_hr"))
    publish_flow("calling", step("apply", submit=True), call("ask", "middle"), step("review", role="office_deputy"))
    case = begin_case(staff["clerk"], "calling")
    submit(staff["clerk"], case)
    return case, FlowInstance.objects.get(version__definition__key="innermost")


def test_a_case_that_ends_takes_those_it_called_with_it(calling, staff, undoable):
    case, innermost = calling
    terminate(actor=staff["director"], instance_id=case.pk, text="重复申请", today=TODAY)
    assert set(FlowInstance.objects.values_list("status", flat=True)) == {"terminated"}
    assert (where(innermost), innermost.deadlines.get().state, undoable.standing) == ([], "cancelled", 1)
    assert sound() == []


def test_a_case_taken_back_undoes_what_those_it_called_have_done(calling, staff, undoable):
    case, innermost = calling
    withdraw_case(actor=staff["clerk"], instance_id=case.pk, text="不办了", today=TODAY)
    assert (status(case), status(innermost), undoable.standing) == ("withdrawn", "terminated", 0)
    assert sound() == []


def test_a_case_put_onto_another_step_waits_no_more_for_the_one_it_called(calling, staff):
    case, innermost = calling
    moved(case, staff, "review")
    assert (status(innermost), where(case)) == ("terminated", ["review"])
    assert sound() == []


def test_a_called_case_stands_still_with_the_one_that_called_it(calling, staff):
    case, innermost = calling
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=TODAY)
    assert innermost.deadlines.get().state == "suspended"
    with pytest.raises(Refused) as refused:
        agree(staff["hrman"], innermost, "check")
    assert refused.value.codes == ["L2"]
    resume(actor=staff["director"], instance_id=case.pk, text="已答复", today=date(2026, 3, 4))
    clock = innermost.deadlines.get()
    assert (clock.state, clock.due_on) == ("running", date(2026, 3, 9))
    agree(staff["hrman"], innermost, "check")
    assert status(innermost) == "completed"


def test_running_cases_keep_their_version_until_taken_over(case, staff):
    old = case.version
    new = publish_flow(
        "long",
        step("apply", submit=True),
        step("review", role="office_deputy"),
        step("legal", role="liaison_hr"),
        step("ratify", role="office_director", stage="核准"),
        service("effect"),
    )
    mapping = identity(old, new)
    assert [each.why_not for each in preview(old, new, mapping)] == [""]
    admin = account("admin", "system_admin")
    move = {"from_version_id": old.pk, "to_version_id": new.pk, "text": "增加合法性审查", "today": TODAY}
    with pytest.raises(Denied):
        migrate_instances(actor=staff["ann"], mapping=mapping, **move)
    migrate_instances(actor=admin, mapping=mapping, **move)
    agree(staff["ann"], case, "review")
    assert where(case) == ["legal"]
    assert sound() == []


def test_a_migration_that_would_strand_one_case_moves_none(case, staff):
    other = begin_case(staff["clerk"], "long", subject_id=2)
    old = case.version
    new = publish_flow("long", step("apply", submit=True), step("ratify", role="office_director", stage="核准"))
    mapping = identity(old, new)
    told = {each.instance.pk: bool(each.why_not) for each in preview(old, new, mapping)}
    assert told == {case.pk: True, other.pk: False}
    with pytest.raises(Refused) as refused:
        migrate_instances(
            actor=account("admin", "system_admin"), from_version_id=old.pk, to_version_id=new.pk, mapping=mapping,
            text="精简", today=TODAY,
        )  # fmt: skip
    assert refused.value.codes == ["F40"]
    assert set(FlowInstance.objects.values_list("version", flat=True)) == {old.pk}


def test_a_branch_cannot_be_taken_out_of_its_block(staff):
    old = publish_flow(
        "blocks",
        step("apply", submit=True),
        parallel("both", [step("left", role="office_deputy")], [step("right", role="liaison_hr")]),
    )
    case = begin_case(staff["clerk"], "blocks")
    submit(staff["clerk"], case)
    new = publish_flow(
        "blocks", step("apply", submit=True), step("left", role="office_deputy"), step("right", role="liaison_hr")
    )
    assert preview(old, new, identity(old, new))[0].why_not


@pytest.fixture
def timed(staff):
    """A case at a step with a timer, and the version it goes by."""
    publish_flow(
        "timed",
        step("apply", submit=True),
        step("review", role="office_deputy"),
        also=boundary("review", 3, interrupting=True),
    )
    case = begin_case(staff["clerk"], "timed")
    submit(staff["clerk"], case)
    return case


def taken_over(case, *elements, also=""):
    old = case.version
    new = publish_flow(case.version.definition.key, *elements, also=also)
    migrate_instances(
        actor=account("admin", "system_admin"), from_version_id=old.pk, to_version_id=new.pk,
        mapping=identity(old, new), text="换版", today=TODAY,
    )  # fmt: skip


def test_a_timer_the_new_version_has_no_more_is_stopped(timed, staff):
    taken_over(timed, step("apply", submit=True), step("review", role="office_deputy"))
    assert timed.deadlines.get().state == "cancelled"
    assert run_clocks(date(2026, 3, 30))["fired"] == 0
    agree(staff["ann"], timed, "review")
    assert status(timed) == "completed"


def test_a_timer_that_both_versions_have_runs_on(timed, staff):
    also = boundary("review", 5, interrupting=True)
    taken_over(timed, step("apply", submit=True), step("review", role="office_deputy"), also=also)
    clock = timed.deadlines.get()
    assert (clock.state, clock.days) == ("running", 3)
    run_clocks(date(2026, 3, 6))
    assert where(timed) == ["escalate"]


def test_a_timer_new_to_the_step_begins_with_the_new_version(staff):
    publish_flow("plain", step("apply", submit=True), step("review", role="office_deputy"))
    case = begin_case(staff["clerk"], "plain")
    submit(staff["clerk"], case)
    also = boundary("review", 5, interrupting=True)
    taken_over(case, step("apply", submit=True), step("review", role="office_deputy"), also=also)
    run_clocks(date(2026, 3, 9))
    assert where(case) == ["review"]
    run_clocks(date(2026, 3, 10))
    assert where(case) == ["escalate"]


def test_a_timer_new_to_a_suspended_case_stands_still_with_it(staff):
    publish_flow("plain", step("apply", submit=True), step("review", role="office_deputy"))
    case = begin_case(staff["clerk"], "plain")
    submit(staff["clerk"], case)
    suspend(actor=staff["director"], instance_id=case.pk, text="待上级答复", today=TODAY)
    also = boundary("review", 5, interrupting=True)
    taken_over(case, step("apply", submit=True), step("review", role="office_deputy"), also=also)
    assert case.deadlines.get().state == "suspended"

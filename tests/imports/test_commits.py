"""All or nothing: what a failure, a cancellation or a killed worker leaves behind is nothing."""

from datetime import timedelta
from typing import Any

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common import jobs
from bianzhi.common.jobs.context import Cancelled
from bianzhi.common.models import JobState
from bianzhi.common.tabular.errors import UnreadableFile
from bianzhi.documents.models import ApprovalDocument, DocumentKind
from bianzhi.imports import files
from bianzhi.imports.models import BatchState, ImportBatch, RememberedMapping
from bianzhi.imports.selectors.planning import Options, UnitDraft
from bianzhi.imports.services import writers
from bianzhi.imports.services.batches import (
    choose_kind,
    correct_sheet,
    discard_batch,
    receive_file,
    remember_columns,
    request_annotated,
    request_check,
    request_commit,
    set_options,
)
from bianzhi.imports.services.checking import annotate_batch, check_batch
from bianzhi.imports.services.commits import commit_batch
from bianzhi.imports.services.structure import establish_drafts
from bianzhi.imports.services.writers import (
    Writing,
    write_ledger_history,
    write_organizations,
    write_roster,
    write_staffing_plan,
)
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from bianzhi.ledger.models import LedgerEntry
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.personnel.models import Occupancy, Person, StaffingPlan
from tests.cast import make_document
from tests.imports.conftest import OFFICE, TODAY, as_csv, bring_in, check, clerk, id_number, proved, silent
from tests.imports.test_ledger_history import history
from tests.imports.test_organizations import table
from tests.imports.test_roster import PEOPLE, roster
from tests.imports.test_staffing_plan import plan

pytestmark = pytest.mark.django_db


def uploaded(data: bytes, kind: str, actor=OFFICE, **options) -> ImportBatch:
    batch = receive_file(actor=actor, data=data, name="表.xlsx", kind=kind)
    set_options(actor=actor, batch_id=batch.pk, options=options)
    return batch


def test_a_failure_in_the_middle_leaves_nothing(cast, monkeypatch):
    def fail(**kwargs):
        raise RuntimeError("磁盘已满")

    before = (Person.objects.count(), AuditEntry.objects.count(), ApprovalDocument.objects.count())
    monkeypatch.setattr(writers, "engage_opening", fail)
    batch = uploaded(roster(), "roster")
    with pytest.raises(RuntimeError):
        commit_batch(actor=OFFICE, batch_id=batch.pk, today=TODAY, progress=silent)
    assert not Occupancy.objects.exists()
    assert (Person.objects.count(), AuditEntry.objects.count(), ApprovalDocument.objects.count()) == before
    batch.refresh_from_db()
    assert batch.state != BatchState.COMMITTED


def test_one_wrong_row_keeps_the_whole_file_out_unless_it_is_left_out(cast):
    wrong = [*PEOPLE, ["测试区没有局", "赵六", id_number(99), *[""] * 9]]
    with pytest.raises(Refused, match="整批不导入"):
        bring_in(roster(people=wrong), "roster")
    assert not Occupancy.objects.exists()
    bring_in(roster(people=wrong), "roster", skip_rejected=True)
    assert Occupancy.objects.count() == 4


def test_a_check_writes_nothing_into_the_register(cast):
    entries = AuditEntry.objects.count()
    batch = check_batch(actor=OFFICE, batch_id=uploaded(roster(), "roster").pk, today=TODAY)
    assert (batch.state, batch.counts["accepted"]) == (BatchState.CHECKED, 4)
    assert batch.changes.count() == batch.counts["actions"]["create"]
    assert not Person.objects.exists()
    assert AuditEntry.objects.count() == entries


def test_a_job_writes_the_batch_as_whoever_asked_and_says_where_the_result_is(cast):
    actor = clerk()
    batch = check_batch(actor=actor, batch_id=uploaded(roster(), "roster", actor).pk, today=clock.today())
    job = request_commit(actor=actor, batch_id=batch.pk, today=clock.today())
    assert jobs.run_waiting() == 1
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.DONE, "")
    assert job.result["url"] == f"/imports/{batch.pk}/"
    batch.refresh_from_db()
    assert batch.state == batch.stage == BatchState.COMMITTED
    assert AuditEntry.objects.get(action="imports.committed").actor_id == actor.pk
    assert proved() == []


def test_a_refused_job_puts_the_batch_back_to_its_check_with_the_reason(cast):
    actor = clerk()
    batch = check_batch(actor=actor, batch_id=uploaded(roster(), "roster", actor).pk, today=clock.today())
    job = request_commit(actor=actor, batch_id=batch.pk, today=clock.today())
    taken = [list(row) for row in PEOPLE[:1]]
    taken[0][0] = "测试区审计局"
    bring_in(roster(people=taken), "roster")
    jobs.run_waiting()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "R04" in job.error
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert batch.stage == BatchState.CHECKED
    assert batch.is_open
    assert Occupancy.objects.count() == 1


def test_a_cancelled_job_leaves_nothing_and_the_batch_can_be_asked_for_again(cast):
    batch = uploaded(roster(), "roster")

    def cancelled(done, total, message):
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        commit_batch(actor=OFFICE, batch_id=batch.pk, today=TODAY, progress=cancelled)
    assert not Person.objects.exists()
    commit_batch(actor=OFFICE, batch_id=batch.pk, today=TODAY, progress=silent)
    assert Occupancy.objects.count() == 4


def test_a_batch_written_before_is_not_written_again(cast):
    batch = bring_in(roster(), "roster")
    told: list[Any] = []
    commit_batch(actor=OFFICE, batch_id=batch.pk, today=TODAY, progress=silent, finish=told.append)
    assert told == [batch.result]
    assert Occupancy.objects.count() == 4
    with pytest.raises(Refused, match="不能再修改"):
        set_options(actor=OFFICE, batch_id=batch.pk, options={})


def test_a_check_of_an_earlier_day_has_to_be_made_again(cast):
    batch = check_batch(actor=OFFICE, batch_id=uploaded(roster(), "roster").pk, today=TODAY)
    with pytest.raises(Refused, match="重新检查"):
        request_commit(actor=OFFICE, batch_id=batch.pk, today=TODAY + timedelta(days=1))


@pytest.mark.parametrize("change", ["columns", "kind"])
def test_what_was_checked_by_other_columns_is_not_written(cast, change):
    batch = check_batch(actor=OFFICE, batch_id=uploaded(roster(), "roster").pk, today=TODAY)
    if change == "kind":
        choose_kind(actor=OFFICE, batch_id=batch.pk, kind="organizations")
    else:
        correct_sheet(actor=OFFICE, batch_id=batch.pk, sheet="在编人员", correction={"skip": True})
    batch.refresh_from_db()
    assert (batch.stage, batch.counts) == (BatchState.UPLOADED, {})
    assert not batch.findings.exists()
    assert not batch.changes.exists()
    with pytest.raises(Refused, match="还没有检查"):
        request_commit(actor=OFFICE, batch_id=batch.pk, today=TODAY)


def test_errors_have_to_be_left_out_on_purpose(cast):
    wrong = [*PEOPLE, ["测试区没有局", "赵六", id_number(99), *[""] * 9]]
    batch = check_batch(actor=OFFICE, batch_id=uploaded(roster(people=wrong), "roster").pk, today=TODAY)
    with pytest.raises(Refused, match="有 1 行存在错误"):
        request_commit(actor=OFFICE, batch_id=batch.pk, today=TODAY)
    unchecked = uploaded(roster(), "roster")
    with pytest.raises(Refused, match="还没有检查"):
        request_commit(actor=OFFICE, batch_id=unchecked.pk, today=TODAY)


def test_a_large_file_is_checked_and_annotated_in_jobs(cast):
    actor = clerk()
    batch = uploaded(roster(), "roster", actor)
    request_check(actor=actor, batch_id=batch.pk)
    assert ImportBatch.objects.get(pk=batch.pk).stage == BatchState.CHECKING
    jobs.run_waiting()
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert batch.stage == BatchState.CHECKED
    request_annotated(actor=actor, batch_id=batch.pk)
    jobs.run_waiting()
    batch = ImportBatch.objects.get(pk=batch.pk)
    assert files.read(batch.annotated) == annotate_batch(actor=actor, batch_id=batch.pk)
    assert "党政办" in str(check(files.read(batch.annotated), "roster").table.rows[3].values)


def test_columns_put_right_once_are_remembered_for_the_next_file(cast):
    rows = [["编制所属", "人", "号码", "类"], ["测试区财政局", "张三", PEOPLE[0][2], "行政编制"]]
    data = as_csv(rows)
    batch = receive_file(actor=OFFICE, data=data, name="奇怪.csv", kind="roster")
    fields = {"0": "organization", "1": "name", "2": "id_number", "3": "quota_type"}
    correct_sheet(actor=OFFICE, batch_id=batch.pk, sheet="奇怪", correction={"header": [1, 1], "fields": fields})
    assert remember_columns(actor=OFFICE, batch_id=batch.pk) == 1
    assert RememberedMapping.objects.count() == 1
    commit_batch(actor=OFFICE, batch_id=batch.pk, today=TODAY, progress=silent)
    assert Occupancy.objects.get().organization == cast.bureau
    assert check(data, "roster", name="奇怪.csv").plan.actions == {"same": 1}


def test_a_wrong_correction_is_refused_and_another_kind_drops_it(cast):
    batch = uploaded(roster(), "roster")
    with pytest.raises(Refused, match="每个字段只能对应一列"):
        correct_sheet(
            actor=OFFICE, batch_id=batch.pk, sheet="在编人员", correction={"fields": {"0": "name", "1": "name"}}
        )
    with pytest.raises(Refused, match="对应关系有误"):
        correct_sheet(actor=OFFICE, batch_id=batch.pk, sheet="在编人员", correction={"fields": {"0": "nothing"}})
    correct_sheet(actor=OFFICE, batch_id=batch.pk, sheet="在编人员", correction={"skip": True})
    assert choose_kind(actor=OFFICE, batch_id=batch.pk, kind="organizations").corrections == {}


def test_a_discarded_batch_keeps_its_line_and_loses_its_findings(cast):
    batch = check_batch(actor=OFFICE, batch_id=uploaded(roster(), "roster").pk, today=TODAY)
    discard_batch(actor=OFFICE, batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == BatchState.DISCARDED
    assert not batch.findings.exists()
    with pytest.raises(Refused):
        request_check(actor=OFFICE, batch_id=batch.pk)


def test_only_those_who_may_import_can(cast):
    outsider = clerk("liaison_hr", "wangwu")
    with pytest.raises(Denied):
        receive_file(actor=outsider, data=roster(), name="a.xlsx")
    batch = uploaded(roster(), "roster")
    with pytest.raises(Denied):
        commit_batch(actor=outsider, batch_id=batch.pk, today=TODAY, progress=silent)
    assert not Person.objects.exists()


def test_what_is_no_table_or_marked_secret_is_not_taken_in():
    with pytest.raises(UnreadableFile, match="PDF"):
        receive_file(actor=OFFICE, data=b"%PDF-1.7 ...", name="名册.xlsx")
    with pytest.raises(Refused, match="非涉密"):
        receive_file(actor=OFFICE, data=table(), name="机密 编制表.xlsx")
    assert not ImportBatch.objects.exists()


def test_the_kind_is_guessed_and_the_same_content_is_kept_once():
    one = receive_file(actor=OFFICE, data=table(), name="甲.xlsx")
    data = as_csv([["姓名", "身份证号", "单位"], ["张三", PEOPLE[0][2], "测试区财政局"]])
    two = receive_file(actor=OFFICE, data=data, name="乙.csv")
    three = receive_file(actor=OFFICE, data=data, name="丙.csv")
    assert (one.kind, two.kind) == ("organizations", "roster")
    assert two.digest == three.digest
    assert files.path_of(two.digest).stat().st_mode & 0o077 == 0


def planned(data: bytes, kind: str) -> Any:
    """The plan of a file; each kind has its own type of plan."""
    return check(data, kind).plan


def test_each_writer_carries_its_plan_out(cast):
    register = make_document(actor=OFFICE, doc_no="测编登〔2026〕1号", kind=DocumentKind.REGISTER)
    writing = Writing(register, Options(today=TODAY, opening_on=TODAY), silent, source="表.xlsx")
    assert write_organizations(actor=OFFICE, plan=planned(table(), "organizations"), writing=writing)["单位"] == 4
    assert write_roster(actor=OFFICE, plan=planned(roster(), "roster"), writing=writing)["在编人员"] == 4
    assert (
        write_ledger_history(actor=OFFICE, plan=planned(history(), "ledger-history"), writing=writing)["台账条目"] == 3
    )
    assert write_staffing_plan(actor=OFFICE, plan=planned(plan(), "staffing-plan"), writing=writing)["计划项"] == 5
    assert StaffingPlan.objects.count() == 1
    assert LedgerEntry.objects.filter(document=register).exists()


def test_establish_drafts_needs_superiors_first_and_fills_in_ids(cast):
    group = UnitDraft("某组", {"is_grouping": True, "org_type": "90"})
    unit = UnitDraft("某组下属局", {"org_type": "31"}, parent=group)
    assert establish_drafts(actor=OFFICE, document=cast.document, drafts=[group, unit]) == 2
    assert unit.id is not None
    assert OrganizationVersion.objects.get(organization_id=unit.id).parent_id == group.id
    assert establish_drafts(actor=OFFICE, document=cast.document, drafts=[]) == 0

"""Drafts: begun, saved again and again, overtaken, discarded; files put on and taken off."""

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.kernel.objections import Refused
from bianzhi.matters import files
from bianzhi.matters.models import Case, CaseAttachment
from bianzhi.matters.selectors.attachments import attachment_for
from bianzhi.matters.services.attachments import attach, remove
from bianzhi.matters.services.drafting import begin_case, discard_case, save_draft, token_of
from bianzhi.matters.services.submitting import submit_case
from bianzhi.organizations.scopes import OutOfScope
from tests.cast import TODAY
from tests.small_papers import small_pdf

MATTERS = ("P05",)
PDF = small_pdf("paper")


@pytest.fixture
def case(matters) -> Case:
    return begin_case(actor=matters.clerk, matter="P05", organization_id=matters.cast.bureau.pk, today=TODAY)


def save(people, case, form, *, saved_at=""):
    return save_draft(actor=people.clerk, case_id=case.pk, form=form, saved_at=saved_at or token_of(case), today=TODAY)


def test_a_draft_keeps_what_can_not_be_read_yet_and_names_itself(matters, case):
    member = matters.cast.member(matters.cast.bureau)
    saved = save(matters, case, {"person": str(member.person_id), "exit_mode": "O07", "event_on": "2026-13"})
    case.refresh_from_db()
    assert [objection.code for objection in saved.objections] == ["M02"]
    assert case.form == {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-13"}
    assert case.title == f"{member.person.name}出编（辞职）"


def test_a_draft_tells_nobodys_name_but_that_of_the_units_own_people(matters, case):
    stranger = matters.cast.member(matters.cast.audit_office)
    save(matters, case, {"person": stranger.person_id, "exit_mode": "O07"})
    case.refresh_from_db()
    assert case.title == "出编（辞职）"


def test_a_page_that_another_has_overtaken_changes_nothing_and_is_told(matters, case):
    first = token_of(case)
    later = save(matters, case, {"reason": "新的"}, saved_at=first)
    with pytest.raises(Refused) as refused:
        save(matters, case, {"reason": "旧的"}, saved_at=first)
    assert refused.value.codes == ["M42"]
    case.refresh_from_db()
    assert case.form == {"reason": "新的"}
    save(matters, case, {"reason": "更新的"}, saved_at=later.token)


def test_a_form_too_large_is_refused_even_in_a_draft(matters, case, monkeypatch):
    monkeypatch.setattr("bianzhi.matters.rules.cleaning.LARGEST_FORM", 10)
    with pytest.raises(Refused) as refused:
        save(matters, case, {"reason": "比十个字节长得多的理由"})
    assert refused.value.codes == ["M03"]


def test_a_draft_is_the_applicants_alone(matters, case):
    with pytest.raises(Denied):
        save_draft(actor=matters.office_clerk, case_id=case.pk, form={}, saved_at=token_of(case), today=TODAY)
    with pytest.raises(OutOfScope):
        save_draft(actor=matters.outsider, case_id=case.pk, form={}, saved_at=token_of(case), today=TODAY)
    assert not Case.objects.visible_to(matters.office_clerk, TODAY).exists()
    assert Case.objects.visible_to(matters.director, TODAY).exists()


def test_a_matter_that_is_not_set_up_can_not_be_begun(people):
    with pytest.raises(Refused) as refused:
        begin_case(actor=people.clerk, matter="P05", organization_id=people.cast.bureau.pk, today=TODAY)
    assert refused.value.codes == ["M40"]


def test_a_supervising_department_applies_for_the_school_below_it(matters):
    made = begin_case(actor=matters.reviewer, matter="P05", organization_id=matters.primary.pk, today=TODAY)
    assert made.organization_id == matters.primary.pk


def test_who_may_not_apply_begins_nothing(matters):
    with pytest.raises(Denied):
        begin_case(actor=matters.head, matter="P05", organization_id=matters.cast.bureau.pk, today=TODAY)


def test_a_discarded_draft_is_kept_and_can_not_be_written_on(matters, case):
    discard_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    case.refresh_from_db()
    assert case.discarded_at is not None
    with pytest.raises(Refused) as refused:
        save(matters, case, {})
    assert refused.value.codes == ["M41"]


def test_a_file_is_kept_by_its_content_and_put_on_once(matters, case):
    row = attach(
        actor=matters.clerk, case_id=case.pk, name="../辞职申请.pdf", data=PDF, evidence="辞职申请", today=TODAY
    )
    again = attach(actor=matters.clerk, case_id=case.pk, name="别名.pdf", data=PDF, evidence="辞职申请", today=TODAY)
    assert again.pk == row.pk
    assert row.name == "辞职申请.pdf"
    assert files.read(row.sha256) == PDF
    assert files.path_of(row.sha256).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("name", "evidence"), [("a.exe", ""), ("a.pdf", "没有的材料"), ("秘密.pdf", "")])
def test_a_file_that_does_not_belong_is_refused(matters, case, name, evidence):
    with pytest.raises(Refused):
        attach(actor=matters.clerk, case_id=case.pk, name=name, data=PDF, evidence=evidence, today=TODAY)
    assert not CaseAttachment.objects.exists()


def test_no_more_files_than_a_case_takes(matters, case, monkeypatch):
    monkeypatch.setattr("bianzhi.common.parameters.Parameter.number", 1)
    attach(actor=matters.clerk, case_id=case.pk, name="1.pdf", data=PDF, today=TODAY)
    with pytest.raises(Refused, match="最多 1 个附件"):
        attach(actor=matters.clerk, case_id=case.pk, name="2.pdf", data=PDF + b"2", today=TODAY)


def test_a_file_taken_off_stays_in_the_record(matters, case):
    row = attach(actor=matters.clerk, case_id=case.pk, name="1.pdf", data=PDF, today=TODAY)
    remove(actor=matters.clerk, attachment_id=row.pk, today=TODAY)
    row.refresh_from_db()
    assert row.removed_at is not None
    with pytest.raises(Denied):
        remove(actor=matters.office_clerk, attachment_id=row.pk, today=TODAY)


def test_a_file_is_read_only_by_who_may_see_the_case(matters, case):
    row = attach(actor=matters.clerk, case_id=case.pk, name="1.pdf", data=PDF, today=TODAY)
    assert attachment_for(matters.clerk, row.pk) == row
    assert attachment_for(matters.outsider, row.pk) is None
    assert attachment_for(matters.office_clerk, row.pk) is None
    assert attachment_for(matters.clerk, row.pk + 1) is None


def test_a_digest_is_all_that_is_ever_looked_up():
    with pytest.raises(files.NotADigest):
        files.read("../../secrets/secret_key")


def test_an_empty_draft_is_not_sent_in(matters, case):
    with pytest.raises(Refused) as refused:
        submit_case(actor=matters.clerk, case_id=case.pk, today=TODAY)
    assert "M01" in refused.value.codes

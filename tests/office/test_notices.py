"""Notices: drafted, published to their people, read, confirmed, withdrawn."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from bianzhi.accounts.services.grants import grant_role
from bianzhi.accounts.services.users import deactivate
from bianzhi.audit.models import AuditEntry
from bianzhi.common.db.row_scope import acting
from bianzhi.config.row_scope import scope_of
from bianzhi.kernel.objections import Refused
from bianzhi.office.jobs.mailing import send_waiting
from bianzhi.office.models import Audience, Mail, MailState, Message, MessageKind, Notice, NoticeRecipient
from bianzhi.office.selectors.notices import read_counts, readers, still_to_read
from bianzhi.office.services.notices import (
    NoticeFacts,
    change_notice,
    complete_audiences,
    confirm_notice,
    discard_notice,
    draft_notice,
    publish_notice,
    read_notice,
    withdraw_notice,
)
from bianzhi.office.services.preferences import set_preference
from tests.accounts.people import CONSOLE, account
from tests.cast import TODAY
from tests.office.conftest import Staff, deliver
from tests.office.smtp_sink import Sink

pytestmark = pytest.mark.django_db


def facts(**other: Any) -> NoticeFacts:
    return NoticeFacts(**{"title": "关于做好年度用编计划申报的通知", "body": "请于月底前报送。", **other})


def published(staff: Staff, **other: Any) -> Notice:
    notice = draft_notice(actor=staff.clerk, facts=facts(**other))
    return publish_notice(actor=staff.clerk, notice_id=notice.pk, today=TODAY)


def addressed(notice: Notice) -> set[int]:
    return set(NoticeRecipient.objects.filter(notice=notice).values_list("user_id", flat=True))


def test_a_notice_for_everyone_reaches_every_account_with_a_role(staff):
    account("roleless")
    notice = published(staff)
    assert addressed(notice) == staff.everybody
    assert AuditEntry.objects.filter(action="office.notice_published").get().subject_label == notice.title


def test_a_notice_for_a_unit_reaches_the_units_below_it_or_not(staff):
    below = published(staff, audience=Audience.UNITS, audience_keys=(staff.education.pk,))
    alone = published(staff, audience=Audience.UNITS, audience_keys=(staff.education.pk,), includes_subtree=False)
    assert addressed(below) == {staff.reviewer.pk, staff.primary_clerk.pk}
    assert addressed(alone) == {staff.reviewer.pk}


def test_a_notice_for_roles_or_named_people_reaches_only_them(staff):
    roles = published(staff, audience=Audience.ROLES, audience_keys=("unit_head", "office_director"))
    people = published(staff, audience=Audience.PEOPLE, audience_keys=(staff.bureau_clerk.pk,))
    assert addressed(roles) == {staff.bureau_head.pk, staff.director.pk}
    assert addressed(people) == {staff.bureau_clerk.pk}


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"title": " "}, "N01"),
        ({"body": ""}, "N01"),
        ({"audience": "nobody"}, "N02"),
        ({"audience": Audience.ROLES}, "N02"),
        ({"audience": Audience.ROLES, "audience_keys": ("king",)}, "N02"),
        ({"audience": Audience.UNITS, "audience_keys": (10**9,)}, "N02"),
        ({"audience": Audience.PEOPLE, "audience_keys": (10**9,)}, "N02"),
    ],
)
def test_an_empty_or_aimless_notice_is_refused(staff, other, code):
    with pytest.raises(Refused) as refused:
        draft_notice(actor=staff.clerk, facts=facts(**other))
    assert refused.value.codes == [code]
    assert not Notice.objects.exists()


def test_nobody_without_the_permission_drafts_or_withdraws(staff):
    notice = published(staff)
    with pytest.raises(PermissionDenied):
        draft_notice(actor=staff.bureau_clerk, facts=facts())
    with pytest.raises(PermissionDenied):
        withdraw_notice(actor=staff.bureau_clerk, notice_id=notice.pk, reason="不合适")


def test_a_draft_can_be_changed_and_discarded_but_not_once_it_is_out(staff):
    draft = draft_notice(actor=staff.clerk, facts=facts())
    assert change_notice(actor=staff.deputy, notice_id=draft.pk, facts=facts(title="改过的标题")).title == "改过的标题"
    discard_notice(actor=staff.clerk, notice_id=draft.pk)
    out = published(staff)
    for act in (
        lambda: publish_notice(actor=staff.clerk, notice_id=draft.pk, today=TODAY),
        lambda: change_notice(actor=staff.clerk, notice_id=out.pk, facts=facts()),
        lambda: discard_notice(actor=staff.clerk, notice_id=out.pk),
        lambda: publish_notice(actor=staff.clerk, notice_id=out.pk, today=TODAY),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.codes == ["N03"]


def test_the_database_keeps_what_was_published(staff):
    notice = published(staff)
    for change in ({"body": "另一番话"}, {"audience_keys": ["unit_head"]}, {"must_confirm": True}, {"state": "draft"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Notice.objects.filter(pk=notice.pk).update(**change)


def test_a_notice_that_would_reach_nobody_is_not_published(staff):
    draft = draft_notice(
        actor=staff.clerk, facts=facts(audience=Audience.UNITS, audience_keys=(staff.cast.township.pk,))
    )
    with pytest.raises(Refused) as refused:
        publish_notice(actor=staff.clerk, notice_id=draft.pk, today=TODAY)
    assert refused.value.codes == ["N04"]


def test_reading_counts_once_and_settles_the_message(staff):
    notice = published(staff)
    deliver()
    message = Message.objects.get(recipient=staff.bureau_clerk)
    assert (message.title, message.read_at) == (f"通知公告：{notice.title}", None)
    assert still_to_read(staff.bureau_clerk).get().notice == notice
    read_notice(actor=staff.bureau_clerk, notice_id=notice.pk)
    first = NoticeRecipient.objects.get(notice=notice, user=staff.bureau_clerk).read_at
    read_notice(actor=staff.bureau_clerk, notice_id=notice.pk)
    assert NoticeRecipient.objects.get(notice=notice, user=staff.bureau_clerk).read_at == first
    message.refresh_from_db()
    assert message.read_at is not None
    counts = read_counts([notice.pk])[notice.pk]
    assert (counts.read, counts.unread, counts.percent) == (1, len(staff.everybody) - 1, 100 // len(staff.everybody))
    assert not still_to_read(staff.bureau_clerk).exists()


def test_whoever_reads_a_notice_not_for_them_leaves_no_trace(staff):
    notice = published(staff, audience=Audience.PEOPLE, audience_keys=(staff.bureau_clerk.pk,))
    read_notice(actor=staff.audit_clerk, notice_id=notice.pk)
    assert read_counts([notice.pk])[notice.pk].read == 0
    assert not Notice.objects.visible_to(staff.audit_clerk).exists()
    assert Notice.objects.visible_to(staff.bureau_clerk).get() == notice


def test_a_notice_that_must_be_read_is_open_until_confirmed(staff):
    notice = published(staff, must_confirm=True)
    read_notice(actor=staff.bureau_clerk, notice_id=notice.pk)
    assert still_to_read(staff.bureau_clerk).exists()
    row = confirm_notice(actor=staff.bureau_clerk, notice_id=notice.pk)
    assert confirm_notice(actor=staff.bureau_clerk, notice_id=notice.pk).confirmed_at == row.confirmed_at
    assert not still_to_read(staff.bureau_clerk).exists()
    assert AuditEntry.objects.filter(action="office.notice_confirmed").count() == 1
    assert read_counts([notice.pk])[notice.pk].confirmed == 1


def test_nothing_is_confirmed_that_asks_for_no_confirmation(staff):
    plain = published(staff)
    for_others = published(staff, must_confirm=True, audience=Audience.PEOPLE, audience_keys=(staff.audit_clerk.pk,))
    for notice in (plain, for_others):
        with pytest.raises(Refused) as refused:
            confirm_notice(actor=staff.bureau_clerk, notice_id=notice.pk)
        assert refused.value.codes == ["N06"]


def test_a_withdrawn_notice_is_gone_for_its_readers_and_its_messages_with_it(staff):
    notice = published(staff, must_confirm=True)
    deliver()
    with pytest.raises(Refused) as refused:
        withdraw_notice(actor=staff.clerk, notice_id=notice.pk, reason="  ")
    assert refused.value.codes == ["N05"]
    withdraw_notice(actor=staff.clerk, notice_id=notice.pk, reason="日期有误")
    assert not Notice.objects.visible_to(staff.bureau_clerk).exists()
    assert not Message.objects.unread().filter(recipient=staff.bureau_clerk).exists()
    assert not still_to_read(staff.bureau_clerk).exists()
    with pytest.raises(Refused):
        confirm_notice(actor=staff.bureau_clerk, notice_id=notice.pk)


def test_the_messages_of_a_withdrawn_notice_are_settled_for_people_the_publisher_cannot_see(staff, behind_the_wall):
    notice, other = published(staff), published(staff)
    deliver()
    with acting(scope_of(staff.clerk)):
        assert not Message.objects.filter(recipient=staff.bureau_clerk).exists(), "the wall stands"
        withdraw_notice(actor=staff.clerk, notice_id=notice.pk, reason="日期有误")
    assert not Message.objects.unread().filter(about=f"notice:{notice.pk}").exists()
    assert Message.objects.unread().filter(about=f"notice:{other.pk}", recipient=staff.bureau_clerk).exists()


def test_a_withdrawn_notice_is_not_mailed_any_more(staff, mail: Sink):
    address = "zhaomin@example.gov.cn"
    set_preference(actor=staff.bureau_clerk, mail_address=address, mail_kinds=[MessageKind.NOTICE])
    withdrawn, standing = published(staff), published(staff, title="关于停电的通知")
    deliver()
    withdraw_notice(actor=staff.clerk, notice_id=withdrawn.pk, reason="日期有误")
    row = Mail.objects.get(message__about=f"notice:{withdrawn.pk}")
    assert (row.state, row.last_error) == (MailState.CANCELLED, "通知已撤回")
    assert send_waiting() == 1
    [letter] = mail.letters
    assert standing.title in letter.subject


def test_whoever_joins_an_audience_later_is_added_and_told_once(staff):
    notice = published(staff, audience=Audience.UNITS, audience_keys=(staff.cast.bureau.pk,))
    deliver()
    late = account("late")
    grant_role(actor=CONSOLE, user_id=late.pk, role="unit_clerk", organization_id=staff.cast.bureau.pk)
    assert complete_audiences(actor=CONSOLE, today=TODAY) == 1
    assert complete_audiences(actor=CONSOLE, today=TODAY) == 0
    deliver()
    assert late.pk in addressed(notice)
    assert Message.objects.filter(recipient=late).count() == 1
    assert Message.objects.filter(recipient=staff.bureau_head).count() == 1


def test_readers_are_listed_with_those_who_have_not_read_first(staff):
    notice = published(staff, audience=Audience.UNITS, audience_keys=(staff.cast.bureau.pk,))
    read_notice(actor=staff.bureau_clerk, notice_id=notice.pk)
    assert [reader.name for reader in readers(notice)] == ["钱进", "赵敏"]
    deactivate(actor=CONSOLE, user_id=staff.bureau_head.pk)
    assert [reader.name for reader in readers(notice)] == ["赵敏"], "a closed account is not waited for"


def test_publishing_tells_everybody_but_the_publisher_once(staff):
    notice = published(staff, must_confirm=True)
    deliver()
    told = Message.objects.filter(about=f"notice:{notice.pk}")
    assert set(told.values_list("recipient_id", flat=True)) == staff.everybody - {staff.clerk.pk}
    assert set(told.values_list("title", flat=True)) == {f"请确认阅读：{notice.title}"}

"""The pages: who may open what, what is shown, what a form says when it is refused."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.common.web import once
from bianzhi.common.web.forms import LookupListField
from bianzhi.kernel import clock
from bianzhi.office.models import CalendarEvent, CalendarFeed, Mail, MailState, Message, MessageKind, Notice
from bianzhi.office.rules.wording import Words
from bianzhi.office.services import notices
from bianzhi.office.services.events import plan_event
from bianzhi.office.services.messages import News, tell
from bianzhi.office.services.notices import publish_notice
from bianzhi.office.services.preferences import set_preference
from bianzhi.workflow.services.delegations import delegate
from tests.accounts.people import CONSOLE, account
from tests.cast import TODAY
from tests.office.conftest import client_of, deliver
from tests.office.smtp_sink import Sink
from tests.office.test_calendar import meeting
from tests.office.test_notices import facts, published

pytestmark = pytest.mark.django_db


def text_of(answer: Any) -> str:
    body: str = answer.content.decode()
    return body


def url(name: str, *args: Any) -> str:
    return reverse(f"office:{name}", args=args)


def message_for(user: User, title: str = "已办结：一件事", link: str = "/organizations/") -> Message:
    news = News(user.pk, MessageKind.ENDED, Words(title), link)
    return tell(actor=CONSOLE, event=f"test:{title}", news=[news])[0]


# --- notices -----------------------------------------------------------------------------------------------------


def draft_data(**other: Any) -> dict[str, Any]:
    return {
        "title": "关于申报用编计划的通知",
        "body": "第一段<script>alert(1)</script>\n\n第二段",
        "audience": "all",
        "includes_subtree": "on",
        "token": "one",
        **other,
    }


def test_a_notice_goes_from_the_form_to_its_readers(staff):
    clerk, reader = client_of(staff.clerk), client_of(staff.bureau_clerk)
    data = draft_data(audience="units", units=f"{staff.cast.bureau.pk},{staff.education.pk}", must_confirm="on")
    answer = clerk.post(url("notice_new"), data)
    notice = Notice.objects.get()
    assert answer["Location"] == url("notice", notice.pk)
    assert clerk.post(url("notice_new"), data)["Location"] == url("notice", notice.pk), "sent twice, drafted once"
    assert Notice.objects.count() == 1
    assert reader.get(url("notice", notice.pk)).status_code == 404
    page = text_of(clerk.get(url("notice", notice.pk)))
    assert "按单位：测试区财政局、测试区教育局（含下级单位）" in page
    clerk.post(url("notice_publish", notice.pk))
    deliver()
    assert '<span class="count-badge">1' in text_of(reader.get(url("messages")))
    page = text_of(reader.get(url("notice", notice.pk)))
    assert "<p>第二段</p>" in page
    assert "<script>alert" not in page
    assert "确认已读" in page
    assert "发送情况" not in page
    assert "count-badge" not in text_of(reader.get(url("messages")))
    reader.post(url("notice_confirm", notice.pk))
    assert "已确认" in text_of(reader.get(url("notices")))
    listed = text_of(clerk.get(url("notice_readers", notice.pk)))
    assert "应读 4 人，已读 1 人，未读 3 人，已确认 1 人" in listed
    assert "1 / 4" in text_of(clerk.get(url("notices")))


@pytest.mark.parametrize(
    ("other", "words"),
    [
        ({"title": ""}, "标题：这个字段是必填项"),
        ({"audience": "units"}, "请选择单位"),
        ({"audience": "roles"}, "请选择角色"),
        ({"audience": "people", "people": "没有这个人"}, "没有找到“没有这个人”"),
    ],
)
def test_a_notice_form_says_what_is_missing(staff, other, words):
    answer = client_of(staff.clerk).post(url("notice_new"), draft_data(**other))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Notice.objects.exists()


def test_a_notice_whose_first_sending_failed_is_saved_by_the_second(staff, monkeypatch):
    def fail(**_: Any) -> Notice:
        raise OperationalError("database is locked")

    clerk = client_of(staff.clerk)
    clerk.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(notices, "draft_notice", fail)
        assert clerk.post(url("notice_new"), draft_data()).status_code == 500
    assert not Notice.objects.exists()
    answer = clerk.post(url("notice_new"), draft_data())
    assert answer["Location"] == url("notice", Notice.objects.get().pk)


@pytest.mark.parametrize(("name", "model"), [("notice_new", Notice), ("event_new", CalendarEvent)])
def test_a_form_whose_first_sending_is_under_way_is_not_said_to_be_saved(staff, name, model):
    data = draft_data() if model is Notice else event_data(token="one")
    browser: Any = SimpleNamespace(user=staff.clerk)
    assert once.claim(browser, "one")
    answer = client_of(staff.clerk).post(url(name), data)
    assert answer.status_code == 422
    assert "同一份表单正在办理，请稍候查看结果" in text_of(answer)
    assert data["title"] in text_of(answer), "what was typed stays"
    assert not model.objects.exists()


def test_names_typed_without_a_script_are_understood(staff):
    data = draft_data(audience="people", people="赵敏、钱进")
    client_of(staff.clerk).post(url("notice_new"), data)
    assert set(Notice.objects.get().audience_keys) == {staff.bureau_clerk.pk, staff.bureau_head.pk}


def test_a_list_of_things_has_a_limit():
    field = LookupListField("colleague", most=2, required=False)
    with pytest.raises(Exception, match="最多选择 2 个"):
        field.clean("一，二，三")


def test_a_draft_is_changed_and_what_is_out_is_not(staff):
    clerk = client_of(staff.clerk)
    clerk.post(url("notice_new"), draft_data(audience="people", people=str(staff.bureau_clerk.pk)))
    notice = Notice.objects.get()
    page = text_of(clerk.get(url("notice_edit", notice.pk)))
    assert f'value="{staff.bureau_clerk.pk}"' in page
    assert 'data-label="赵敏"' in page
    clerk.post(url("notice_edit", notice.pk), draft_data(title="改过的标题"))
    notice.refresh_from_db()
    assert (notice.title, notice.audience) == ("改过的标题", "all")
    publish_notice(actor=staff.clerk, notice_id=notice.pk, today=TODAY)
    assert clerk.get(url("notice_edit", notice.pk)).status_code == 302
    clerk.post(url("notice_withdraw", notice.pk), {"reason": ""})
    notice.refresh_from_db()
    assert notice.is_published
    clerk.post(url("notice_withdraw", notice.pk), {"reason": "日期有误"})
    assert "日期有误" in text_of(clerk.get(url("notice", notice.pk)))
    assert client_of(staff.bureau_clerk).get(url("notice", notice.pk)).status_code == 404


def test_a_discarded_draft_is_pale_in_the_list(staff):
    clerk = client_of(staff.clerk)
    clerk.post(url("notice_new"), draft_data())
    clerk.post(url("notice_discard", Notice.objects.get().pk))
    assert "已废弃" in text_of(clerk.get(url("notices")))


@pytest.mark.parametrize(
    ("question", "seen"),
    [("", True), ("?reading=unread", True), ("?reading=read", False), ("?reading=confirm", True), ("?q=申报", True)],
)
def test_readers_narrow_the_list_by_what_they_have_read(staff, question, seen):
    published(staff, title="关于申报的通知", must_confirm=True)
    page = text_of(client_of(staff.bureau_clerk).get(url("notices") + question))
    assert ("关于申报的通知" in page.split("<tbody>")[-1]) is seen


def test_the_list_of_notices_costs_the_same_for_many(staff, django_assert_max_num_queries):
    client = client_of(staff.clerk)
    published(staff)
    client.get(url("notices"))
    with django_assert_max_num_queries(25) as few:
        client.get(url("notices"))
    for number in range(8):
        published(staff, title=f"第 {number} 份")
    with django_assert_max_num_queries(len(few)):
        client.get(url("notices"))


# --- messages ----------------------------------------------------------------------------------------------------


def test_opening_a_message_leads_to_its_matter_and_counts_as_reading(staff):
    message = message_for(staff.bureau_clerk)
    reader = client_of(staff.bureau_clerk)
    assert "未读" in text_of(reader.get(url("messages")))
    assert reader.get(url("message", message.pk))["Location"] == "/organizations/"
    message.refresh_from_db()
    assert message.read_at is not None
    assert client_of(staff.audit_clerk).get(url("message", message.pk)).status_code == 404
    without = message_for(staff.bureau_clerk, "没有去处", link="")
    assert reader.get(url("message", without.pk))["Location"] == url("messages")


def test_messages_are_taken_as_read_by_choice_or_all_at_once(staff):
    chosen, left = message_for(staff.bureau_clerk, "甲"), message_for(staff.bureau_clerk, "乙")
    foreign = message_for(staff.audit_clerk, "丙")
    reader = client_of(staff.bureau_clerk)
    reader.post(url("messages_read"), {"selected": [chosen.pk, foreign.pk, "x", 10**30]})
    assert set(Message.objects.unread()) == {left, foreign}
    reader.post(url("messages_read_all"))
    assert set(Message.objects.unread()) == {foreign}


# --- preferences and mail ----------------------------------------------------------------------------------------


def test_preferences_are_kept_and_a_test_mail_is_queued(staff, mail: Sink):
    reader = client_of(staff.bureau_clerk)
    answer = reader.post(url("preferences"), {"mail_address": "不是邮箱", "mail_kinds": ["task"]})
    assert answer.status_code == 422
    answer = reader.post(url("preferences"), {"mail_address": "", "mail_kinds": ["task"]})
    assert "没有填写邮箱" in text_of(answer)
    reader.post(url("preferences"), {"mail_address": "zhao@example.gov.cn", "mail_kinds": ["task", "urged"]})
    page = text_of(reader.get(url("preferences")))
    assert 'value="zhao@example.gov.cn"' in page
    reader.post(url("test_mail"))
    assert Mail.objects.get().message.kind == "test"


def test_preferences_say_when_mail_is_not_set_up(staff, settings):
    settings.EMAIL_HOST = ""
    page = text_of(client_of(staff.bureau_clerk).get(url("preferences")))
    assert "没有设置邮件服务器" in page
    client_of(staff.bureau_clerk).post(url("test_mail"))
    assert not Mail.objects.exists()


def test_the_administrator_sees_states_and_errors_but_neither_words_nor_addresses(staff, mail: Sink):
    set_preference(actor=staff.bureau_clerk, mail_address="zhao@example.gov.cn", mail_kinds=["ended"])
    message_for(staff.bureau_clerk, "已办结：张三入编")
    Mail.objects.update(state=MailState.FAILED, last_error="550 no such user", attempts=1)
    admin = client_of(staff.admin)
    page = text_of(admin.get(url("mails")))
    assert "550 no such user" in page
    assert "赵敏" in page
    assert "张三" not in page
    assert "zhao@" not in page
    admin.post(url("mails_retry"), {"selected": [Mail.objects.get().pk]})
    assert Mail.objects.get().state == MailState.WAITING
    admin.post(url("mails_retry"), {"selected": [Mail.objects.get().pk, "x"]})
    assert client_of(staff.clerk).get(url("mails")).status_code == 403


# --- calendar ----------------------------------------------------------------------------------------------------


def event_data(**other: Any) -> dict[str, Any]:
    return {
        "kind": "meeting",
        "title": "用编计划会商",
        "place": "三楼会议室",
        "first": "2026.3.5",
        "starts": "09:00",
        "ends": "11:00",
        "token": "event",
        **other,
    }


def test_an_event_is_planned_changed_and_cancelled_on_its_pages(staff):
    clerk, deputy = client_of(staff.clerk), client_of(staff.deputy)
    clerk.post(url("event_new"), event_data(participants=f"{staff.deputy.pk}"))
    clerk.post(url("event_new"), event_data(participants=f"{staff.deputy.pk}"))
    event = CalendarEvent.objects.get()
    assert "用编计划会商" in text_of(deputy.get(f"{url('calendar')}?month=2026-03"))
    assert "2026-03-05（周四）09:00—11:00" in text_of(deputy.get(url("event", event.pk)))
    assert client_of(staff.audit_clerk).get(url("event", event.pk)).status_code == 404
    assert deputy.get(url("event_edit", event.pk))["Location"] == url("event", event.pk)
    answer = deputy.post(url("event_edit", event.pk), event_data())
    assert (answer.status_code, "只能由其修改" in text_of(answer)) == (422, True)
    clerk.post(url("event_edit", event.pk), event_data(first="20260306", all_day="on", last="20260307"))
    page = text_of(clerk.get(url("event", event.pk)))
    assert "2026-03-06（周五）至 2026-03-07（周六）全天" in page
    clerk.post(url("event_cancel", event.pk), {"reason": "另行通知"})
    assert "另行通知" in text_of(clerk.get(url("event", event.pk)))


def test_a_clash_is_told_but_does_not_stand_in_the_way(staff):
    plan_event(actor=staff.director, facts=meeting(staff.deputy))
    answer = client_of(staff.clerk).post(url("event_new"), event_data(participants=str(staff.deputy.pk)), follow=True)
    assert "请注意：陈国平 该时段另有日程" in text_of(answer)


@pytest.mark.parametrize(
    ("other", "words"),
    [({"first": "昨天"}, "昨天"), ({"ends": "08:00"}, "结束时间应在开始时间之后"), ({"title": ""}, "必填")],
)
def test_an_event_form_says_what_is_wrong(staff, other, words):
    answer = client_of(staff.clerk).post(url("event_new"), event_data(**other))
    assert answer.status_code == 422
    assert words in text_of(answer)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?month=2026-10",
        "?month=abc",
        "?month=9999-12",
        "?month=2000-01",
        "?day=2026-03-05",
        "?day=x",
        "?day=0001-01-01",
    ],
)
def test_the_calendar_answers_whatever_is_asked(staff, question):
    page = client_of(staff.bureau_clerk).get(url("calendar") + question)
    assert page.status_code == 200


def test_a_subscription_is_shown_once_and_can_be_stopped(staff):
    clerk = client_of(staff.clerk)
    page = text_of(clerk.post(url("feed_open")))
    address = page.split('id="feed-url"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    assert address not in text_of(clerk.get(url("calendar")))
    clerk.post(url("feed_revoke"))
    assert CalendarFeed.objects.filter(revoked_at__isnull=True).count() == 0
    assert "您没有开通日历订阅" in text_of(clerk.post(url("feed_revoke"), follow=True))


def test_who_is_away_is_told_to_those_who_may_know(staff):
    for giver, holder, first in (
        (staff.deputy, staff.clerk, TODAY),
        (staff.bureau_head, staff.bureau_clerk, date(2026, 3, 10)),
    ):
        delegate(
            actor=giver,
            delegator_id=giver.pk,
            delegate_id=holder.pk,
            flows=[],
            valid_from=first,
            valid_until=date(2026, 3, 12),
            reason="外出学习",
            today=TODAY,
        )
    office = text_of(client_of(staff.director).get(url("away")))
    assert "陈国平" in office
    assert "即将外出" in office
    unit = text_of(client_of(staff.bureau_clerk).get(url("away")))
    assert "钱进" in unit
    assert "陈国平" not in unit
    assert "钱进" not in text_of(client_of(staff.audit_clerk).get(url("away")))


# --- outsiders ---------------------------------------------------------------------------------------------------

PAGES = ["notices", "messages", "preferences", "calendar", "calendar_file", "away", "event_new", "notice_new", "mails"]


@pytest.mark.parametrize("name", PAGES)
def test_somebody_without_any_role_sees_no_page_and_no_bell(staff, name):
    client = client_of(account("roleless"))
    assert client.get(url(name)).status_code == 403
    assert "topbar-tool bell" not in text_of(client.get("/search/"))


@pytest.mark.parametrize(
    "question",
    [
        "date=abc",
        "date=9999-12-31",
        f"page={10**30}&kind=X&state=X&reading=X",
        "q=%00%F0%9F%98%80&month=%00&day=%00",
        "sort=nothing&export=docx",
        "published_from=yesterday&created_to=x",
    ],
)
def test_a_question_that_makes_no_sense_gets_an_answer_that_does(staff, question):
    clients = {name: client_of(staff.admin if name == "mails" else staff.clerk) for name in PAGES}
    found = {name: client.get(f"{url(name)}?{question}").status_code for name, client in clients.items()}
    assert {name: status for name, status in found.items() if status not in (200, 400, 404)} == {}


@pytest.mark.parametrize("name", ["notice_new", "mails"])
def test_a_units_clerk_neither_drafts_notices_nor_looks_after_mail(staff, name):
    assert client_of(staff.bureau_clerk).get(url(name)).status_code == 403


def test_colleagues_are_found_by_name_account_or_office(staff):
    client = client_of(staff.bureau_clerk)
    found = client.get("/lookup/colleague/?q=陈国").json()["options"]
    assert [option["label"] for option in found] == ["陈国平"]
    assert client.get("/lookup/colleague/?q=cgp").json()["options"] == found
    assert client_of(account("roleless")).get("/lookup/colleague/?q=陈").json()["options"] == []


def test_the_publisher_drafts_on_the_day_of_the_clock(staff):
    notice = published(staff)
    assert notice.published_at is not None
    assert notice.published_at <= clock.now()
    assert facts().audience == "all"

"""A case page's buttons: each act done once, refusals with what was typed, and what only some people are offered."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.kernel.objections import Objection
from bianzhi.workflow.models import FlowInstance, FlowOpinion, FlowTask, InstanceStatus, TaskStatus
from bianzhi.workflow.services.delegations import delegate
from bianzhi.workflow.web.phrases import phrases
from tests.workflow.engine.flows import TODAY, Domain, begin_case, publish_flow, step
from tests.workflow.engine.hands import agree, status, submit, tasks_at, where
from tests.workflow.web.conftest import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflow.web.urls")]
Desk = Callable[[str], Client]
TOKEN = "f" * 32


def act(client: Client, name: str, task: FlowTask, **data: Any) -> Any:
    """Press a button of a task, as a browser without scripts does."""
    return client.post(reverse(f"workflow:{name}", args=[task.pk]), data)


def at_review(case: FlowInstance) -> FlowTask:
    return tasks_at(case, "review")[0]


def test_the_page_offers_what_the_step_allows_and_marks_it_opened(at_desk: Desk, case: FlowInstance) -> None:
    page = text_of(at_desk("ann").get("/tests/1/"))
    for words in (
        "同意",
        "不同意",
        "退回",
        "转办",
        "加签",
        "抄送",
        "领取",
        "申请回避",
        "拟同意，请领导审定。",
        "剩 5 天",
    ):
        assert words in page
    assert at_review(case).opened_at is not None
    assert 'id="decision"' not in text_of(at_desk("hrman").get("/tests/1/"))


def test_who_began_the_case_hands_in_a_report_and_judges_nothing(at_desk: Desk, staff: dict[str, User]) -> None:
    report = step("report", stage="处理", actions="copy", extra='<bb:assign initiator="true"/>')
    publish_flow("reported", step("apply", submit=True), step("review", role="office_deputy"), report)
    case = begin_case(staff["clerk"], "reported")
    submit(staff["clerk"], case)
    agree(staff["ann"], case, "review")
    clerk = at_desk("clerk")
    page = text_of(clerk.get(f"/tests/{case.subject_id}/"))
    assert "提交</button>" in page
    assert "不同意</button>" not in page
    act(clerk, "decide", tasks_at(case, "report")[0], verdict="agree", text="已整改", token=TOKEN)
    assert "已提交“report”" in text_of(clerk.get(f"/tests/{case.subject_id}/"))


def test_a_step_with_words_of_its_own_is_offered_decided_and_told_in_them(
    at_desk: Desk, staff: dict[str, User]
) -> None:
    words = '<bb:verdict agree="无问题" disagree="有问题"/>'
    check = step("check", role="office_deputy", reject="collect", extra=words)
    report = step("report", relation="own", role="unit_head", actions="copy", extra='<bb:verdict agree="报送"/>')
    publish_flow("checked", step("apply", submit=True), check, report)
    case = begin_case(staff["clerk"], "checked")
    submit(staff["clerk"], case)
    ann, head = at_desk("ann"), at_desk("head")
    page = text_of(ann.get(f"/tests/{case.subject_id}/"))
    assert "无问题</button>" in page
    assert "有问题</button>" in page
    assert "同意</button>" not in page
    unsaid = act(ann, "decide", tasks_at(case, "check")[0], verdict="disagree", text="", token=TOKEN)
    assert "有问题须写明理由" in text_of(unsaid)
    act(ann, "decide", tasks_at(case, "check")[0], verdict="disagree", text="台账不全", token="e" * 32)
    assert "已办理：有问题" in text_of(ann.get(f"/tests/{case.subject_id}/"))
    assert "<td>有问题</td>" in text_of(ann.get(reverse("workflow:opinions", args=[case.pk])))
    assert "有问题" in text_of(ann.get(reverse("workflow:done")))
    page = text_of(head.get(f"/tests/{case.subject_id}/"))
    assert "报送</button>" in page
    assert "退回</summary>" not in page
    refused = act(head, "decide", tasks_at(case, "report")[0], verdict="disagree", text="不改", token="d" * 32)
    assert "不能这样办理" in text_of(refused)
    act(head, "decide", tasks_at(case, "report")[0], verdict="agree", text="已补齐", token="c" * 32)
    assert "已办理：报送" in text_of(head.get(f"/tests/{case.subject_id}/"))


def test_agreeing_leads_back_to_the_case_and_a_second_click_does_nothing(at_desk: Desk, case: FlowInstance) -> None:
    ann, task = at_desk("ann"), at_review(case)
    sent = {"verdict": "agree", "text": "材料齐全，同意。", "token": TOKEN}
    answer = act(ann, "decide", task, **sent)
    assert answer.status_code == 302
    assert answer.url == "/tests/1/"
    assert where(case) == ["ratify"]
    again = ann.post(reverse("workflow:decide", args=[task.pk]), sent, follow=False)
    assert again["Location"] == "/tests/1/"
    assert FlowOpinion.objects.filter(task=task, action="agree").count() == 1
    assert "没有重复办理" in text_of(ann.get("/tests/1/"))


def test_a_retry_after_a_lost_session_still_decides_once(at_desk: Desk, case: FlowInstance) -> None:
    task = at_review(case)
    sent = {"verdict": "agree", "text": "同意", "token": TOKEN}
    act(at_desk("ann"), "decide", task, **sent)
    answer = act(at_desk("ann"), "decide", task, **sent)
    assert answer.status_code == 302
    assert FlowOpinion.objects.filter(task=task, action="agree").count() == 1


def test_a_refusal_keeps_what_was_typed(at_desk: Desk, case: FlowInstance, domain: Domain) -> None:
    domain.against = [Objection("R02", "编制不足，缺 1 名。", next_step="请先核增编制。")]
    ann, task = at_desk("ann"), at_review(case)
    answer = act(ann, "decide", task, verdict="agree", text="已核，同意办理", token=TOKEN)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "编制不足" in page
    assert "已核，同意办理" in page
    assert "<h1>" in page
    part = ann.post(
        reverse("workflow:decide", args=[task.pk]), {"verdict": "agree", "text": "再次"}, headers={"HX-Request": "true"}
    )
    assert part.status_code == 422
    assert "<h1>" not in text_of(part)
    assert "再次" in text_of(part)
    domain.against = []
    assert act(ann, "decide", task, verdict="agree", text="已核", token=TOKEN).status_code == 302


def test_a_stale_page_says_who_was_quicker(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    task = at_review(case)
    agree(staff["bob"], case, "review")
    answer = act(at_desk("ann"), "decide", task, verdict="agree", text="我的意见", token=TOKEN)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "已由人员bob于" in page
    assert "我的意见" in page
    assert "查看最新情况" in page


def test_disagreeing_needs_words(at_desk: Desk, case: FlowInstance) -> None:
    ann, task = at_desk("ann"), at_review(case)
    assert "须写明理由" in text_of(act(ann, "decide", task, verdict="disagree", text=" "))
    assert act(ann, "decide", task, verdict="disagree", text="不符合规定").status_code == 302
    assert status(case) == InstanceStatus.REJECTED


def test_sending_back_to_the_applicant_and_submitting_again(at_desk: Desk, case: FlowInstance) -> None:
    ann, task = at_desk("ann"), at_review(case)
    assert "没有选择退回到哪个环节" in text_of(act(ann, "return", task, text="请补正"))
    assert "须写明理由" in text_of(act(ann, "return", task, target="apply", way="direct", text=""))
    assert act(ann, "return", task, target="apply", way="direct", text="请补正材料").status_code == 302
    assert where(case) == ["apply"]
    clerk = at_desk("clerk")
    page = text_of(clerk.get("/tests/1/"))
    assert 'value="submit"' in page
    assert 'value="disagree"' not in page
    answer = act(clerk, "decide", tasks_at(case, "apply")[0], verdict="submit", text="已补正")
    assert answer.status_code == 302
    assert where(case) == ["review"]


def test_taking_an_opinion_back(at_desk: Desk, case: FlowInstance) -> None:
    ann, task = at_desk("ann"), at_review(case)
    act(ann, "decide", task, verdict="agree", text="同意")
    assert "撤回我的意见" in text_of(ann.get("/tests/1/"))
    assert act(ann, "withdraw", task, text="写错了").status_code == 302
    assert where(case) == ["review"]
    act(ann, "decide", at_review(case), verdict="agree", text="同意")
    at_desk("director").get("/tests/1/")
    assert "撤回我的意见" not in text_of(ann.get("/tests/1/"))


def test_claiming_and_putting_back(at_desk: Desk, case: FlowInstance) -> None:
    ann, task = at_desk("ann"), at_review(case)
    assert act(ann, "claim", task).status_code == 302
    assert act(at_desk("bob"), "decide", task, verdict="agree", text="同意").status_code in (404, 422)
    assert act(ann, "release", task).status_code == 302
    assert act(at_desk("bob"), "decide", task, verdict="agree", text="同意").status_code == 302


def test_handing_over_to_a_colleague(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    ann, task = at_desk("ann"), at_review(case)
    assert "没有选择转给谁" in text_of(act(ann, "transfer", task))
    assert "没有担任" in text_of(act(ann, "transfer", task, person=staff["hrman"].pk))
    assert act(ann, "transfer", task, person=staff["bob"].pk, text="请办").status_code == 302
    assert at_review(case).assignee_id == staff["bob"].pk
    assert "转办" in text_of(at_desk("bob").get(reverse("workflow:todo")))


def test_stepping_back_from_a_case(at_desk: Desk, case: FlowInstance) -> None:
    ann, task = at_desk("ann"), at_review(case)
    assert "须说明理由" in text_of(act(ann, "recuse", task))
    assert act(ann, "recuse", task, text="与申请人有亲属关系").status_code == 302


def test_asking_one_more_person_and_taking_that_back(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    ann, task = at_desk("ann"), at_review(case)
    act(ann, "claim", task)
    assert "没有选择加签人" in text_of(act(ann, "add_signer", task))
    sent = {"added": staff["hrman"].pk, "position": "beside", "text": "请会签"}
    assert act(ann, "add_signer", task, **sent).status_code == 302
    page = text_of(ann.get("/tests/1/"))
    assert "已加签、尚未办理" in page
    added = FlowTask.objects.get(added_by=task)
    assert "没有选择减去谁" in text_of(act(ann, "remove_signer", task))
    assert act(ann, "remove_signer", task, signer=added.pk).status_code == 302
    added.refresh_from_db()
    assert added.status == TaskStatus.CANCELLED


@pytest.mark.parametrize("position", ["before", "after"])
def test_who_was_asked_first_or_last_is_taken_back_by_their_adder_alone(
    at_desk: Desk, case: FlowInstance, staff: dict[str, User], position: str
) -> None:
    ann, task = at_desk("ann"), at_review(case)
    act(ann, "claim", task)
    act(ann, "add_signer", task, added=staff["director"].pk, position=position)
    added, button = FlowTask.objects.get(added_by=task), "减签：人员director</button>"
    if position == "after":
        assert button not in text_of(ann.get("/tests/1/"))
        act(ann, "decide", task, verdict="agree", text="同意", token=TOKEN)
    assert button not in text_of(at_desk("bob").get("/tests/1/"))
    assert button not in text_of(at_desk("director").get("/tests/1/"))
    page = text_of(ann.get("/tests/1/"))
    assert button in page
    assert reverse("workflow:remove_signer", args=[added.pk]) in page
    assert act(ann, "remove_signer", added, signer=added.pk).status_code == 302
    assert where(case) == (["review"] if position == "before" else ["ratify"])
    assert button not in text_of(ann.get("/tests/1/"))


def test_copies_are_sent_and_read(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    ann, task = at_desk("ann"), at_review(case)
    act(ann, "claim", task)
    assert "没有选择抄送对象" in text_of(act(ann, "copy", task))
    answer = act(ann, "copy", task, copies=f"{staff['hrman'].pk},{staff['finance'].pk}")
    assert answer.status_code == 302
    hrman = at_desk("hrman")
    assert "已阅" in text_of(hrman.get("/tests/1/"))
    copy = FlowTask.objects.get(kind="copy", assignee=staff["hrman"])
    assert act(hrman, "read", copy).status_code == 302
    assert "已阅" in text_of(ann.get("/tests/1/"))
    director = at_desk("director")
    whole = reverse("workflow:copy_case", args=[case.pk])
    assert director.post(whole, {"copies": staff["cid"].pk}).status_code == 302


def test_hurrying_whoever_has_it(at_desk: Desk, case: FlowInstance) -> None:
    clerk, task = at_desk("clerk"), at_review(case)
    assert "催办" in text_of(clerk.get("/tests/1/"))
    assert act(clerk, "urge", task, text="请尽快").status_code == 302
    assert "4 小时内不能重复催办" in text_of(act(clerk, "urge", task))


def test_the_applicant_takes_the_case_back(at_desk: Desk, case: FlowInstance) -> None:
    clerk = at_desk("clerk")
    url = reverse("workflow:withdraw_case", args=[case.pk])
    assert "须写明原因" in text_of(clerk.post(url, {"text": ""}))
    assert clerk.post(url, {"text": "不再需要"}).status_code == 302
    assert status(case) == InstanceStatus.WITHDRAWN
    assert "只有申请人可以撤回" in text_of(at_desk("director").post(url, {"text": "试试"}))


def test_the_director_stops_resumes_moves_and_ends(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    director, task = at_desk("director"), at_review(case)
    page = text_of(director.get("/tests/1/"))
    assert "调整办理" in page
    assert "调整办理" not in text_of(at_desk("ann").get("/tests/1/"))

    def press(name: str, **data: Any) -> Any:
        return director.post(reverse(f"workflow:{name}", args=[case.pk]), data)

    assert press("suspend", text="等待上级批复").status_code == 302
    assert "已经挂起" in text_of(press("suspend", text="再来一次"))
    assert press("resume", text="上级已批复").status_code == 302
    assert "没有选择改派给谁" in text_of(act(director, "reassign", task, text="ann 出差"))
    assert act(director, "reassign", task, person=staff["cid"].pk, text="ann 出差").status_code == 302
    assert "没有选择调整到哪个环节" in text_of(press("move", text="重来"))
    assert "没有选择哪一个分支" in text_of(press("move", text="重来", target="apply"))
    assert press("move", text="重来", target="apply", branch=task.token_id).status_code == 302
    assert where(case) == ["apply"]
    assert press("terminate", text="政策调整").status_code == 302
    assert status(case) == InstanceStatus.TERMINATED


def test_skipping_a_step_needs_the_director_and_a_reason(at_desk: Desk, case: FlowInstance) -> None:
    director, task = at_desk("director"), at_review(case)
    assert act(at_desk("ann"), "skip", task, text="跳过吧").status_code == 403
    assert "须写明理由" in text_of(act(director, "skip", task))
    assert act(director, "skip", task, text="会前已沟通").status_code == 302
    assert where(case) == ["ratify"]


def test_a_delegate_decides_in_the_others_name(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    delegate(
        actor=staff["ann"],
        delegator_id=staff["ann"].pk,
        delegate_id=staff["hrman"].pk,
        flows=[],
        valid_from=TODAY,
        valid_until=TODAY,
        reason="出差",
        today=TODAY,
    )
    hrman = at_desk("hrman")
    assert "代人员ann办理" in text_of(hrman.get("/tests/1/"))
    act(hrman, "decide", at_review(case), verdict="agree", text="同意")
    assert "人员hrman（代人员ann）" in text_of(hrman.get(reverse("workflow:opinions", args=[case.pk])))


def test_a_delegate_of_two_says_for_whom(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    for principal in ("ann", "bob"):
        delegate(
            actor=staff[principal], delegator_id=staff[principal].pk, delegate_id=staff["hrman"].pk, flows=[],
            valid_from=TODAY, valid_until=TODAY, reason="出差", today=TODAY,
        )  # fmt: skip
    hrman = at_desk("hrman")
    page = text_of(hrman.get("/tests/1/"))
    assert "代谁办理" in page
    assert "领取</button>" not in page
    unsaid = act(hrman, "decide", at_review(case), verdict="agree", text="可行", token=TOKEN)
    assert unsaid.status_code == 422
    assert "人员ann、人员bob都把“review”委托给了您" in text_of(unsaid)
    assert "可行" in text_of(unsaid)
    foreign = act(hrman, "decide", at_review(case), verdict="agree", on_behalf_of=staff["cid"].pk, token="a" * 32)
    assert "没有把这项任务委托给您" in text_of(foreign)
    act(hrman, "decide", at_review(case), verdict="agree", text="可行", on_behalf_of=staff["bob"].pk, token="b" * 32)
    opinion = FlowOpinion.objects.get(instance=case, action="agree")
    assert (opinion.actor_label, opinion.on_behalf_of_id) == ("人员hrman（代人员bob）", staff["bob"].pk)
    assert opinion.task is not None
    assert opinion.task.done_for_id == staff["bob"].pk


def test_who_has_nothing_to_do_with_a_case_finds_nothing(at_desk: Desk, case: FlowInstance) -> None:
    stranger = at_desk("stranger")
    task = at_review(case)
    for name in (
        "decide",
        "return",
        "withdraw",
        "claim",
        "transfer",
        "recuse",
        "add_signer",
        "copy",
        "read",
        "urge",
        "skip",
    ):
        assert act(stranger, name, task, verdict="agree").status_code == 404, name
        assert act(at_desk("outsider"), name, task).status_code == 403, name
    for name in ("withdraw_case", "copy_case"):
        assert stranger.post(reverse(f"workflow:{name}", args=[case.pk])).status_code == 404
    for name in ("terminate", "suspend", "resume", "move"):
        assert at_desk("ann").post(reverse(f"workflow:{name}", args=[case.pk])).status_code == 403
    assert act(at_desk("ann"), "reassign", task).status_code == 403
    assert stranger.get(reverse("workflow:opinions", args=[case.pk])).status_code == 404


def test_the_sheet_of_opinions_proves_its_chain(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    agree(staff["ann"], case, "review", "情况属实，拟同意。")
    url = reverse("workflow:opinions", args=[case.pk])
    page = text_of(at_desk("clerk").get(url))
    head = case.opinions.order_by("-number").first()
    assert head is not None
    assert "情况属实，拟同意。" in page
    assert head.hash in page
    assert "首尾相接" in page


def test_phrases_begin_with_the_users_own(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    agree(staff["ann"], case, "review", "经研究，原则同意。")
    page = text_of(at_desk("director").get("/tests/1/"))
    assert "经研究，原则同意。</button>" not in page
    assert phrases(staff["ann"])[0] == "经研究，原则同意。"


def test_people_are_found_by_name_account_or_initials(at_desk: Desk, staff: dict[str, User]) -> None:
    url = reverse("common:lookup", args=["flow-person"])
    found = at_desk("ann").get(url, {"q": "hrman"}).json()["options"]
    assert [option["label"] for option in found] == ["人员hrman"]
    assert at_desk("outsider").get(url, {"q": "hrman"}).json()["options"] == []

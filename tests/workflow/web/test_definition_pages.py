"""流程设置: flows and versions, the step list, files in and out, publishing, and running cases taken over."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.workflow.models import FlowDefinition, FlowInstance, FlowVersion, VersionStatus
from bianzhi.workflow.rules.profile import Verdicts
from bianzhi.workflow.rules.steps import Block, Step, StepList, from_process
from bianzhi.workflow.selectors.definitions import draft_of, process_of
from tests.workflow.engine.flows import flow_xml, step
from tests.workflow.engine.hands import where
from tests.workflow.web.conftest import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflow.web.urls")]
Desk = Callable[[str], Client]
SOUND = flow_xml(
    "plain",
    step("apply", submit=True, stage="申请"),
    step("check", role="office_clerk", stage="审批"),
    step("review", role="office_deputy", stage="审批", days=3),
    step("ratify", role="office_director", stage="核准"),
)
FLAWED = flow_xml("plain", step("apply", submit=True), step("review", role="nobody_knows"))
EMPTY_LINES = {
    "seats-TOTAL_FORMS": "1",
    "seats-INITIAL_FORMS": "0",
    "copies-TOTAL_FORMS": "0",
    "copies-INITIAL_FORMS": "0",
}


def flow() -> FlowDefinition:
    return FlowDefinition.objects.get(key="plain")


def upload(admin: Client, xml: str, name: str = "plain.bpmn") -> Any:
    file = SimpleUploadedFile(name, xml.encode(), "application/xml")
    return admin.post(reverse("workflow:upload", args=[flow().pk]), {"file": file, "note": "加一道核对"})


def draft() -> FlowVersion:
    found = draft_of(flow())
    assert found is not None
    return found


def listed() -> StepList:
    found = from_process(process_of(draft()))
    assert found is not None
    return found


def test_the_list_shows_what_is_in_use_and_how_many_cases_run(admin: Client, case: FlowInstance) -> None:
    page = text_of(admin.get(reverse("workflow:definitions")))
    assert "plain" in page
    assert "第 1 版" in page
    page = text_of(admin.get(reverse("workflow:definition", args=[flow().pk])))
    assert "在用" in page


def test_a_new_flow_is_named_and_leads_to_its_steps(admin: Client) -> None:
    url = reverse("workflow:create_definition")
    sent = {"key": "new_flow", "title": "新业务", "subject_kind": "tests.case"}
    answer = admin.post(url, sent)
    made = FlowDefinition.objects.get(key="new_flow")
    assert answer["Location"] == reverse("workflow:edit_steps", args=[made.pk])
    assert "还没有版本" in text_of(admin.get(answer["Location"]))
    again = admin.post(url, sent)
    assert again.status_code == 422
    assert "已经有了" in text_of(again)


def test_a_file_becomes_the_draft_and_what_it_changes_is_shown(admin: Client, case: FlowInstance) -> None:
    answer = upload(admin, SOUND)
    assert answer.url == reverse("workflow:version", args=[draft().pk])
    page = text_of(admin.get(answer.url))
    assert "新增：check" in page
    assert "review：时限" in page
    assert "3 个工作日" in page
    assert "没有发现问题" in page
    file = admin.get(reverse("workflow:download", args=[draft().pk]))
    assert file.headers["Content-Disposition"] == 'attachment; filename="plain-v2.bpmn"'
    assert file.content.decode() == SOUND


def test_files_that_are_none_are_refused(admin: Client, case: FlowInstance) -> None:
    assert "没有选择文件" in text_of(admin.post(reverse("workflow:upload", args=[flow().pk]), {}))
    assert "F01" in text_of(upload(admin, "<不是 XML"))
    bad = SimpleUploadedFile("x.bpmn", b"\xff\xfe\x00", "application/xml")
    assert "UTF-8" in text_of(admin.post(reverse("workflow:upload", args=[flow().pk]), {"file": bad}))
    assert draft_of(flow()) is None


def test_publishing_names_every_flaw_and_then_takes_effect(admin: Client, case: FlowInstance) -> None:
    upload(admin, FLAWED)
    answer = admin.post(reverse("workflow:publish", args=[draft().pk]))
    assert answer.status_code == 422
    page = text_of(answer)
    assert "F27" in page
    assert 'data-flow-element="review"' in page
    upload(admin, SOUND)
    version = draft()
    assert admin.post(reverse("workflow:publish", args=[version.pk])).status_code == 302
    version.refresh_from_db()
    assert version.status == VersionStatus.PUBLISHED
    assert admin.post(reverse("workflow:retire", args=[version.pk])).status_code == 302
    assert "只有已发布的版本可以停用" in text_of(admin.post(reverse("workflow:retire", args=[version.pk])))


def test_a_drawing_is_saved_arranged_and_published(admin: Client, case: FlowInstance) -> None:
    url = reverse("workflow:draw", args=[flow().pk])
    page = text_of(admin.get(url))
    assert "flow-editor.js" in page
    assert "BPMNShape" in page, "a flow without a picture is laid out"
    assert admin.post(url, {"xml": SOUND, "note": "画图"}).status_code == 302
    assert admin.post(url, {"xml": SOUND, "then": "arrange"}).status_code == 302
    assert "BPMNShape" in draft().bpmn_xml
    refused = admin.post(url, {"xml": FLAWED, "then": "publish"})
    assert refused.status_code == 422
    assert "F27" in text_of(refused)
    unread = text_of(admin.post(url, {"xml": "<", "then": "arrange"}))
    assert "不能重新排列" in unread
    assert "F01" in unread
    done = admin.post(url, {"xml": SOUND, "then": "publish"})
    assert done["Location"] == reverse("workflow:definition", args=[flow().pk])


def test_a_draft_without_a_picture_that_cannot_be_read_whole_is_never_drawn_over(
    admin: Client, case: FlowInstance
) -> None:
    script = '<bpmn:scriptTask id="review" name="review"><bpmn:script>run()</bpmn:script></bpmn:scriptTask>'
    foreign = re.sub(r'<bpmn:userTask id="review".*?</bpmn:userTask>', script, SOUND, flags=re.DOTALL)
    upload(admin, foreign)
    kept = draft()
    assert kept.bpmn_xml == foreign
    url = reverse("workflow:draw", args=[flow().pk])
    for answer in (admin.get(url), admin.post(url, {"then": "arrange"}), admin.post(url, {"note": "画图"})):
        assert answer["Location"] == reverse("workflow:version", args=[kept.pk])
    assert draft().bpmn_xml == foreign
    page = text_of(admin.get(reverse("workflow:version", args=[kept.pk])))
    assert "画图编辑会丢失这些内容" in page
    assert "F06" in page
    upload(admin, SOUND)
    assert admin.get(url).status_code == 200


class Editing:
    """The step list at the administrator's desk."""

    def __init__(self, admin: Client) -> None:
        self.admin = admin
        self.url = reverse("workflow:edit_steps", args=[flow().pk])

    def press(self, op: str, at: str = "", **data: Any) -> Any:
        version = draft_of(flow()) or flow().versions.order_by("-number")[0]
        return self.admin.post(self.url, {"op": op, "at": at, "base": version.digest, **data})


@pytest.fixture
def editing(admin: Client, case: FlowInstance) -> Editing:
    return Editing(admin)


def step_data(**changes: Any) -> dict[str, Any]:
    return {
        **EMPTY_LINES,
        "kind": "user",
        "name": "合规审查",
        "step_id": "compliance",
        "stage": "审批",
        "order": "single",
        "mode": "all",
        "agree": "同意",
        "disagree": "不同意",
        "reject": "stop",
        "return_to": "any",
        "ways": ["step", "direct"],
        "actions": ["return", "copy"],
        "limit_days": "3",
        "seats-0-who": "role",
        "seats-0-role": "office_clerk",
        "seats-0-relation": "",
        **changes,
    }


def test_a_step_is_added_changed_moved_and_taken_out(editing: Editing) -> None:
    page = text_of(editing.admin.get(editing.url, {"new": "user", "at": "1"}))
    assert "新增：人工办理" in page
    assert editing.press("add", "1", **step_data()).status_code == 302
    added = listed().steps[1]
    assert isinstance(added, Step)
    assert (added.name, added.seats[0].role, added.limit and added.limit.days) == ("合规审查", "office_clerk", 3)
    page = text_of(editing.admin.get(editing.url, {"at": "1"}))
    assert "修改：人工办理" in page
    assert 'value="合规审查"' in page
    changed = step_data(name="合法性审查", limit_days="", limit_fact="clock_days")
    assert editing.press("save", "1", **changed).status_code == 302
    assert listed().steps[1].name == "合法性审查"
    editing.press("down", "1")
    assert [item.id for item in listed().steps] == ["apply", "review", "compliance", "ratify"]
    editing.press("up", "2")
    editing.press("remove", "1")
    assert [item.id for item in listed().steps] == ["apply", "review", "ratify"]


def test_a_step_is_decided_in_words_of_its_own(editing: Editing) -> None:
    words = step_data(agree="无问题", disagree="有问题")
    assert editing.press("add", "1", **words).status_code == 302
    assert listed().steps[1].verdicts == Verdicts("无问题", "有问题")  # type: ignore[union-attr]
    page = text_of(editing.admin.get(editing.url, {"at": "1"}))
    assert 'value="无问题"' in page
    version = draft_of(flow())
    assert version is not None
    assert "无问题、有问题" in text_of(editing.admin.get(reverse("workflow:version", args=[version.pk])))


def test_a_countersign_has_several_people_and_a_ratio(editing: Editing) -> None:
    seats = {"seats-TOTAL_FORMS": "2", "seats-1-who": "role", "seats-1-role": "liaison_hr", "seats-1-relation": ""}
    sent = step_data(order="parallel", mode="ratio", ratio="67", when='level == "commission"', **seats)
    assert editing.press("add", "2", **sent).status_code == 302
    made = listed().steps[2]
    assert isinstance(made, Step)
    assert (len(made.seats), made.countersign.ratio, made.when) == (2, 67, 'level == "commission"')
    assert "人社局联络员" in text_of(editing.admin.get(editing.url))


def test_blocks_and_their_branches(editing: Editing) -> None:
    assert editing.press("add_block", "2", kind="parallel").status_code == 302
    assert editing.press("add", "2-0-0", **step_data()).status_code == 302
    assert editing.press("add", "2-1-0", **step_data(step_id="other", name="另一支")).status_code == 302
    editing.press("add_branch", "2")
    block = listed().steps[2]
    assert isinstance(block, Block)
    assert len(block.branches) == 3
    page = text_of(editing.admin.get(editing.url, {"branch": "1", "at": "2-0"}))
    assert "什么情况下走这一支" in page
    editing.press("remove_branch", "2-2")
    editing.press("branch", "2-0", name="人社")
    block = listed().steps[2]
    assert isinstance(block, Block)
    assert [branch.name for branch in block.branches] == ["人社", ""]


def test_machines_wait_and_call(editing: Editing) -> None:
    plain = {"name": "生效", "step_id": "effect", "stage": ""}
    assert editing.press("add", "3", kind="command", command="tests.final", **plain).status_code == 302
    waiting = {"name": "公示", "step_id": "public", "stage": "公示", "wait_days": "5"}
    assert editing.press("add", "4", kind="wait", **waiting).status_code == 302
    page = text_of(editing.admin.get(editing.url))
    assert "记一笔" in page
    assert "5 个工作日" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "这个字段是必填项"),
        ({"step_id": "review"}, "已经有了"),
        ({"step_id": "1 x"}, "标识"),
        ({"when": "level =="}, "条件写得不对"),
        ({"seats-0-role": ""}, "请选择岗位"),
        ({"seats-0-who": "user"}, "请填写账号或字段名"),
    ],
)
def test_what_is_filled_in_wrongly_is_said_and_kept(editing: Editing, changes: dict[str, str], words: str) -> None:
    answer = editing.press("add", "1", **step_data(**changes))
    assert answer.status_code == 422
    page = text_of(answer)
    assert words in page
    assert 'value="office_clerk" selected' in page or changes.get("seats-0-role") == ""
    assert draft_of(flow()) is None


def test_two_administrators_do_not_overwrite_each_other(editing: Editing) -> None:
    editing.press("remove", "1")
    answer = editing.admin.post(editing.url, {"op": "remove", "at": "1", "base": "old"})
    assert answer.status_code == 422
    assert "已被修改" in text_of(answer)
    assert "没有这个环节" in text_of(editing.press("remove", "9"))
    assert "没有这个环节" in text_of(editing.press("remove", "x-y"))
    assert "没有这种操作" in text_of(editing.press("explode"))
    assert "没有这个环节" in text_of(editing.press("add_block", "0", kind="spiral"))
    assert "没有这个环节" in text_of(editing.press("add", "0", **step_data(kind="dance")))
    assert "不能保存的控制字符" in text_of(editing.press("add", "0", **step_data(name="审\x01核")))
    assert editing.press("note", note="去掉审核").status_code == 302
    assert draft().note == "去掉审核"


def test_a_flow_beyond_the_list_is_sent_to_the_drawing_table(admin: Client, case: FlowInstance) -> None:
    loop = SOUND.replace(
        "</bpmn:process>", '<bpmn:sequenceFlow id="back" sourceRef="ratify" targetRef="check"/></bpmn:process>'
    )
    upload(admin, loop)
    assert "不能用列表编辑" in text_of(admin.get(reverse("workflow:edit_steps", args=[flow().pk])))


def test_running_cases_go_over_to_the_new_version(admin: Client, case: FlowInstance, staff: dict[str, User]) -> None:
    old = case.version
    url = reverse("workflow:migrate", args=[old.pk])
    assert admin.get(url).status_code == 302, "there is no other version yet"
    renamed = SOUND.replace('"review"', '"audit"')
    upload(admin, renamed)
    admin.post(reverse("workflow:publish", args=[draft().pk]))
    page = text_of(admin.get(url))
    assert "没有对应的环节" in page
    assert "map-review" in page
    refused = admin.post(url, {"go": "1", "text": "换版"})
    assert refused.status_code == 422
    assert "F40" in text_of(refused)
    shown = text_of(admin.post(url, {"map-review": "audit"}))
    assert "没有对应的环节" not in shown
    assert "须写明理由" in text_of(admin.post(url, {"map-review": "audit", "go": "1", "text": ""}))
    assert admin.post(url, {"map-review": "audit", "go": "1", "text": "流程优化"}).status_code == 302
    assert where(case) == ["audit"]


def test_only_the_administrator_keeps_flows(at_desk: Desk, case: FlowInstance) -> None:
    pk, version = flow().pk, case.version_id
    pages = [
        reverse("workflow:definitions"),
        reverse("workflow:create_definition"),
        *(reverse(f"workflow:{name}", args=[pk]) for name in ("definition", "edit_steps", "draw")),
        *(reverse(f"workflow:{name}", args=[version]) for name in ("version", "download", "migrate")),
    ]
    director = at_desk("director")
    assert [director.get(url).status_code for url in pages] == [403] * len(pages)
    posts = [
        reverse("workflow:upload", args=[pk]),
        *(reverse(f"workflow:{n}", args=[version]) for n in ("publish", "retire")),
    ]
    assert [director.post(url).status_code for url in posts] == [403] * len(posts)

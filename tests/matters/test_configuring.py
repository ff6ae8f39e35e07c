"""Setting matters up: installed once, changed by an administrator, for new cases only."""

from dataclasses import replace

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import System
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.approvers import ApproverRule
from bianzhi.matters.rules.evidence import EvidenceSpec
from bianzhi.matters.rules.fields import FieldSpec, Kind, Only
from bianzhi.matters.selectors.versions import current_version, draft_version
from bianzhi.matters.services.configuring import (
    MatterSettings,
    objections_to_version,
    publish_matter,
    save_matter_draft,
)
from bianzhi.matters.services.installing import install_matters
from bianzhi.workflow.models import FlowDefinition
from bianzhi.workflow.services.definitions import create_definition, save_draft
from tests.matters.test_exit_case import resignation

MATTERS = ("P05",)
PLAIN = FieldSpec("contact", Kind.TEXT, "联系电话", required=True)


def current() -> MatterVersion:
    version = current_version("P05")
    assert version is not None
    return version


def propose(people, **changes):
    settings = replace(MatterSettings.of(current()), **changes)
    return save_matter_draft(actor=people.system_admin, matter="P05", settings=settings)


def without(name):
    return [spec for spec in MatterSettings.of(current()).fields if spec.name != name]


def changed(name, **facts):
    return [replace(spec, **facts) if spec.name == name else spec for spec in MatterSettings.of(current()).fields]


def test_matters_are_installed_once_and_left_alone_afterwards(matters):
    assert install_matters(actor=System("安装"), only=["P05"]) == []
    assert MatterVersion.objects.filter(matter="P05").count() == 1
    assert FlowDefinition.objects.get(key="matter_p05").title == "P05 出编"


def test_everything_this_release_brings_can_be_installed(people):
    installed = install_matters(actor=System("安装"))
    assert {"P01", "P05", "P19"} <= set(installed)
    assert set(installed) == set(MatterVersion.objects.filter(status="published").values_list("matter", flat=True))


def test_a_change_holds_for_new_cases_and_leaves_running_ones(matters):
    member = matters.cast.member(matters.cast.bureau)
    running = matters.draft("P05", resignation(member))
    draft = propose(matters, fields=[*MatterSettings.of(current()).fields, PLAIN], clock_days=7, note="加联系电话")
    publish_matter(actor=matters.system_admin, version_id=draft.pk)
    running.refresh_from_db()
    assert running.version.number == 1
    assert running.version.status == "retired"
    fresh = matters.draft("P05", resignation(member))
    assert (fresh.version.number, fresh.version.clock_days) == (2, 7)
    assert "contact" in {field["name"] for field in fresh.version.fields}


def test_there_is_one_draft_at_a_time_and_it_is_saved_over(matters):
    first = propose(matters, clock_days=4)
    second = propose(matters, clock_days=6)
    assert first.pk == second.pk
    kept = draft_version("P05")
    assert kept is not None
    assert kept.clock_days == 6


def test_only_who_configures_matters_may(matters):
    with pytest.raises(Denied):
        save_matter_draft(actor=matters.director, matter="P05", settings=MatterSettings.of(current()))
    draft = propose(matters)
    with pytest.raises(Denied):
        publish_matter(actor=matters.director, version_id=draft.pk)


def test_a_published_version_is_not_published_again(matters):
    with pytest.raises(Refused) as refused:
        publish_matter(actor=matters.system_admin, version_id=current().pk)
    assert refused.value.codes == ["M82"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (lambda: {"fields": without("person")}, "“出编人员”是办理该事项必需的字段，不能删除或隐藏"),
        (lambda: {"fields": changed("person", hidden=True)}, "不能删除或隐藏"),
        (lambda: {"fields": changed("person", kind=Kind.TEXT)}, "只能改名称"),
        (lambda: {"fields": changed("person", required=False)}, "不能改为选填"),
        (lambda: {"fields": changed("reason", label=" ")}, "名称应为 1–40 个字"),
        (lambda: {"fields": [*without(""), PLAIN, PLAIN]}, "字段标识“contact”重复 2 次"),
        (lambda: {"fields": [*without(""), replace(PLAIN, name="联系")]}, "不合规定"),
        (lambda: {"fields": [*without(""), replace(PLAIN, kind=Kind.SLOT)]}, "新增字段只能是"),
        (lambda: {"fields": [*without(""), replace(PLAIN, kind=Kind.CHOICE)]}, "没有可选项"),
        (lambda: {"fields": [*without(""), replace(PLAIN, only=Only("nothing", ("1",)))]}, "不存在的字段“nothing”"),
        (lambda: {"fields": [*without(""), replace(PLAIN, minimum=5, maximum=1)]}, "最小值 5 大于最大值 1"),
        (lambda: {"evidence": []}, "必需的材料"),
        (lambda: {"evidence": [EvidenceSpec(" ", "甲")]}, "为空、过长或重复"),
        (lambda: {"approvers": []}, "至少须有一条"),
        (lambda: {"approvers": [ApproverRule("king", "国王批")]}, "没有审批层级“king”"),
        (lambda: {"approvers": [ApproverRule("office", "编办", "reason ==")]}, "审批权限第 1 条的条件"),
        (lambda: {"approvers": [ApproverRule("office", "编办", "ghost > 1")]}, "不存在的字段“ghost”"),
        (lambda: {"approvers": [ApproverRule("commission", "编委批")]}, "流程没有按审批层级分支"),
        (lambda: {"clock_days": 0}, "办理时限（工作日）应为 1–250，现为 0"),
        (lambda: {"publication_days": 99}, "公示期（工作日）应为 0–60"),
        (lambda: {"sampling_percent": 101}, "督查抽查比例（%）应为 0–100"),
    ],
)
def test_what_would_break_a_matter_is_not_published(matters, changes, words):
    draft = propose(matters, **changes())
    with pytest.raises(Refused) as refused:
        publish_matter(actor=matters.system_admin, version_id=draft.pk)
    assert set(refused.value.codes) == {"M81"}
    assert words in str(refused.value)
    assert [str(each) for each in objections_to_version(draft)] == [str(each) for each in refused.value.objections]


def test_fields_may_be_renamed_explained_and_moved(matters):
    fields = changed("destination", label="去往何处", help="单位全称", section="去向", required=True)
    draft = propose(matters, fields=[fields[-1], *fields[:-1]])
    assert publish_matter(actor=matters.system_admin, version_id=draft.pk).status == "published"


def test_a_flow_that_leaves_an_act_out_or_is_another_matters_is_not_taken(matters):
    other = create_definition(
        actor=matters.system_admin, key="something_else", title="别的流程", subject_kind="matters.case"
    )
    flow = save_draft(actor=matters.system_admin, definition_id=other.pk, xml=current().flow_version.bpmn_xml)
    draft = propose(matters, flow_version_id=flow.pk)
    with pytest.raises(Refused) as refused:
        publish_matter(actor=matters.system_admin, version_id=draft.pk)
    assert "不是该事项已发布的流程" in str(refused.value)


@pytest.mark.parametrize("changes", [{"clock_days": -1}, {"note": "长" * 301}, {"flow_version_id": 0}])
def test_what_no_column_holds_is_not_even_a_draft(matters, changes):
    with pytest.raises(Refused) as refused:
        propose(matters, **changes)
    assert refused.value.codes == ["M81"]

"""The cases of the demonstration, lived through day by day by the services that live through real ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from bianzhi.accounts.models import User
from bianzhi.common import working_days
from bianzhi.demo import past
from bianzhi.demo.stories import CLERKS, STORIES, Setting, Story
from bianzhi.kernel.objections import Refused
from bianzhi.matters.models import Case
from bianzhi.matters.rules.evidence import asked_for, evidence_from_json
from bianzhi.matters.services.attachments import attach
from bianzhi.matters.services.drafting import begin_case
from bianzhi.matters.services.feedback import give_feedback
from bianzhi.matters.services.handling import handle
from bianzhi.matters.services.publishing import ON_SHOW, raise_objection
from bianzhi.matters.services.submitting import submit_case
from bianzhi.workflow.jobs.clocks import run_clocks
from bianzhi.workflow.models import FlowTask, TaskStatus
from bianzhi.workflow.selectors.standing import tasks_of
from bianzhi.workflow.services.opening import open_task
from bianzhi.workflow.services.returning import return_task
from bianzhi.workflow.services.withdrawing import withdraw_case

DESKS: Final[Mapping[str, Sequence[str]]] = {
    "unit_head": ("caizhengju",),
    "supervising": ("jiaoyu", "weijian"),
    "consent_clerk": ("yizhong", "erzhong"),
    "accept": ("jingban",),
    "review": ("shenhe",),
    "joint": ("renshe", "zuzhi", "czlianluo"),
    "commission": ("mishu",),
    "reply": ("jingban2",),
    "consult": ("jingban2",),
    "rectify": ("caizheng", "yiyuan", "yizhong", "erzhong"),
    "supervise": ("ducha",),
    "verify": ("ducha",),
}
"""Who sits where; every other step of the office is the director's."""
DIRECTOR: Final = "zhuren"
WORDS: Final = {
    "unit_head": "情况属实，同意上报。",
    "supervising": "经审核，同意上报。",
    "accept": "材料齐全，予以受理。",
    "review": "经与实名制信息核对，符合规定，建议同意。",
    "joint": "无意见。",
    "supervise": "抽查办件材料，手续齐备。",
    "ratify": "同意。",
}
RATINGS: Final = {5: "办理及时，指导耐心。", 4: "总体满意。", 3: "办理时间稍长。"}


@dataclass(slots=True)
class Lived:
    """A story on its way: its case, and the day of its next step."""

    story: Story
    next_on: date
    place: str = ""
    case: Case | None = None
    is_over: bool = False


@dataclass(slots=True)
class Replay:
    """The weeks before the day of loading."""

    setting: Setting
    users: Mapping[str, User]
    today: date
    refused: list[Refused] = field(default_factory=list)

    def run(self) -> list[Case]:
        """Live through the weeks; the cases that came of it."""
        calendar = working_days.load(self.today)
        lived = [Lived(story, calendar.add_working_days(self.today, -story.begun)) for story in STORIES]
        day = min(each.next_on for each in lived)
        while day < self.today:
            with past.on(day):
                run_clocks(day)
                for each in lived:
                    if not each.is_over and each.next_on <= day:
                        past.pass_time()
                        self._live(each, day)
                        each.next_on = calendar.add_working_days(day, each.story.pace)
            day = calendar.add_working_days(day, 1)
        run_clocks(self.today)
        return [each.case for each in lived if each.case is not None]

    def _live(self, each: Lived, day: date) -> None:
        """One step; where the register refuses it, the case stays where it is, as it would for anybody."""
        try:
            if each.case is None:
                each.place = self.setting.place_of(each.story, day)
                each.case = self._begin(each, day)
                if each.story.until != "draft":
                    submit_case(actor=self._applicant(each.case), case_id=each.case.pk, today=day)
                each.is_over = each.story.until == "draft"
            else:
                each.is_over = self._go_on(each.story, each.case, day)
        except Refused as refusal:
            self.refused.append(refusal)
            each.is_over = True

    def _begin(self, each: Lived, day: date) -> Case:
        """A draft with every paper its form asks for."""
        story, unit = each.story, self.setting.unit(each.place)
        applicant = self.users[story.by or CLERKS[each.place]]
        form = story.form(self.setting, each.place, day)
        case = begin_case(actor=applicant, matter=story.matter, organization_id=unit.pk, form=form, today=day)
        for spec in asked_for(evidence_from_json(case.version.evidence), case.form):
            text = f"{spec.label}\n\n{case.title}\n\n演示材料，内容虚构，不作依据。\n"
            name = f"{spec.label}.txt"
            attach(actor=applicant, case_id=case.pk, name=name, data=text.encode(), evidence=spec.code, today=day)
        return case

    def _applicant(self, case: Case) -> User:
        return next(user for user in self.users.values() if user.pk == case.applicant_id)

    def _go_on(self, story: Story, case: Case, day: date) -> bool:
        """Let whoever is next act; True when nothing more happens to the case."""
        case.refresh_from_db()
        if case.instance is None or not case.instance.is_live:
            return True
        tasks = FlowTask.objects.filter(instance_id=case.instance_id, status=TaskStatus.TODO).exclude(kind="copy")
        task = tasks.order_by("pk").first()
        if task is None:
            return story.until == "published" and self._object(story, case, day)
        if task.node_id == story.until and story.twist != "problem":
            self._twist(story, case, task, day)
            return True
        self._act(story, case, task, day)
        return False

    def _twist(self, story: Story, case: Case, task: FlowTask, day: date) -> None:
        if story.twist == "return":
            text = "申报依据与档案认定意见不一致，请核对后重新提交。"
            user = self._whose(case, task, day)
            return_task(actor=user, task_id=task.pk, to_node="apply", way="step", text=text, today=day)
        elif story.twist == "refuse":
            text = "该同志服务期未满，按聘用合同约定暂不予办理。"
            handle(actor=self._whose(case, task, day), task_id=task.pk, verdict="disagree", text=text, today=day)
        elif story.twist == "withdraw":
            applicant, text = self._applicant(case), "本人撤回辞职申请"
            withdraw_case(actor=applicant, instance_id=task.instance_id, text=text, today=day)

    def _object(self, story: Story, case: Case, day: date) -> bool:
        """Somebody objects to what is on show."""
        publication = case.publications.filter(state__in=ON_SHOW).first()
        if publication is None or story.twist != "object":
            return publication is not None
        raise_objection(
            actor=self.users["jingban"],
            publication_id=publication.pk,
            raised_by="王先生",
            contact="来信",
            text="反映该同志报考岗位要求的工作年限需进一步核实。",
            today=day,
        )
        return True

    def _act(self, story: Story, case: Case, task: FlowTask, day: date) -> None:
        if task.node_id == "feedback":
            applicant, words = self._applicant(case), RATINGS[story.score]
            give_feedback(actor=applicant, case_id=case.pk, score=story.score, today=day, comment=words)
            return
        user = self._whose(case, task, day)
        open_task(actor=user, task_id=task.pk, today=day)
        is_problem = task.node_id == "supervise" and story.twist == "problem"
        handle(
            actor=user,
            task_id=task.pk,
            verdict="disagree" if is_problem else "agree",
            text="核销回执未归入人事档案，请补正。" if is_problem else WORDS.get(task.node_id, "同意。"),
            values=self._written(task, day),
            today=day,
        )

    def _whose(self, case: Case, task: FlowTask, day: date) -> User:
        """Who has the task: the applicant, or whoever of its desk it is for."""
        if task.assignee_id is not None:
            return next(user for user in self.users.values() if user.pk == task.assignee_id)
        desk = [self.users[name] for name in DESKS.get(task.node_id, (DIRECTOR,))]
        mine = FlowTask.objects.filter(pk=task.pk)
        return next((user for user in desk if mine.filter(tasks_of(user, day)).exists()), self._applicant(case))

    def _written(self, task: FlowTask, day: date) -> dict[str, Any] | None:
        """What the step writes into the form."""
        if task.node_id == "reply":
            paper = self.setting.paper("云编办核", day, "关于机构编制事项的批复", kind="reply", level="office")
            return {"decision": paper}
        if task.node_id == "consult":
            number = f"江市编办函〔{day.year}〕{next(self.setting.serial)}号"
            return {"consult_no": number, "consult_on": day.isoformat(), "consult_result": "agreed"}
        if task.node_id == "rectify":
            return {"rectify_report": "已逐项核对更正，有关材料已归档。"}
        return None


def live_through(setting: Setting, users: Mapping[str, User], today: date) -> dict[str, int]:
    """Bring the cases about; how many there are, and how many the register refused to let go on."""
    replay = Replay(setting, users, today)
    cases = replay.run()
    return {"cases": len(cases), "refused": len(replay.refused)}

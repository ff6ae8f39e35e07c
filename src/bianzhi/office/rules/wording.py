"""What messages say. The words hold names and numbers of cases, never numbers of people."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Final

from bianzhi.kernel.masking import mask_id_number

ID_NUMBERS: Final = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|\d{15})(?!\d)")
TITLE_LENGTH: Final = 240
TEXT_LENGTH: Final = 500

ENDINGS: Final = {
    "completed": "已办结",
    "rejected": "不予同意",
    "withdrawn": "申请人已撤回",
    "terminated": "已终止",
}
ACTS: Final = {
    "workflow.returned": "退回",
    "workflow.withdrawn": "撤回",
    "workflow.terminated": "终止",
    "workflow.skipped": "跳过该环节",
    "workflow.signer_removed": "减签",
    "workflow.intervened": "调整办理环节",
    "workflow.migrated": "换用新流程",
}


@dataclass(frozen=True, slots=True)
class Words:
    """The two lines of a message."""

    title: str
    text: str = ""


def without_id_numbers(text: str) -> str:
    """The text with every number that looks like a citizen's ID number masked."""
    return ID_NUMBERS.sub(lambda found: mask_id_number(found[0]), text)


def fitting(text: str, length: int) -> str:
    """The text cut to a length, with an ellipsis where something is missing."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def task_arrived(case: str, step: str, by: str, due_on: date | None, *, on_behalf_of: str = "") -> Words:
    """A new task."""
    for_whom = f"（代 {on_behalf_of}）" if on_behalf_of else ""
    clock = f"，请于 {due_on} 前办理" if due_on else ""
    return Words(f"请办理{for_whom}：{case}", f"“{step}”环节，{by} 送来{clock}。")


def task_returned(case: str, step: str, by: str, due_on: date | None, *, on_behalf_of: str = "") -> Words:
    """A task that came back."""
    for_whom = f"（代 {on_behalf_of}）" if on_behalf_of else ""
    clock = f"，请于 {due_on} 前办理" if due_on else ""
    return Words(f"{by} 退回{for_whom}：{case}", f"退回至“{step}”环节，请查看退回意见后重新办理{clock}。")


def copied(case: str, by: str) -> Words:
    """Something to read."""
    return Words(f"请阅知：{case}", f"{by} 抄送给您，阅后请点“已阅”。")


def cancelled(case: str, step: str, by: str, action: str) -> Words:
    """A task that is no longer one's own."""
    return Words(f"不再需要您办理：{case}", f"{by} 已{ACTS.get(action, '办理')}，“{step}”环节的任务随之取消。")


def ended(case: str, status: str, by: str) -> Words:
    """How a case ended, to whoever began it."""
    return Words(f"{ENDINGS.get(status, '已结束')}：{case}", f"最后办理人：{by}。")


def urged(case: str, step: str, by: str, text: str) -> Words:
    """Somebody is waiting."""
    return Words(f"{by} 催办：{case}", f"“{step}”环节。{text}".rstrip())


def clock_words(case: str, step: str, rung: str, due_on: date, late: int, *, holders: str = "") -> Words:
    """A rung of the ladder: `rung` is warn, due, overdue, yellow or red; `late` counts working days past the limit.

    `holders` names who has the task, in the words to their leader.
    """
    heads = {
        "warn": f"将于 {due_on} 到期",
        "due": "今天到期",
        "overdue": f"已超期 {late} 个工作日",
        "yellow": f"黄牌 · 已超期 {late} 个工作日",
        "red": f"红牌 · 已超期 {late} 个工作日",
    }
    who = f"，承办人：{holders}" if holders else ""
    ask = "请督促尽快办理。" if holders else "请尽快办理。"
    return Words(f"{heads[rung]}：{case}", f"“{step}”环节，办理期限 {due_on}{who}。{ask}")


def job_failed(title: str, number: int, why: str) -> Words:
    """A job that ended by no fault of whoever asked for it."""
    return Words(f"后台任务失败：{fitting(title, 100)}", f"任务号 {number}：{why}")


def original_damaged(name: str, state: str) -> Words:
    """An original of the archive is not as it came."""
    return Words(
        f"档案原件{state}：{name}", "核验发现原件与登记的摘要不符，请系统管理员从备份恢复（archive restore）。"
    )


def account_change_proposed(account: str, what: str, by: str, *, in_force: bool) -> Words:
    """A change of an account waits for a second person."""
    text = "变更已经生效，请事后复核。" if in_force else "复核同意后生效，逾期未复核的自动失效。"
    return Words(f"请复核账号变更：{account} {what}", f"{by}提出。{text}")


def export_asked(title: str, rows: int, by: str, purpose: str) -> Words:
    """A request for an export waits for approval."""
    return Words(f"请审批导出：{title}（{rows} 条）", f"{by}申请，用途：{purpose}。")


def export_moved(title: str, state: str, note: str) -> Words:
    """What became of a request for an export."""
    return Words(f"导出申请{state}：{title}", note)


def account_change_ended(account: str, what: str, state: str, note: str) -> Words:
    """What became of a proposed change of an account."""
    return Words(f"账号变更{state}：{account} {what}", f"复核意见：{note}" if note else "")

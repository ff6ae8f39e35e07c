"""What the engine shows of itself: the five lists in the menu, people to choose from, the colours of its words."""

from bianzhi.common.web import lookups, navigation, tones
from bianzhi.workflow.web import people
from bianzhi.workflow.web.inbox import HANDLE, VIEW, todo_badge

CONFIGURE = "matters.configure"


def register() -> None:
    """Called once, when the app is ready."""
    bench = navigation.Group.WORKBENCH
    for entry in (
        navigation.Entry(
            bench,
            "待办",
            "inbox",
            "workflow:todo",
            permission=HANDLE,
            order=12,
            badge=todo_badge,
            under=("/flows/delegations/", "/flows/batch/"),
        ),
        navigation.Entry(bench, "待阅", "mail-opened", "workflow:to_read", permission=HANDLE, order=13),
        navigation.Entry(bench, "已办", "checklist", "workflow:done", permission=HANDLE, order=14),
        navigation.Entry(bench, "我发起", "send", "workflow:started", permission=VIEW, order=15),
        navigation.Entry(bench, "督办", "bell-ringing", "workflow:supervised", permission=HANDLE, order=16),
        navigation.Entry(
            navigation.Group.SYSTEM,
            "流程设置",
            "route",
            "workflow:definitions",
            permission=CONFIGURE,
            order=30,
        ),
    ):
        navigation.register(entry)
    lookups.register(people.HANDLERS)
    tones.register_tones(
        {
            "不予同意": tones.Tone.BAD,
            "申请人撤回": tones.Tone.NEUTRAL,
            "已终止": tones.Tone.NEUTRAL,
            "已挂起": tones.Tone.WARN,
            "已发布": tones.Tone.GOOD,
            "已停用": tones.Tone.NEUTRAL,
            "未开始": tones.Tone.INFO,
            "已到期": tones.Tone.NEUTRAL,
        }
    )

"""What the archive puts onto the pages of the platform: menu, tab of the unit, panels of originals, colours."""

from bianzhi.archives.selectors import subjects as kinds
from bianzhi.archives.services.relations import DOCUMENT, ENTRY
from bianzhi.archives.web import items, loans, subjects
from bianzhi.archives.web.item import UNIT
from bianzhi.common.web import lookups, navigation, tabs, tones

PROVED_PAGES = ("document", "ledger-entry", "person", "case")


def show() -> None:
    """Put everything in its place; called once at start."""
    navigation.register(
        navigation.Entry(
            navigation.Group.BUSINESS,
            "档案中心",
            "archive",
            "archives:home",
            permission="archives.view",
            order=30,
            badge=items.waiting_count,
        )
    )
    lookups.register(loans.READERS)
    navigation.register(
        navigation.Entry(
            navigation.Group.BUSINESS, "档案保管", "archive", "archives:keeping", permission="archives.read", order=31
        )
    )
    navigation.register(
        navigation.Entry(
            navigation.Group.BUSINESS, "档案借阅", "book", "archives:loans", permission="archives.view", order=32
        )
    )
    tabs.register_tab(
        tabs.Tab("organization", "archives", "档案", items.unit_tab, 85, "archives.view", items.unit_count)
    )
    for page in PROVED_PAGES:
        tabs.register_panel(tabs.Panel(page, "archives", subjects.originals, order=20, permission="archives.view"))
    for kind in (
        kinds.Kind(DOCUMENT, "批准文件", subjects.documents),
        kinds.Kind(ENTRY, "编制台账", subjects.entries),
        kinds.Kind(UNIT, "机构", subjects.units),
    ):
        kinds.register(kind)
    tones.register_tones(
        {
            "待著录": tones.Tone.WARN,
            "已归档": tones.Tone.GOOD,
            "处理中": tones.Tone.INFO,
            "任务已停止": tones.Tone.WARN,
            "接收中": tones.Tone.INFO,
            "处理完毕": tones.Tone.GOOD,
            "未接收": tones.Tone.WARN,
            "处理失败": tones.Tone.WARN,
            "已有同一文件": tones.Tone.NEUTRAL,
            "完好": tones.Tone.GOOD,
            "已损坏": tones.Tone.BAD,
            "找不到": tones.Tone.BAD,
            "已依规销毁": tones.Tone.NEUTRAL,
            "已销毁": tones.Tone.NEUTRAL,
            "已移交": tones.Tone.NEUTRAL,
            "在借": tones.Tone.INFO,
            "已收回": tones.Tone.NEUTRAL,
            "已执行": tones.Tone.GOOD,
            "未批准": tones.Tone.BAD,
        }
    )

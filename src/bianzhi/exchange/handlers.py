"""What the exchange hub contributes to the pages of the platform: menu, tabs, search, colours, jobs."""

from bianzhi.common import agenda, integrity, jobs
from bianzhi.common.web import lookups, navigation, search, tabs, tones
from bianzhi.exchange.jobs import dropbox, pulling
from bianzhi.exchange.jobs.pushing import push_waiting
from bianzhi.exchange.selectors import given_back
from bianzhi.exchange.selectors import integrity as proofs
from bianzhi.exchange.web import (
    aliases,
    changes,
    deliveries,
    dispatches,
    finding_days,
    findings,
    looking_up,
    people,
    reviews,
)


def register() -> None:
    """Put everything in its place; called once at start."""
    _register_menu()
    tabs.register_tab(
        tabs.Tab(
            "organization",
            "exchange",
            "核对差异",
            findings.unit_tab,
            order=80,
            permission="exchange.findings",
            count=findings.unit_count,
        )
    )
    tabs.register_panel(
        tabs.Panel("person", "exchange", findings.person_panel, order=80, permission="exchange.findings")
    )
    search.register_provider(search.Provider("核对差异", looking_up.find, "git-compare", "exchange.findings", order=75))
    lookups.register(people.READERS)
    agenda.register_source("exchange.findings", finding_days.finding_days)
    tones.register_tones(TONES)
    _register_giving_back()
    _register_taking_in()
    _register_proofs()


def _register_proofs() -> None:
    """What `./bianzhi check` proves of the hub."""
    integrity.register("exchange.histories", "核对差异都有办理记录", proofs.findings_have_histories)
    integrity.register("exchange.second_person", "差异的提出与复核不是同一人", proofs.nobody_confirms_alone)
    integrity.register("exchange.links", "疑似同一人与判断一致", proofs.decisions_and_reviews_agree)
    integrity.register("exchange.changes", "识别的变动与办件一致", proofs.changes_follow_cases)
    integrity.register("exchange.deliveries", "报送文件与登记的摘要一致", proofs.deliveries_as_kept)


def _register_taking_in() -> None:
    """What departments deliver, and the work that fetches it by itself."""
    group = navigation.Group.EXCHANGE
    for entry in (
        navigation.Entry(group, "数据报送", "inbox", "exchange:deliveries", "exchange.view", order=60,
                         badge=deliveries.waiting_count, under=("/exchange/calendar/",)),
        navigation.Entry(group, "数据来源", "database-import", "exchange:sources", "exchange.sources", order=80,
                         under=("/exchange/contracts/",)),
    ):  # fmt: skip
        navigation.register(entry)
    tones.register_tones(
        {
            "启用": tones.Tone.GOOD,
            "生效": tones.Tone.GOOD,
            "部分接收": tones.Tone.WARN,
            "未要求": tones.Tone.NEUTRAL,
            "已被替换": tones.Tone.NEUTRAL,
        }
    )
    jobs.every("exchange.dropbox", 30, dropbox.look)
    jobs.daily("exchange.pulls", pulling.pull_due, title="按计划抽取各部门数据")


def _register_giving_back() -> None:
    """What departments are given, and the doors their systems come in by."""
    group = navigation.Group.EXCHANGE
    for entry in (
        navigation.Entry(group, "结果回送", "send", "exchange:dispatches", "exchange.view", order=90,
                         badge=dispatches.waiting_count),
        navigation.Entry(group, "接口密钥", "key", "exchange:tokens", "exchange.configure", order=95,
                         under=("/exchange/webhooks/",)),
        navigation.Entry(navigation.Group.SYSTEM, "接口密钥核查", "key", "exchange:keys", "accounts.manage", order=12),
    ):  # fmt: skip
        navigation.register(entry)
    tones.register_tones(
        {
            "待取": tones.Tone.INFO,
            "已送达": tones.Tone.INFO,
            "已回执": tones.Tone.GOOD,
            "送达失败": tones.Tone.BAD,
        }
    )
    jobs.every("exchange.webhooks", 15, push_waiting)
    integrity.register("exchange.dispatches", "回送的内容、文件与签名一致", given_back.dispatches_as_signed)
    integrity.register("exchange.messages", "部门消息与发送方的摘要一致", given_back.messages_as_told)


def _register_menu() -> None:
    group = navigation.Group.EXCHANGE
    for entry in (
        navigation.Entry(group, "共享总览", "topology-star-3", "exchange:overview", "exchange.view", order=10),
        navigation.Entry(group, "核对差异", "git-compare", "exchange:findings", "exchange.findings", order=20,
                         badge=findings.waiting_count),
        navigation.Entry(group, "变动识别", "activity", "exchange:changes", "exchange.findings", order=30,
                         badge=changes.waiting_count),
        navigation.Entry(group, "疑似同一人", "users", "exchange:reviews", "exchange.view", order=40,
                         badge=reviews.waiting_count),
        navigation.Entry(group, "单位别名", "tags", "exchange:aliases", "exchange.view", order=50,
                         badge=aliases.waiting_count),
        navigation.Entry(group, "数据核对", "database", "exchange:runs", "exchange.view", order=70),
    ):  # fmt: skip
        navigation.register(entry)


TONES = {
    "待核": tones.Tone.WARN,
    "核实中": tones.Tone.INFO,
    "待复核": tones.Tone.WARN,
    "已认定": tones.Tone.BAD,
    "不成立": tones.Tone.NEUTRAL,
    "已消除": tones.Tone.GOOD,
    "提示": tones.Tone.INFO,
    "待判断": tones.Tone.WARN,
    "是同一人": tones.Tone.GOOD,
    "不是同一人": tones.Tone.NEUTRAL,
    "已不再出现": tones.Tone.NEUTRAL,
    "待确认": tones.Tone.WARN,
    "已确认": tones.Tone.GOOD,
    "不采用": tones.Tone.NEUTRAL,
    "待登记": tones.Tone.WARN,
    "已登记": tones.Tone.GOOD,
    "不采纳": tones.Tone.NEUTRAL,
    "等待运行": tones.Tone.INFO,
    "运行中": tones.Tone.INFO,
    "未完成": tones.Tone.BAD,
    "待报送": tones.Tone.INFO,
    "逾期未报": tones.Tone.BAD,
    "核对时自动取数": tones.Tone.NEUTRAL,
    "未报送": tones.Tone.WARN,
    "已接收": tones.Tone.GOOD,
    "暂缓，待确认": tones.Tone.WARN,
    "读取中": tones.Tone.INFO,
    "已收到": tones.Tone.INFO,
}

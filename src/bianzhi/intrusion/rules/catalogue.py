"""The rules as data: what each looks for, in which window, from what figure on, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Severity(StrEnum):
    """How grave a sign is; from HIGH on a second person closes the alert."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def label(self) -> str:
        """The word on the page."""
        return {"low": "低", "medium": "中", "high": "高", "critical": "严重"}[self.value]

    @property
    def needs_second_person(self) -> bool:
        """Whether whoever handled the alert may not close it too."""
        return self in (Severity.HIGH, Severity.CRITICAL)


SEVERITIES: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Rule:
    """One sign of intrusion; window and threshold are defaults the office may set otherwise.

    `counts` says what the threshold is of; `factor` above 0 asks for so many times the person's own usual as well.
    """

    code: str
    label: str
    looks_for: str
    counts: str
    window_minutes: int
    threshold: int
    severity: Severity
    advice: str
    factor: int = 0


_LOCK: Final = "核实是否本人操作；不是的，立即在“用户管理”中结束其登录、停用账号或重置密码，并查看其审计记录。"
_PROVE: Final = "立即停止业务写入，保护现场，不要覆盖备份；由系统、审计管理员共同核对，必要时从备份恢复。"

RULES: Final[dict[str, Rule]] = {
    rule.code: rule
    for rule in [
        Rule(
            "brute_user",
            "反复猜一个账号的密码",
            "同一账号登录失败或被锁定",
            "次失败",
            30,
            8,
            Severity.MEDIUM,
            "联系账号本人核实；不是本人的，查来源地址，必要时在防火墙上封堵，并提醒本人更换密码。",
        ),
        Rule(
            "brute_address",
            "一个地址反复猜密码",
            "同一网络地址登录失败",
            "次失败",
            30,
            20,
            Severity.HIGH,
            "查明该地址是哪台电脑；不是单位的电脑，立即在防火墙上封堵。",
        ),
        Rule(
            "spraying",
            "用同一地址逐个账号试密码",
            "同一网络地址对不同账号（包括不存在的账号）登录失败",
            "个账号",
            60,
            5,
            Severity.HIGH,
            "查明该地址是哪台电脑并封堵；检查其中是否有账号随后登录成功。",
        ),
        Rule(
            "mass_reading",
            "大量打开不同人员、单位、档案",
            "一人一小时内打开的不同记录数，且超过其平日水平的倍数",
            "条不同记录",
            60,
            200,
            Severity.HIGH,
            _LOCK,
            factor=3,
        ),
        Rule(
            "many_pages",
            "打开页面异常频繁",
            "一人一小时内打开的页面数，且超过其平日水平的倍数",
            "个页面",
            60,
            900,
            Severity.MEDIUM,
            _LOCK,
            factor=3,
        ),
        Rule(
            "odd_hours",
            "非工作时间大量使用",
            "工作时间以外、非工作日（按工作日历）打开的页面数",
            "个页面",
            60,
            60,
            Severity.LOW,
            "向本人或其负责人核实是否加班；不是的，按账号被盗用处理。",
        ),
        Rule(
            "reveals",
            "频繁查看完整身份证号等敏感信息",
            "一人逐次查看敏感信息的次数",
            "次查看",
            60,
            20,
            Severity.HIGH,
            _LOCK,
        ),
        Rule("exports", "频繁导出", "一人导出名册、报表、档案的次数", "次导出", 60, 10, Severity.HIGH, _LOCK),
        Rule(
            "denied",
            "试探无权查看的内容",
            "一人被拒绝的网址中，没有权限的，和确有其物但不在其管理范围的",
            "个不同网址",
            30,
            10,
            Severity.HIGH,
            _LOCK,
        ),
        Rule(
            "admin_new_address",
            "管理员从新地址登录",
            "系统、安全、审计管理员从九十天内没有用过的地址登录",
            "次登录",
            60,
            1,
            Severity.MEDIUM,
            "电话联系该管理员本人核实；不是本人的，立即结束其登录并停用账号。",
        ),
        Rule(
            "reset_then_reveal",
            "重置第二因素后查看敏感信息",
            "账号的第二因素被他人重置后，又查看或导出敏感信息",
            "次查看或导出",
            1440,
            1,
            Severity.HIGH,
            "核实重置是否由本人申请、由谁办理；不是的，立即停用该账号并恢复第二因素。",
        ),
        Rule(
            "harmful_files",
            "上传有害文件",
            "被隔离的上传文件（病毒、宏、脚本、压缩炸弹、夹带）",
            "个文件",
            1440,
            1,
            Severity.MEDIUM,
            "查明文件由谁提供；通知其电脑查毒。隔离的文件在数据目录 quarantine/ 下，不要打开。",
        ),
        Rule(
            "installation",
            "程序文件被改动",
            "程序文件、依赖包与清单（SHA-256、SM3）不符：改动、增加、缺失",
            "处不符",
            60,
            1,
            Severity.HIGH,
            "不是升级造成的，立即停用服务，用发布包核对、重装。升级后由系统管理员运行 ./bianzhi installation seal。",
        ),
        Rule(
            "record",
            "审计链或登记数据核对不通过",
            "审计链、逐行封印的核对",
            "处不符",
            1440,
            1,
            Severity.CRITICAL,
            _PROVE,
        ),
        Rule(
            "anchors",
            "锚点不符或写不进去",
            "库外锚点与审计链不符，或锚点处收不到新锚点",
            "处不符",
            60,
            1,
            Severity.CRITICAL,
            "锚点写不进去的，检查挂载和网络。与链不符的，说明审计链被截断或放回了旧库：" + _PROVE,
        ),
        Rule(
            "old_backup",
            "旧备份被放回",
            "审计链短于最近备份的链头",
            "处不符",
            60,
            1,
            Severity.CRITICAL,
            "确系恢复备份的，由审计管理员运行 ./bianzhi audit accept 说明原因；不是的：" + _PROVE,
        ),
        Rule(
            "clock",
            "系统时间被调回",
            "系统时间早于已有的审计记录",
            "处不符",
            60,
            1,
            Severity.HIGH,
            "校准服务器时间（NTP），查明是谁、为什么调整；时间倒退期间的记录时间不可信。",
        ),
        Rule(
            "structure",
            "数据库触发器或结构被改动",
            "触发器缺失、停用、改写，表缺列，或与清单不符",
            "处不符",
            60,
            1,
            Severity.CRITICAL,
            "绕过平台改动数据库结构，登记数据不再受保护：" + _PROVE,
        ),
        Rule(
            "key_files",
            "密钥文件权限或位置不当",
            "密钥文件能被他人读取，或放在备份目录内",
            "处不符",
            60,
            1,
            Severity.HIGH,
            "把密钥文件改为仅运行账号可读（chmod 600），移出备份目录；可能泄露的，更换密钥（./bianzhi keys）。",
        ),
    ]
}

OF_THE_RECORD: Final = ("record", "anchors", "old_backup")
"""Rules whose finding is the platform's own proof, not somebody's behaviour."""
OF_STATE: Final = ("installation", "clock", "structure", "key_files", *OF_THE_RECORD)
"""Rules that look at how something stands: raised once for a finding, and again a day after it was closed."""

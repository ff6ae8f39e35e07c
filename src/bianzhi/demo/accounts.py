"""Accounts to try the platform with; they exist only where the synthetic district was loaded."""

from dataclasses import dataclass

from bianzhi.accounts.models import User
from bianzhi.accounts.services import changes
from bianzhi.accounts.services.grants import grant_role
from bianzhi.accounts.services.users import create_user
from bianzhi.audit.actors import Actor
from bianzhi.demo.structure import Structure

PASSWORD = "Yunjiang@2026"  # noqa: S105 - printed at start, for a district that does not exist


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account: who it is, what it may do, and how far it reaches."""

    username: str
    display_name: str
    office: str
    role: str
    unit: str = ""
    includes_subtree: bool = False


ACCOUNTS = [
    DemoAccount("zhuren", "周明远", "区委编办", "office_director"),
    DemoAccount("jingban", "李文静", "区委编办综合科", "office_clerk"),
    DemoAccount("shenhe", "陈国平", "区委编办", "office_deputy"),
    DemoAccount("ducha", "孙立新", "区委编办监督检查科", "office_supervision"),
    DemoAccount("jingban2", "何晓东", "区委编办机构编制科", "office_clerk"),
    DemoAccount("mishu", "沈卫东", "区委编委办公室", "commission_secretary"),
    DemoAccount("caizheng", "赵敏", "区财政局人事科", "unit_clerk", unit="财政局"),
    DemoAccount("caizhengju", "钱志强", "区财政局", "unit_head", unit="财政局"),
    DemoAccount("jiaoyu", "吴晓燕", "区教育局组织人事科", "supervising_reviewer", unit="教育局", includes_subtree=True),
    DemoAccount("yizhong", "林志远", "区第一高级中学办公室", "unit_clerk", unit="第一高级中学"),
    DemoAccount("erzhong", "叶芳", "区第二高级中学办公室", "unit_clerk", unit="第二高级中学"),
    DemoAccount(
        "weijian", "唐建平", "区卫健局人事科", "supervising_reviewer", unit="卫生健康局", includes_subtree=True
    ),
    DemoAccount("yiyuan", "曹静", "区人民医院人事科", "unit_clerk", unit="人民医院"),
    DemoAccount("zuzhi", "郑国华", "区委组织部", "liaison_organization"),
    DemoAccount("renshe", "马建国", "区人力资源和社会保障局", "liaison_hr"),
    DemoAccount("czlianluo", "徐丽萍", "区财政局预算科", "liaison_finance"),
    DemoAccount("dangan", "王雅琴", "区委编办档案室", "archivist"),
    DemoAccount("xitong", "系统管理员", "信息中心", "system_admin"),
    DemoAccount("anquan", "安全管理员", "信息中心", "security_admin"),
    DemoAccount("shenji", "审计管理员", "机关纪委", "audit_admin"),
]


def create_accounts(*, actor: Actor, structure: Structure, unit_codes: dict[str, str]) -> dict[str, User]:
    """Create every demo account with its role; `unit_codes` gives the code of a unit by short name.

    Returns them by account name.
    """
    for account in ACCOUNTS:
        user = create_user(
            actor=actor,
            username=account.username,
            display_name=account.display_name,
            office=account.office,
            password=PASSWORD,
            must_change=False,
        )
        organization = structure.organizations[unit_codes[account.unit]] if account.unit else None
        grant_role(
            actor=actor,
            user_id=user.pk,
            role=account.role,
            organization_id=organization.pk if organization else None,
            includes_subtree=account.includes_subtree,
        )
    return {user.username: user for user in User.objects.filter(username__in=[each.username for each in ACCOUNTS])}


def show_two_persons(accounts: dict[str, User]) -> None:
    """A role proposed and confirmed, and one that waits for a second person."""
    security, director = accounts["anquan"], accounts["zhuren"]
    done = changes.open_account(
        actor=security,
        username="mishu2",
        display_name="方晓",
        office="区委编委办公室",
        password=PASSWORD,
        role="commission_secretary",
        reason="协助编委会会务，主任办公会2026年第9次会议确定",
    )
    if done.change is not None:
        changes.confirm(actor=director, change_id=done.change.pk, note="与会议纪要一致")
    changes.open_account(
        actor=security,
        username="xinren",
        display_name="陆佳宁",
        office="区委编办综合科",
        password=PASSWORD,
        role="office_clerk",
        reason="2026年新录用公务员，到综合科任经办",
    )

"""Every permission of the platform with its Chinese name, as data.

A permission is "app.verb". A page or service asks for it by its code; an official reads its name. Which role holds
which permission is in `accounts.roles`; a test keeps the two lists equal.
"""

from typing import Final

PERMISSIONS: Final[dict[str, str]] = {
    "workbench.view": "查看工作台",
    "organizations.view": "查看机构",
    "organizations.change": "办理机构设立、变更、撤并",
    "personnel.view": "查看人员名册",
    "personnel.move": "办理入编、调动、出编",
    "personnel.change": "办理人员信息变更",
    "personnel.reveal": "查看完整身份证号（逐次记入审计）",
    "ledger.view": "查看编制台账",
    "ledger.post": "登记编制台账",
    "documents.view": "查看批准文件",
    "documents.change": "登记批准文件",
    "approvals.view": "查看用编核准",
    "approvals.issue": "核发用编核准单",
    "imports.view": "查看导入记录",
    "imports.run": "导入表格",
    "warnings.view": "查看预警",
    "warnings.run": "重新计算预警",
    "reports.view": "查看统计报表",
    "reports.export": "导出名册和报表",
    "personnel.direct": "不经办件直接登记（更正、补录）",
    "matters.view": "查看办件",
    "matters.apply": "提交业务申请",
    "matters.handle": "办理审批环节",
    "matters.intervene": "调整在办事项（跳过、终止、改派）",
    "matters.configure": "设置事项、流程和审批权限",
    "supervision.view": "查看督查和问题台账",
    "supervision.manage": "办理督查、整改和销号",
    "supervision.answer": "报送整改情况",
    "notices.view": "查看通知公告",
    "notices.publish": "发布通知公告",
    "publications.view": "查看公示",
    "publications.manage": "办理公示异议",
    "rules.override": "对可放行的规则批准例外",
    "system.manage": "管理运行参数和工作日历",
    "jobs.view": "查看后台任务",
    "accounts.manage": "管理用户和角色",
    "audit.view": "查看审计记录",
}


def label(permission: str) -> str:
    """Chinese name of a permission; the code itself for one nobody has named."""
    return PERMISSIONS.get(permission, permission)

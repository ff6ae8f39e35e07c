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
    "personnel.reveal_contact": "查看完整联系方式（逐次记入审计）",
    "personnel.reveal_sensitive": "查看敏感信息（逐次记入审计）",
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
    "exports.approve": "审批批量导出",
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
    "exchange.view": "查看数据共享（来源、报送、核对）",
    "exchange.findings": "查看核对差异",
    "exchange.sources": "查看数据来源和契约",
    "exchange.deliver": "报送数据",
    "exchange.run": "运行数据核对",
    "exchange.decide": "处理核对差异、判断是否同一人",
    "exchange.confirm": "复核认定核对差异",
    "exchange.configure": "设置数据来源、契约和接口",
    "rules.override": "对可放行的规则批准例外",
    "system.manage": "管理运行参数和工作日历",
    "jobs.view": "查看后台任务",
    "recovery.manage": "办理备份和恢复演练",
    "accounts.manage": "管理用户和角色",
    "accounts.confirm": "复核账号和角色变更",
    "audit.view": "查看审计记录",
    "intrusion.view": "查看入侵迹象和告警",
    "intrusion.handle": "处置告警、设置告警规则",
    "intrusion.close": "复核关闭告警",
    "archives.view": "查看档案",
    "archives.read": "查阅全部已归档档案",
    "archives.manage": "管理档案（接收、著录、归档、关联）",
    "archives.download": "下载和打印档案",
    "archives.appraise": "审批档案鉴定和销毁",
    "search.view": "全文检索",
    "search.manage": "重建检索索引",
}


def label(permission: str) -> str:
    """Chinese name of a permission; the code itself for one nobody has named."""
    return PERMISSIONS.get(permission, permission)

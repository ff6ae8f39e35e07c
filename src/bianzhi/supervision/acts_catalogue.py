"""The acts of supervision and how the audit pages call them."""

ACTS = {
    "supervision.plan_drawn": "制定检查方案并抽取对象",
    "supervision.inspected": "登记检查结果",
    "supervision.plan_closed": "结束检查方案",
    "supervision.plan_cancelled": "取消检查方案",
    "supervision.problem_opened": "登记问题",
    "supervision.problem_lock_changed": "变更问题的申请限制",
    "supervision.problem_voided": "撤销问题登记",
    "supervision.order_issued": "签发整改通知书",
    "supervision.rectification_reported": "报送整改情况",
    "supervision.order_extended": "延长整改期限",
    "supervision.rectification_verified": "核查整改情况",
    "supervision.order_closed": "销号",
    "supervision.order_reopened": "撤销销号",
    "supervision.card_raised": "发出督办",
    "supervision.card_answered": "答复督办",
}

"""The acts of the engine, as the audit record names them."""

from typing import Final

ACTS: Final[dict[str, str]] = {
    "workflow.definition_created": "建立流程",
    "workflow.draft_saved": "保存流程草稿",
    "workflow.published": "发布流程版本",
    "workflow.retired": "停用流程版本",
    "workflow.migrated": "在办事项换用流程版本",
    "workflow.started": "发起事项",
    "workflow.decided": "办理环节",
    "workflow.returned": "退回事项",
    "workflow.withdrawn": "撤回办理",
    "workflow.transferred": "转办",
    "workflow.claimed": "领取任务",
    "workflow.released": "放回任务",
    "workflow.signer_added": "加签",
    "workflow.signer_removed": "减签",
    "workflow.copied": "抄送",
    "workflow.read": "阅知",
    "workflow.urged": "催办",
    "workflow.recused": "申请回避",
    "workflow.skipped": "跳过环节",
    "workflow.terminated": "终止事项",
    "workflow.suspended": "挂起事项",
    "workflow.resumed": "恢复事项",
    "workflow.intervened": "管理员调整事项",
    "workflow.timer_fired": "时限到期处置",
    "workflow.delegated": "委托办理",
    "workflow.delegation_ended": "终止委托",
}

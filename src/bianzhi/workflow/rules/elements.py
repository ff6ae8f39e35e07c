"""The elements of BPMN 2.0, sorted: what the profile runs, what is only picture or declaration, what it refuses.

An element in none of the tables is refused as unknown: nothing of a diagram is ever passed over in silence.
"""

from typing import Final

from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import NodeKind

NODES: Final = {
    "startEvent": NodeKind.START,
    "endEvent": NodeKind.END,
    "userTask": NodeKind.USER,
    "serviceTask": NodeKind.SERVICE,
    "sendTask": NodeKind.SEND,
    "exclusiveGateway": NodeKind.EXCLUSIVE,
    "parallelGateway": NodeKind.PARALLEL,
    "inclusiveGateway": NodeKind.INCLUSIVE,
    "intermediateCatchEvent": NodeKind.WAIT,
    "boundaryEvent": NodeKind.BOUNDARY,
    "callActivity": NodeKind.CALL,
}
"""Elements that become nodes; an end event with `terminateEventDefinition` becomes TERMINATE."""

EVENTS: Final = frozenset({NodeKind.START, NodeKind.END, NodeKind.WAIT, NodeKind.BOUNDARY})
GATEWAYS: Final = frozenset({NodeKind.EXCLUSIVE, NodeKind.PARALLEL, NodeKind.INCLUSIVE})

DECLARATIONS: Final = frozenset(
    {
        "import", "extension", "relationship", "itemDefinition", "message", "signal", "error", "escalation",
        "interface", "resource", "dataStore", "category", "endPoint", "partnerEntity", "partnerRole",
        "correlationProperty", "messageEventDefinition", "timerEventDefinition", "signalEventDefinition",
        "errorEventDefinition", "escalationEventDefinition", "conditionalEventDefinition",
        "compensateEventDefinition", "cancelEventDefinition", "terminateEventDefinition", "linkEventDefinition",
        "documentation", "extensionElements",
    }
)  # fmt: skip
"""What may stand beside the process and means nothing until something uses it; every use is refused."""

PICTURE: Final = frozenset(
    {
        "laneSet", "textAnnotation", "group", "association", "documentation", "extensionElements", "auditing",
        "monitoring", "supports",
    }
)  # fmt: skip
"""What a process may hold for its readers only."""

OWN_PARTS: Final = frozenset({"documentation", "extensionElements", "incoming", "outgoing", "auditing", "monitoring"})
"""What any node may hold and the reader takes care of, or need not."""

REFUSED_IN_DEFINITIONS: Final = {
    "choreography": (Code.COLLABORATION, "编排图"),
    "globalChoreographyTask": (Code.COLLABORATION, "全局编排任务"),
    "conversation": (Code.COLLABORATION, "会话图"),
    "globalConversation": (Code.COLLABORATION, "全局会话"),
    "globalTask": (Code.ELEMENT, "全局任务"),
    "globalUserTask": (Code.ELEMENT, "全局用户任务"),
    "globalManualTask": (Code.ELEMENT, "全局手工任务"),
    "globalScriptTask": (Code.ELEMENT, "全局脚本任务"),
    "globalBusinessRuleTask": (Code.ELEMENT, "全局规则任务"),
}

REFUSED_IN_COLLABORATION: Final = {
    "messageFlow": "消息流",
    "messageFlowAssociation": "消息流关联",
    "participantAssociation": "参与者关联",
    "conversationNode": "会话",
    "conversation": "会话",
    "subConversation": "子会话",
    "callConversation": "调用会话",
    "conversationAssociation": "会话关联",
    "conversationLink": "会话连线",
    "correlationKey": "消息关联键",
    "choreographyRef": "编排引用",
}

REFUSED_IN_PROCESS: Final = {
    "task": (Code.ELEMENT, "没有类型的任务", "改为用户任务、服务任务或发送任务。"),
    "scriptTask": (Code.ELEMENT, "脚本任务", "流程图里不执行脚本，改为带 bb:command 的服务任务。"),
    "businessRuleTask": (Code.ELEMENT, "规则任务", "改为排他网关上的条件，或者服务任务。"),
    "manualTask": (Code.ELEMENT, "手工任务", "改为用户任务。"),
    "receiveTask": (Code.ELEMENT, "接收任务", "改为用户任务，由收到的人办理。"),
    "subProcess": (Code.ELEMENT, "嵌入子流程", "改为调用活动，或者把内容放到主流程里。"),
    "transaction": (Code.ELEMENT, "事务子流程", "改为调用活动。"),
    "adHocSubProcess": (Code.ELEMENT, "即席子流程", "改为并行网关下的用户任务。"),
    "eventBasedGateway": (Code.ELEMENT, "事件网关", "改为排他网关，等待用边界定时。"),
    "complexGateway": (Code.ELEMENT, "复杂网关", "改为包容网关。"),
    "intermediateThrowEvent": (Code.EVENT, "中间抛出事件", "通知用发送任务。"),
    "implicitThrowEvent": (Code.EVENT, "隐式抛出事件", ""),
    "event": (Code.EVENT, "没有类型的事件", ""),
    "dataObject": (Code.DATA, "数据对象", "表单内容由事项的字段保存。"),
    "dataObjectReference": (Code.DATA, "数据对象引用", "表单内容由事项的字段保存。"),
    "dataStoreReference": (Code.DATA, "数据存储引用", "登记由服务任务的指令完成。"),
    "property": (Code.DATA, "流程变量", "条件只用事项的事实。"),
    "ioSpecification": (Code.DATA, "输入输出定义", ""),
    "ioBinding": (Code.DATA, "输入输出绑定", ""),
    "correlationSubscription": (Code.COLLABORATION, "消息关联订阅", ""),
    "choreographyTask": (Code.COLLABORATION, "编排任务", ""),
    "subChoreography": (Code.COLLABORATION, "子编排", ""),
    "callChoreography": (Code.COLLABORATION, "调用编排", ""),
    "resourceRole": (Code.ELEMENT, "资源角色", "办理人用各环节的 bb:assign 指定。"),
    "performer": (Code.ELEMENT, "执行人", "办理人用各环节的 bb:assign 指定。"),
    "potentialOwner": (Code.ELEMENT, "候选人", "办理人用各环节的 bb:assign 指定。"),
    "humanPerformer": (Code.ELEMENT, "执行人", "办理人用各环节的 bb:assign 指定。"),
    "artifact": (Code.ELEMENT, "没有类型的图形", ""),
}
"""Elements of a process (or of a sub-process) with the code, the Chinese name and what to use instead."""

SUB_PROCESSES: Final = frozenset({"subProcess", "transaction", "adHocSubProcess"})
REFUSED_NODES: Final = SUB_PROCESSES | {
    "task", "scriptTask", "businessRuleTask", "manualTask", "receiveTask", "eventBasedGateway", "complexGateway",
    "intermediateThrowEvent", "implicitThrowEvent", "event",
}  # fmt: skip
"""Those of them that sequence flows lead to and from."""

EVENT_DEFINITIONS: Final = {
    "messageEventDefinition": "消息",
    "timerEventDefinition": "定时",
    "signalEventDefinition": "信号",
    "errorEventDefinition": "错误",
    "escalationEventDefinition": "升级",
    "conditionalEventDefinition": "条件",
    "compensateEventDefinition": "补偿",
    "cancelEventDefinition": "取消",
    "terminateEventDefinition": "终止",
    "linkEventDefinition": "链接",
    "eventDefinitionRef": "引用外部定义的",
}

EVENT_NAMES: Final = {
    NodeKind.START: "开始事件",
    NodeKind.END: "结束事件",
    NodeKind.WAIT: "中间捕获事件",
    NodeKind.BOUNDARY: "边界事件",
}

REFUSED_IN_NODE: Final = {
    "standardLoopCharacteristics": (Code.REPETITION, "标准循环", "改为排他网关上的回线。"),
    "ioSpecification": (Code.DATA, "输入输出定义", ""),
    "property": (Code.DATA, "变量", ""),
    "dataInputAssociation": (Code.DATA, "数据输入", ""),
    "dataOutputAssociation": (Code.DATA, "数据输出", ""),
    "dataInput": (Code.DATA, "数据输入", ""),
    "dataOutput": (Code.DATA, "数据输出", ""),
    "inputSet": (Code.DATA, "数据输入集", ""),
    "outputSet": (Code.DATA, "数据输出集", ""),
    "resourceRole": (Code.ELEMENT, "资源角色", "办理人用 bb:assign 指定。"),
    "performer": (Code.ELEMENT, "执行人", "办理人用 bb:assign 指定。"),
    "potentialOwner": (Code.ELEMENT, "候选人", "办理人用 bb:assign 指定。"),
    "humanPerformer": (Code.ELEMENT, "执行人", "办理人用 bb:assign 指定。"),
    "rendering": (Code.ELEMENT, "界面定义", "可填的字段用 bb:fields 指定。"),
}
"""Parts of a node that would change what it does."""

REFUSED_IN_INSTANCES: Final = {
    "loopCardinality": "实例个数",
    "loopDataInputRef": "数据集合",
    "loopDataOutputRef": "结果集合",
    "inputDataItem": "集合元素",
    "outputDataItem": "结果元素",
    "complexBehaviorDefinition": "复杂行为",
    "completionCondition": "完成条件",
    "noneBehaviorEventRef": "行为事件",
    "oneBehaviorEventRef": "行为事件",
}
"""Parts of `multiInstanceLoopCharacteristics`; `bb:assign` says who is asked, `bb:countersign` when it is through."""

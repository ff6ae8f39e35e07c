"""The codes under which a flow definition is refused. They are stable: documents, tests and machines quote them."""

from enum import StrEnum


class Code(StrEnum):
    """One kind of flaw; `meaning` says it in a few words, the `Flaw` itself says it of one element."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> "Code":
        member = str.__new__(cls, code)
        member._value_ = code
        member.meaning = meaning
        return member

    UNREADABLE = "F01", "文件不是可读的 XML（格式有误、过大或嵌套过深）"
    DOCTYPE = "F02", "文件含 DOCTYPE 声明或实体"
    NOT_BPMN = "F03", "不是 BPMN 2.0 定义，或者里面没有流程"
    EXECUTABLE = "F04", "没有、或者不止一个可执行的流程"
    IDENTITY = "F05", "元素没有 id、id 重复，或者名称过长"
    ELEMENT = "F06", "不支持的元素"
    EVENT = "F07", "不支持的事件"
    COLLABORATION = "F08", "不支持几个参与者之间的协作和消息流"
    DATA = "F09", "不支持数据对象、数据存储和数据传递"
    REPETITION = "F10", "不支持的循环、多实例或补偿写法"
    REFERENCE = "F11", "连线或引用指向不存在的元素"
    EXTENSION = "F12", "bb 扩展写错或者放错地方"
    START_END = "F13", "开始事件不是恰好一个，或者开始、结束的连线方向不对"
    UNREACHABLE = "F14", "从开始事件走不到"
    DEAD_END = "F15", "走不到结束事件"
    IMPLICIT_SPLIT = "F16", "不经网关就分出几条路"
    DEFAULT = "F17", "分支网关没有默认出线，或者默认出线不对"
    CONDITION_PLACE = "F18", "缺少条件，或者条件放错地方"
    CONDITION = "F19", "条件写错"
    GATEWAY = "F20", "网关的进出线不成形"
    UNBALANCED = "F21", "分支网关和会合网关不成对"
    LEAVES_BLOCK = "F22", "分支没有在自己的分支块内会合"
    ENDLESS = "F23", "循环里没有需要人办理或者等待的环节"
    NOT_ENDING = "F24", "模拟走不到结束"
    SEATS = "F25", "办理人的数目与环节的种类不符"
    SEAT = "F26", "办理人写得不明确"
    ROLE = "F27", "没有这个角色"
    RELATION = "F28", "没有这个单位关系"
    COUNTERSIGN = "F29", "会签的设置不对"
    SUBMIT = "F30", "提交环节的设置不对"
    SKIP = "F31", "这个环节不许跳过"
    SEPARATE = "F32", "要求不同的人办理，却只能是同一个人"
    RETURN = "F33", "退回没有去处"
    COMMAND = "F34", "没有指令，或者没有这个指令"
    CALL = "F35", "没有写明子流程，或者没有这个子流程"
    CLOCK = "F36", "时限不合理"
    BOUNDARY = "F37", "边界定时的设置不对"
    STAGE = "F38", "没有这个阶段"
    OUTCOME = "F39", "条件引用的环节不产生结论"

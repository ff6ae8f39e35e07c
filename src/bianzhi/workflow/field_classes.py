"""Classes of the columns of cases in the engine."""

from bianzhi.common.field_classes import FieldClass, declare, declare_harmless

declare("workflow.flowinstance", {"facts": FieldClass.SENSITIVE})
for model, name in (
    ("flowinstance", "parent_token"),
    ("flowtask", "token"),
    ("flowdeadline", "token"),
    ("commandexecution", "token"),
):
    declare_harmless(f"workflow.{model}.{name}", "流程图中的令牌，不是口令")

"""What the database promises of flows: opinions are written once, what was published stays as it was."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, append_only, frozen_columns, undeletable

TRIGGERS = [
    *append_only("workflow_flowopinion", "流转意见"),
    *undeletable("workflow_flowdefinition", "流程"),
    frozen_columns("workflow_flowdefinition", "流程", ["key", "subject_kind"]),
    *undeletable("workflow_flowversion", "流程版本"),
    *undeletable("workflow_commandexecution", "指令执行记录"),
    frozen_columns(
        "workflow_commandexecution",
        "指令执行记录",
        ["instance_id", "token_id", "node_id", "pass_no", "command", "words", "result", "executed_at"],
    ),
    *undeletable("workflow_delegation", "委托"),
    frozen_columns("workflow_delegation", "委托", ["delegator_id", "delegate_id", "valid_from", "valid_until"]),
    *undeletable("workflow_flowinstance", "办件流程"),
    *undeletable("workflow_flowtask", "办理任务"),
]


class Migration(migrations.Migration):
    dependencies = [("workflow", "0001_initial")]

    operations = [InstallTriggers(TRIGGERS)]

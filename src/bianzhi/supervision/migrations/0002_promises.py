"""What the database promises of supervision: what happened is written once, findings keep their facts (R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, append_only, frozen_columns, undeletable

CHECKED = "检查结果已登记，不能改写；另有发现的请登记为问题（R26）"
SETTLED = "已撤销登记的问题不能恢复；请另行登记（R26）"


def unless(table: str, name: str, condition: str, message: str) -> Trigger:
    """Refuse an UPDATE for which the condition holds."""
    return Trigger(
        name=f"{table}_{name}",
        table=table,
        when="BEFORE UPDATE",
        sqlite_when=f"({condition})",
        sqlite_body=f"SELECT RAISE(ABORT, '{message}');",
        postgres_body=(
            f"BEGIN IF {condition} THEN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; "
            f"END IF; RETURN NEW; END;"
        ),
    )


PLAN_FACTS = [
    "number", "title", "basis", "subject", "definition_id", "period_from", "period_until", "scope", "percent", "seed",
    "candidates", "drawn_on", "recorded_at",
]  # fmt: skip
PROBLEM_FACTS = [
    "number", "organization_id", "kind", "facts", "source", "found_on", "inspection_id", "instance_id", "recorded_at",
]  # fmt: skip
ORDER_FACTS = [
    "number", "organization_id", "measures", "issued_on", "first_due_on", "instance_id", "recorded_at",
]  # fmt: skip
ITEM_FACTS = [
    "number", "instance_id", "task_id", "organization_id", "colour", "holder_id", "holder_name", "due_on", "issued_on",
    "recorded_at",
]  # fmt: skip

TRIGGERS = [
    *undeletable("supervision_inspectionplan", "检查方案"),
    frozen_columns("supervision_inspectionplan", "检查方案", PLAN_FACTS),
    *undeletable("supervision_inspection", "检查记录"),
    frozen_columns(
        "supervision_inspection", "检查记录", ["plan_id", "organization_id", "instance_id", "label", "recorded_at"]
    ),
    unless(
        "supervision_inspection",
        "checked_once",
        "OLD.result <> '' AND (NEW.result <> OLD.result OR NEW.text <> OLD.text OR NEW.checked_on <> OLD.checked_on)",
        CHECKED,
    ),
    *undeletable("supervision_problem", "问题"),
    frozen_columns("supervision_problem", "问题", PROBLEM_FACTS),
    unless("supervision_problem", "void_is_final", "OLD.state = 'void' AND NEW.state <> 'void'", SETTLED),
    *undeletable("supervision_rectificationorder", "整改通知书"),
    frozen_columns("supervision_rectificationorder", "整改通知书", ORDER_FACTS),
    *append_only("supervision_rectificationstep", "整改经过"),
    *undeletable("supervision_supervisionitem", "督办件"),
    frozen_columns("supervision_supervisionitem", "督办件", ITEM_FACTS),
]


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial")]

    operations = [InstallTriggers(TRIGGERS)]

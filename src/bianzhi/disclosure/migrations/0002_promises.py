"""What left is written once; a request is decided by another, once, and never removed or rewritten (R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, append_only, frozen_columns, undeletable

TABLE = "disclosure_exportrequest"
ENDED_STAYS = "导出申请已经办结，不能改写；请重新申请（R26）"
OTHER_PERSON = "导出申请须由申请人以外的另一人审批"
COUNTS = "已下载次数只能增加"

ENDED = "OLD.state IN ('used', 'rejected', 'withdrawn', 'expired', 'failed') AND NEW.state <> OLD.state"
ALONE = "NEW.decided_by_id = NEW.requested_by_id"
BACK = "NEW.fetched < OLD.fetched"


def _refusing(name: str, condition: str, message: str) -> Trigger:
    return Trigger(
        name=f"{TABLE}_{name}",
        table=TABLE,
        when="BEFORE UPDATE",
        sqlite_when=condition,
        sqlite_body=f"SELECT RAISE(ABORT, '{message}');",
        postgres_body=f"""
        BEGIN
          IF {condition} THEN
            RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation';
          END IF;
          RETURN NEW;
        END;
    """,
    )


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0001_initial")]

    operations = [
        InstallTriggers(
            [
                *append_only("disclosure_release", "导出记录"),
                *undeletable(TABLE, "导出申请"),
                frozen_columns(
                    TABLE,
                    "导出申请",
                    [
                        *("number", "requested_by_id", "list_key", "title", "format", "columns", "classes"),
                        *("rows", "most", "why", "purpose", "uses", "requested_at"),
                    ],
                    sealed=["path", "conditions"],
                ),
                _refusing("ended_stays", ENDED, ENDED_STAYS),
                _refusing("other_person", ALONE, OTHER_PERSON),
                _refusing("counts", BACK, COUNTS),
            ]
        ),
    ]

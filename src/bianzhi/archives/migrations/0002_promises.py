"""What the database promises of the archive: nothing is removed, originals and the record of use keep their facts (R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, Trigger, append_only, frozen_columns, undeletable

ORIGINAL_FACTS = ["sha256", "sm3", "size", "media_type", "extension", "kept_at"]
FILE_FACTS = ["item_id", "original_id", "version", "position", "name", "first_page", "added_at"]
RELATION_FACTS = ["item_id", "page", "subject_kind", "subject_id", "made_at"]
LOAN_FACTS = ["reader_id", "reader_name", "purpose", "valid_from", "valid_to", "granted_by_id", "granted_at"]
VOLUME_FACTS = ["fonds_id", "category_id", "year", "retention", "number", "code", "recorded_at"]
LINE_FACTS = ["appraisal_id", "item_id", "outcome", "new_retention"]


def given_once() -> Trigger:
    """A 档号 stays what it is from the moment it is given (DA/T 13-2022)."""
    message = "档号一经编定不能改动（DA/T 13-2022）"
    return Trigger(
        name="archives_item_code_once",
        table="archives_item",
        when="BEFORE UPDATE",
        sqlite_when="OLD.code IS NOT NULL AND (NEW.code IS NOT OLD.code OR NEW.number IS NOT OLD.number)",
        sqlite_body=f"SELECT RAISE(ABORT, '{message}');",
        postgres_body=(
            "BEGIN IF OLD.code IS NOT NULL AND (NEW.code IS DISTINCT FROM OLD.code "
            f"OR NEW.number IS DISTINCT FROM OLD.number) THEN RAISE EXCEPTION '{message}' "
            "USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END;"
        ),
    )


TRIGGERS = [
    *undeletable("archives_original", "档案原件"),
    frozen_columns("archives_original", "档案原件", ORIGINAL_FACTS),
    *undeletable("archives_fixitycheck", "原件核验"),
    *undeletable("archives_fonds", "全宗"),
    *undeletable("archives_category", "档案门类"),
    *undeletable("archives_volume", "案卷"),
    frozen_columns("archives_volume", "案卷", VOLUME_FACTS),
    *undeletable("archives_item", "档案"),
    given_once(),
    *undeletable("archives_itemfile", "档案文件"),
    frozen_columns("archives_itemfile", "档案文件", FILE_FACTS),
    *undeletable("archives_relation", "档案关联"),
    frozen_columns("archives_relation", "档案关联", RELATION_FACTS),
    *undeletable("archives_batch", "接收批次"),
    *undeletable("archives_incomingfile", "接收文件"),
    *undeletable("archives_loan", "借阅"),
    frozen_columns("archives_loan", "借阅", LOAN_FACTS),
    *append_only("archives_opening", "利用登记"),
    *append_only("archives_fourpropertycheck", "四性检测"),
    *append_only("archives_inspection", "数字化质量检查"),
    *undeletable("archives_appraisal", "档案鉴定"),
    *undeletable("archives_appraisalline", "鉴定明细"),
    frozen_columns("archives_appraisalline", "鉴定明细", LINE_FACTS),
    *undeletable("archives_package", "移交包"),
]


class Migration(migrations.Migration):
    dependencies = [("archives", "0001_initial")]

    operations = [InstallTriggers(TRIGGERS)]

"""What the database promises of cases: what was sent in stays as it was sent, nothing is removed."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, frozen_columns, undeletable

SUBMISSION_FACTS = ["id", "case_id", "number", "attachments", "submitted_by_id", "submitted_at"]

TRIGGERS = [
    *undeletable("matters_casesubmission", "申请表"),
    frozen_columns("matters_casesubmission", "申请表", SUBMISSION_FACTS, sealed=["form"]),
    *undeletable("matters_case", "办件"),
    *undeletable("matters_matterversion", "事项版本"),
    *undeletable("matters_caseattachment", "办件附件"),
    frozen_columns("matters_caseattachment", "办件附件", ["case_id", "name", "size", "sha256", "sm3", "uploaded_at"]),
    *undeletable("matters_issuedpaper", "办件文书"),
    frozen_columns("matters_issuedpaper", "办件文书", ["case_id", "kind", "number", "code", "title", "issued_at"]),
    *undeletable("matters_casefeedback", "办件评价"),
    *undeletable("matters_publication", "公示"),
    *undeletable("matters_publicationobjection", "公示异议"),
    frozen_columns("matters_publicationobjection", "公示异议", ["publication_id", "raised_by", "text", "received_at"]),
]


class Migration(migrations.Migration):
    dependencies = [("matters", "0001_initial")]

    operations = [InstallTriggers(TRIGGERS)]

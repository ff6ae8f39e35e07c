"""Organisations and their history are closed or superseded, never rewritten or removed (R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, append_only, frozen_columns, undeletable

VERSION_FACTS = [
    "organization_id", "valid_from", "recorded_at", "name", "short_name", "parent_id", "supervising_department_id",
    "quota_holder_id", "org_type", "institution_class", "nature", "rank", "funding_form", "tier", "is_grouping",
    "status", "duties", "document_id",
]  # fmt: skip
BODY_FACTS = [
    "body_id",
    "organization_id",
    "valid_from",
    "recorded_at",
    "name",
    "kind",
    "rank",
    "duties",
    "document_id",
]


class Migration(migrations.Migration):
    dependencies = [("organizations", "0001_initial")]

    operations = [
        InstallTriggers(
            [
                *undeletable("organizations_organization", "机构"),
                *undeletable("organizations_organizationversion", "机构沿革版本"),
                frozen_columns("organizations_organizationversion", "机构沿革版本", VERSION_FACTS),
                *undeletable("organizations_internalbody", "内设机构"),
                *undeletable("organizations_internalbodyversion", "内设机构版本"),
                frozen_columns("organizations_internalbodyversion", "内设机构版本", BODY_FACTS),
                *undeletable("organizations_nameplate", "加挂牌子"),
                *undeletable("organizations_organizationalias", "机构别名"),
                *append_only("organizations_reorganizationevent", "沿革事项"),
                *append_only("organizations_lineage", "沿革关系"),
            ]
        ),
    ]

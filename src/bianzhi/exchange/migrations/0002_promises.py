"""What the database promises of the hub: deliveries, messages and decisions keep their facts, nothing is removed (R26)."""

from django.db import migrations

from bianzhi.common.db.triggers import InstallTriggers, append_only, frozen_columns, undeletable

DELIVERY_FACTS = ["source_id", "period", "part", "parts", "sha256", "sm3", "file_name", "size", "received_at"]
DECISION_FACTS = [
    "kind", "left_source", "left_fingerprint", "right_source", "right_fingerprint", "decided_by_id", "decided_at",
]  # fmt: skip
FINDING_FACTS = ["key", "kind", "person_key", "first_run_id", "first_period", "found_on"]
MESSAGE_FACTS = ["source_id", "message_id", "seq", "kind", "sha256", "received_at"]
DISPATCH_FACTS = ["source_id", "key", "kind", "sha256", "signature", "created_at"]
TOKEN_FACTS = ["source_id", "digest", "scopes", "created_at"]

TRIGGERS = [
    *undeletable("exchange_source", "数据来源"),
    *undeletable("exchange_contract", "数据契约"),
    *undeletable("exchange_delivery", "报送"),
    frozen_columns("exchange_delivery", "报送", DELIVERY_FACTS),
    *undeletable("exchange_run", "核对"),
    *append_only("exchange_identityevent", "人员标识变化"),
    *undeletable("exchange_linkreview", "疑似同一人"),
    *undeletable("exchange_linkdecision", "关联判断"),
    frozen_columns("exchange_linkdecision", "关联判断", DECISION_FACTS),
    *undeletable("exchange_unitalias", "单位别名"),
    *undeletable("exchange_finding", "核对差异"),
    frozen_columns("exchange_finding", "核对差异", FINDING_FACTS),
    *append_only("exchange_findingstep", "差异办理记录"),
    *undeletable("exchange_change", "识别的变动"),
    *undeletable("exchange_accesstoken", "接口密钥"),
    frozen_columns("exchange_accesstoken", "接口密钥", TOKEN_FACTS),
    *undeletable("exchange_message", "部门消息"),
    frozen_columns("exchange_message", "部门消息", MESSAGE_FACTS, sealed=["payload"]),
    *undeletable("exchange_dispatch", "回送"),
    frozen_columns("exchange_dispatch", "回送", DISPATCH_FACTS, sealed=["payload"]),
    *undeletable("exchange_webhook", "推送地址"),
    *undeletable("exchange_webhookattempt", "推送记录"),
]


class Migration(migrations.Migration):
    dependencies = [("exchange", "0001_initial")]

    operations = [InstallTriggers(TRIGGERS)]

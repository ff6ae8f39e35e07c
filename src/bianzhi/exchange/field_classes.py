"""Classes of the columns of the hub."""

from bianzhi.common.field_classes import FieldClass, declare, declare_harmless

declare("exchange.delivery", {"report": FieldClass.SENSITIVE})
declare("exchange.linkreview", dict.fromkeys(("left", "right", "evidence"), FieldClass.SENSITIVE))
declare("exchange.linkdecision", dict.fromkeys(("left_fingerprint", "right_fingerprint"), FieldClass.SECRET))
declare("exchange.finding", {"evidence": FieldClass.SENSITIVE, "evidence_fingerprint": FieldClass.SECRET})
declare("exchange.change", {"evidence": FieldClass.SENSITIVE, "number_fingerprint": FieldClass.SECRET})
declare("exchange.message", {"payload": FieldClass.SENSITIVE})
declare("exchange.dispatch", {"payload": FieldClass.SENSITIVE})
declare_harmless("exchange.webhook.url", "部门系统的地址")
declare_harmless("exchange.webhook.secret_name", "环境变量的名称，密钥不在数据库里")

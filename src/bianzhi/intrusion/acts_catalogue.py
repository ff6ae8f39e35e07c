"""The acts of the watch and how the audit pages call them."""

ACTS: dict[str, str] = {
    "intrusion.alert_raised": "入侵迹象告警",
    "intrusion.alert_grown": "告警有新的迹象",
    "intrusion.alert_climbed": "告警催办、上报",
    "intrusion.alert_acknowledged": "确认告警",
    "intrusion.alert_handled": "处置告警",
    "intrusion.alert_returned": "告警复核退回",
    "intrusion.alert_closed": "关闭告警",
    "intrusion.rule_set": "调整告警规则",
    "intrusion.suppressed": "设置误报抑制",
    "intrusion.suppression_ended": "结束误报抑制",
    "intrusion.installation_sealed": "建立程序清单",
}

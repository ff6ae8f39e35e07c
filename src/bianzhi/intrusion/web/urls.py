"""Addresses of the watch."""

from django.urls import path

from bianzhi.intrusion.web import alerts, rules

app_name = "intrusion"

urlpatterns = [
    path("", alerts.alert_list, name="alerts"),
    path("alerts/<int:pk>/", alerts.alert_page, name="alert"),
    path("alerts/<int:pk>/acknowledge/", alerts.acknowledge_alert, name="acknowledge"),
    path("alerts/<int:pk>/handle/", alerts.handle_alert, name="handle"),
    path("alerts/<int:pk>/close/", alerts.close_alert, name="close"),
    path("alerts/<int:pk>/suppress/", alerts.suppress_alert, name="suppress"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/<slug:code>/", rules.rule_page, name="rule"),
    path("coverage/", rules.coverage, name="coverage"),
    path("suppressions/<int:pk>/end/", rules.suppression_end, name="suppression_end"),
]

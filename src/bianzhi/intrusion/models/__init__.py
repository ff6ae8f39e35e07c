"""Alerts and how they were answered; the rules as set; what is taken for a false alarm; when each rule last ran."""

from bianzhi.intrusion.models.alerts import Alert, AlertState
from bianzhi.intrusion.models.readings import HourlyReading
from bianzhi.intrusion.models.settings import RuleRun, RuleSetting, Suppression

__all__ = ["Alert", "AlertState", "HourlyReading", "RuleRun", "RuleSetting", "Suppression"]

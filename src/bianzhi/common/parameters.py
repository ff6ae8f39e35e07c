"""The tenant's parameters: every number a rule uses is declared here with its default and basis.

Local rules differ, so no number of a rule is a constant in code (domain dossier, provenance note).
A value set by the office overrides the default; see `ParameterValue`.
"""

from dataclasses import dataclass

from bianzhi.common.models import ParameterValue


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or text a rule depends on."""

    key: str
    label: str
    default: int | str
    rule: str

    @property
    def value(self) -> int | str:
        """The office's own value, or the default."""
        row = ParameterValue.objects.filter(key=self.key).first()
        return self.default if row is None else row.value

    @property
    def number(self) -> int:
        """The value as a whole number."""
        return int(self.value)


PARAMETERS: dict[str, Parameter] = {}


def declare(key: str, label: str, default: int | str, rule: str) -> Parameter:
    """Register a parameter; apps do this at import, once for each key."""
    if key in PARAMETERS:
        raise ValueError(f"parameter declared twice: {key}")
    parameter = Parameter(key, label, default, rule)
    PARAMETERS[key] = parameter
    return parameter


EXIT_FILING_DAYS = declare("exit.filing_working_days", "出编应在事发后几个工作日内办理", 10, "R12")
ENTRY_FILING_DAYS = declare("entry.filing_working_days", "入编应在到岗后几个工作日内申请", 10, "P03")
SLOT_VALIDITY_MONTHS = declare("slot.validity_months", "用编核准单有效期（月）", 12, "P02")
SLOT_WARNING_DAYS = declare("slot.warning_days", "核准单到期前几天提醒", 60, "W08")
ROTATING_WARNING_DAYS = declare("rotating.warning_days", "周转编制到期前几天提醒", 90, "W11")
FULL_WARNING_PERCENT = declare("warning.full_percent", "满编率达到百分之几提醒", 95, "W04")
VACANCY_WARNING_PERCENT = declare("warning.vacancy_percent", "空编率超过百分之几为长期空编", 20, "W05")
VACANCY_WARNING_MONTHS = declare("warning.vacancy_months", "空编持续几个月为长期空编", 12, "W05")
OFF_DUTY_WARNING_MONTHS = declare("warning.off_duty_months", "在编不在岗超过几个月提醒", 6, "W10")
TOTAL_WARNING_PERCENT = declare("warning.total_percent", "区总量使用达到百分之几提醒", 98, "W14")
MINIMUM_WORKING_AGE = declare("person.minimum_working_age", "参加工作最低年龄", 16, "R17")
TENANT_NAME = declare("tenant.name", "使用单位名称", "", "显示在页首")
DATA_IS_SYNTHETIC = declare("data.is_synthetic", "数据为虚构示例（1 是，0 否）", 0, "每页标明")

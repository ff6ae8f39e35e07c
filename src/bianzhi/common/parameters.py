"""The tenant's parameters: every number a rule uses is declared here with its default and basis.

Local rules differ, so no number of a rule is a constant in code (domain dossier, provenance note).
A value set by the office overrides the default; see `ParameterValue`. Each number has bounds: none may be set that ends
the rule it belongs to.
"""

from dataclasses import dataclass

from bianzhi.common.models import ParameterValue


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number or text a rule depends on.

    A number lies between `least` and `most`. `by_program`: not for the page, what sets it knows that it is true.
    """

    key: str
    label: str
    default: int | str
    rule: str
    least: int = 0
    most: int = 0
    by_program: bool = False

    @property
    def value(self) -> int | str:
        """The office's own value, or the default."""
        row = ParameterValue.objects.filter(key=self.key).first()
        return self.default if row is None else row.value

    @property
    def number(self) -> int:
        """The value as a whole number."""
        return int(self.value)

    @property
    def bounds(self) -> str:
        """What may be set, in words; empty for a text."""
        return "" if isinstance(self.default, str) else f"{self.least} 至 {self.most} 的整数"


PARAMETERS: dict[str, Parameter] = {}


def declare(
    key: str,
    label: str,
    default: int | str,
    rule: str,
    *,
    least: int = 0,
    most: int = 0,
    by_program: bool = False,
) -> Parameter:
    """Register a parameter; apps do this at import, once for each key. A number says what it may be at `most`."""
    if key in PARAMETERS:
        raise ValueError(f"parameter declared twice: {key}")
    if isinstance(default, int) and not least <= default <= most:
        raise ValueError(f"the default of {key} is not between {least} and {most}")
    parameter = Parameter(key, label, default, rule, least, most, by_program)
    PARAMETERS[key] = parameter
    return parameter


EXIT_FILING_DAYS = declare("exit.filing_working_days", "出编应在事发后几个工作日内办理", 10, "R12", least=1, most=250)
ENTRY_FILING_DAYS = declare("entry.filing_working_days", "入编应在到岗后几个工作日内申请", 10, "P03", least=1, most=250)
SLOT_VALIDITY_MONTHS = declare("slot.validity_months", "用编核准单有效期（月）", 12, "P02", least=1, most=120)
SLOT_WARNING_DAYS = declare("slot.warning_days", "核准单到期前几天提醒", 60, "W08", most=1000)
ROTATING_WARNING_DAYS = declare("rotating.warning_days", "周转编制到期前几天提醒", 90, "W11", most=1000)
FULL_WARNING_PERCENT = declare("warning.full_percent", "满编率达到百分之几提醒", 95, "W04", least=1, most=200)
VACANCY_WARNING_PERCENT = declare("warning.vacancy_percent", "空编率超过百分之几为长期空编", 20, "W05", most=100)
VACANCY_WARNING_MONTHS = declare("warning.vacancy_months", "空编持续几个月为长期空编", 12, "W05", least=1, most=120)
OFF_DUTY_WARNING_MONTHS = declare("warning.off_duty_months", "在编不在岗超过几个月提醒", 6, "W10", least=1, most=120)
TOTAL_WARNING_PERCENT = declare("warning.total_percent", "区总量使用达到百分之几提醒", 98, "W14", least=1, most=200)
MINIMUM_WORKING_AGE = declare("person.minimum_working_age", "参加工作最低年龄", 16, "R17", least=10, most=30)
TENANT_NAME = declare("tenant.name", "使用单位名称", "", "显示在页首")
DATA_IS_SYNTHETIC = declare("data.is_synthetic", "数据为虚构示例（1 是，0 否）", 0, "每页标明", most=1, by_program=True)

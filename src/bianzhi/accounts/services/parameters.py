"""Setting the numbers the rules use, within their bounds: every change cites its basis and stays on record."""

from typing import Final

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.common.models import ParameterValue
from bianzhi.common.parameters import PARAMETERS, Parameter
from bianzhi.kernel.numbers import NumberError, parse_whole_number
from bianzhi.kernel.objections import Objection, Refused

MANAGE: Final = "system.manage"
KIND: Final = "common.parametervalue"
LONGEST: Final = 100


@unit_of_work
def set_parameter(*, actor: Actor, key: str, text: str, basis: str) -> Parameter:
    """Set a declared parameter from what was typed.

    Raises Refused for an unknown key (S30), a missing basis (S31), a value that is no whole number within the bounds
    where one is due (S32), and what only a program sets (S33).
    """
    require(actor, MANAGE)
    parameter = _declared(key, actor)
    if not basis.strip():
        raise Refused([Objection("S31", "请填写依据，例如文件名称和文号，以便今后核查。")])
    before, value = parameter.value, _read(parameter, text.strip())
    ParameterValue.objects.update_or_create(
        key=key, defaults={"value": value, "basis": basis.strip(), "changed_by_id": _user_key(actor)}
    )
    facts = {"before": before, "after": value, "basis": basis.strip()}
    record("system.parameter_changed", actor=actor, subject=_subject(parameter), facts=facts)
    return parameter


@unit_of_work
def reset_parameter(*, actor: Actor, key: str) -> Parameter:
    """Go back to the default. Raises Refused for an unknown key (S30), and what only a program sets (S33)."""
    require(actor, MANAGE)
    parameter = _declared(key, actor)
    before = parameter.value
    if ParameterValue.objects.filter(key=key).delete()[0]:
        facts = {"before": before, "after": parameter.default}
        record("system.parameter_reset", actor=actor, subject=_subject(parameter), facts=facts)
    return parameter


def _declared(key: str, actor: Actor) -> Parameter:
    if key not in PARAMETERS:
        raise Refused([Objection("S30", f"没有名为“{key}”的参数。")])
    parameter = PARAMETERS[key]
    if parameter.by_program and isinstance(actor, User):
        step = "装入演示数据时由程序设置。"
        raise Refused([Objection("S33", f"“{parameter.label}”不能在页面上设置。", next_step=step)])
    return parameter


def _read(parameter: Parameter, text: str) -> int | str:
    if isinstance(parameter.default, str):
        if len(text) > LONGEST:
            raise Refused([Objection("S32", f"“{parameter.label}”不能超过 {LONGEST} 个字。")])
        return text
    due = f"“{parameter.label}”应为 {parameter.bounds}"
    try:
        value = parse_whole_number(text)
    except NumberError as error:
        raise Refused([Objection("S32", f"{due}：{error}。")]) from error
    if value is None:
        raise Refused([Objection("S32", f"{due}，不能为空。")])
    if not parameter.least <= value <= parameter.most:
        raise Refused([Objection("S32", f"{due}，填写的是 {value}。")])
    return value


def _user_key(actor: Actor) -> int | None:
    return actor.pk if isinstance(actor, User) else None


def _subject(parameter: Parameter) -> Subject:
    return Subject(KIND, parameter.key, parameter.label)

"""Setting the numbers the rules use: every change cites its basis and stays on record."""

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

    Raises Refused for an unknown key, a value that is no whole number where one is due, and a missing basis.
    """
    require(actor, MANAGE)
    parameter = _declared(key)
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
    """Go back to the default."""
    require(actor, MANAGE)
    parameter = _declared(key)
    before = parameter.value
    if ParameterValue.objects.filter(key=key).delete()[0]:
        facts = {"before": before, "after": parameter.default}
        record("system.parameter_reset", actor=actor, subject=_subject(parameter), facts=facts)
    return parameter


def _declared(key: str) -> Parameter:
    if key not in PARAMETERS:
        raise Refused([Objection("S30", f"没有名为“{key}”的参数。")])
    return PARAMETERS[key]


def _read(parameter: Parameter, text: str) -> int | str:
    if isinstance(parameter.default, str):
        if len(text) > LONGEST:
            raise Refused([Objection("S32", f"“{parameter.label}”不能超过 {LONGEST} 个字。")])
        return text
    try:
        value = parse_whole_number(text)
    except NumberError as error:
        raise Refused([Objection("S32", f"“{parameter.label}”应为不小于 0 的整数：{error}。")]) from error
    if value is None:
        raise Refused([Objection("S32", f"“{parameter.label}”应为不小于 0 的整数，不能为空。")])
    return value


def _user_key(actor: Actor) -> int | None:
    return actor.pk if isinstance(actor, User) else None


def _subject(parameter: Parameter) -> Subject:
    return Subject(KIND, parameter.key, parameter.label)

"""Acts a person answers for: the row names an account, and the platform by itself has none."""

from bianzhi.audit.actors import Actor
from bianzhi.kernel.objections import Objection, Refused


def account_of(by: Actor) -> int:
    """The key of the account that answers for an act. Raises Refused (archives.no_account) for the platform itself."""
    if by.pk is None:
        message = "这一步须由登录的人员办理并署名，系统不能代办。"
        raise Refused([Objection("archives.no_account", message, next_step="请登录后办理")])
    return by.pk

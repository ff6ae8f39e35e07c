"""The acts that may be recorded: a name nobody declared cannot be written."""

from typing import Final

ACTIONS: dict[str, str] = {}
SENSITIVE_ENDINGS: Final = ("revealed", "exported")
"""Acts that let personal data out: an app names them "personnel.id_revealed", "audit.exported"."""


class UnknownAction(LookupError):
    """An act was recorded that no app declared."""


def declare(actions: dict[str, str]) -> None:
    """Register acts with their Chinese wording; each app does this in its `AppConfig.ready`."""
    ACTIONS.update(actions)


def known(action: str) -> str:
    """The act itself, or UnknownAction."""
    if action not in ACTIONS:
        raise UnknownAction(action)
    return action


def label(action: str) -> str:
    """Chinese wording of an act, for the audit pages."""
    return ACTIONS.get(action, action)


def sensitive() -> list[str]:
    """Acts that let personal data out, for the auditor's filter."""
    return [action for action in ACTIONS if action.endswith(SENSITIVE_ENDINGS)]


def choices() -> list[tuple[str, str]]:
    """(act, wording) of every act, in the order of the wording."""
    return sorted(ACTIONS.items(), key=lambda pair: pair[1])

"""The acts that may be recorded: a name nobody declared cannot be written."""

ACTIONS: dict[str, str] = {}


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

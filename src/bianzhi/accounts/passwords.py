"""The office's own rules for passwords, and passwords the platform makes itself."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No 0/o, 1/l/i: a one-time password is read aloud or copied from paper."""
GROUPS, GROUP_LENGTH = 4, 4


class LongEnough:
    """Refuses a short password; Django's own message for it is not translated."""

    def __init__(self, min_length: int = 10) -> None:
        self._min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError naming both lengths."""
        if len(password) < self._min_length:
            text = f"密码太短：至少 {self._min_length} 个字符，现为 {len(password)} 个。"
            raise ValidationError(text, code="password_too_short")

    def get_help_text(self) -> str:
        """One line for the list of rules below the field."""
        return f"密码至少 {self._min_length} 个字符。"


class NotTheAccountName:
    """Refuses a password that contains the account name or the person's name, whatever the case."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError naming what the password contains."""
        folded = password.casefold()
        for field, title in (("username", "账号"), ("display_name", "姓名")):
            name = str(getattr(user, field, "") or "").casefold()
            if len(name) > 1 and name in folded:
                raise ValidationError(f"密码中不能含有{title}。", code="password_contains_name")

    def get_help_text(self) -> str:
        """One line for the list of rules below the field."""
        return "密码中不能含有账号或姓名。"


def one_time_password() -> str:
    """A random password in four groups, e.g. k7wq-m3vd-x8hn-2rpt (78 bits), for a first login."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)

"""The office's own rule for passwords, and passwords the platform makes itself."""

import secrets
from typing import Any

from django.core.exceptions import ValidationError

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No 0/o, 1/l/i: a one-time password is read aloud or copied from paper."""
GROUPS, GROUP_LENGTH = 4, 4


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

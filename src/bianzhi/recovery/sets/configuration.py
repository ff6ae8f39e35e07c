"""The settings of the installation, without anything secret: what somebody must set again on another machine."""

import os
import re
from collections.abc import Mapping
from typing import Final

HIDDEN: Final = "（未保存：密钥或密码）"
SECRET_NAME: Final = re.compile(r"SECRET|PASSWORD|TOKEN|KEY")
SECRET_PART: Final = re.compile(r"(://[^/:@\s]*):[^@\s]*@")
OURS: Final = ("BIANZHI_", "DATABASE_URL")


def configuration(environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Each setting by name; a secret only says that it was set, an address loses its password."""
    return {name: _shown(name, text) for name, text in sorted(environment.items()) if name.startswith(OURS)}


def _shown(name: str, text: str) -> str:
    if SECRET_NAME.search(name) and not name.endswith("_FILE"):
        return HIDDEN
    return SECRET_PART.sub(r"\1:***@", text)

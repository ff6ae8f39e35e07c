"""The settings of the next version: those of the product and one app more."""

from bianzhi.config.settings import *  # noqa: F403
from bianzhi.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.recovery.nextversion"]

"""What every template may use: menu, day shown, the tenant's name, the label of synthetic data, the version."""

from datetime import date
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest

from bianzhi import __version__
from bianzhi.common import parameters
from bianzhi.common.models import ParameterValue
from bianzhi.common.web import as_of, bell, navigation
from bianzhi.kernel import clock

PRODUCT: Final = "编制通"


class Shell:
    """Lazy facts of the page frame: a page that shows none of them asks the database nothing."""

    product = PRODUCT
    version = __version__
    assets_problem = settings.ASSETS_PROBLEM

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def menu(self) -> list[navigation.MenuGroup]:
        """The side menu of the user."""
        return navigation.menu_for(self._request)

    @cached_property
    def bell(self) -> bell.Ringing | None:
        """The bell of the top bar."""
        return bell.for_request(self._request)

    @cached_property
    def _values(self) -> dict[str, Any]:
        wanted = [parameters.TENANT_NAME.key, parameters.DATA_IS_SYNTHETIC.key]
        return dict(ParameterValue.objects.filter(key__in=wanted).values_list("key", "value"))

    @property
    def tenant(self) -> str:
        """Name of the office that uses the platform, beside the product's name."""
        return str(self._values.get(parameters.TENANT_NAME.key, parameters.TENANT_NAME.default))

    @property
    def is_synthetic(self) -> bool:
        """Whether the data are invented; then every page says so."""
        return bool(int(self._values.get(parameters.DATA_IS_SYNTHETIC.key, parameters.DATA_IS_SYNTHETIC.default)))

    @property
    def as_of(self) -> date:
        """The day the page shows."""
        shown: date = getattr(self._request, "as_of", clock.today())
        return shown

    @property
    def shows_other_day(self) -> bool:
        """Whether the page shows another day than today, so that the amber bar is due."""
        return bool(as_of.day_query(self._request))

    @property
    def is_future(self) -> bool:
        """Whether the day shown lies ahead: only what is recorded already can be counted."""
        return self.shows_other_day and not getattr(self._request, "as_of_is_past", False)

    @property
    def back_to_today(self) -> str:
        """This page as of today."""
        return as_of.without_day(self._request)

    @cached_property
    def printed_at(self) -> Any:
        """The moment for the footer of a printed page."""
        return clock.now()


def shell(request: HttpRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}

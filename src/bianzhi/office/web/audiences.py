"""The audience of a notice in words."""

from datetime import date

from bianzhi.accounts.roles import ROLES
from bianzhi.office.models import Audience, Notice
from bianzhi.office.selectors.people import names
from bianzhi.organizations.selectors.units import names_on

SHOWN = 8


def audience_in_words(notice: Notice, today: date) -> str:
    """按单位：财政局、审计局（含下级单位)."""
    label = Audience(notice.audience).label
    if notice.audience == Audience.ALL:
        return label
    found = _names(notice, today)
    more = f"等 {len(found)} 项" if len(found) > SHOWN else ""
    subtree = "（含下级单位）" if notice.audience == Audience.UNITS and notice.includes_subtree else ""
    return f"{label}：{'、'.join(found[:SHOWN])}{more}{subtree}"


def _names(notice: Notice, today: date) -> list[str]:
    keys = notice.audience_keys
    if notice.audience == Audience.ROLES:
        return [ROLES[key].label for key in keys if key in ROLES]
    known = names_on(keys, today) if notice.audience == Audience.UNITS else names(keys)
    return [known[key] for key in keys if key in known]

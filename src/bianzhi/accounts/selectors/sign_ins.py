"""On which devices an account is logged in now."""

from datetime import datetime
from typing import NamedTuple

from django.contrib.sessions.models import Session
from django.utils import timezone

from bianzhi.accounts.models import SignIn, User

BROWSERS = (
    ("Edg/", "Edge"),
    ("360SE", "360 浏览器"),
    ("QQBrowser", "QQ 浏览器"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
)
SYSTEMS = (("Windows", "Windows"), ("Android", "安卓"), ("iPhone", "iPhone"), ("Mac OS", "Mac"), ("Linux", "Linux"))


class Device(NamedTuple):
    """A login that goes on."""

    sign_in: SignIn
    browser: str
    seen_at: datetime
    is_this_one: bool


def devices(user: User, *, session_key: str | None) -> list[Device]:
    """The logins of an account that go on, the newest first; `session_key` is that of the one who looks."""
    rows = list(SignIn.objects.filter(user=user, ended_at=None))
    alive = Session.objects.filter(session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now())
    seen = {session.session_key: session.get_decoded().get("session_seen") for session in alive}
    return [
        Device(
            row,
            _browser(row.agent),
            datetime.fromtimestamp(seen[row.session_key] or row.started_at.timestamp(), tz=row.started_at.tzinfo),
            row.session_key == session_key,
        )
        for row in rows
        if row.session_key in seen
    ]


def _browser(agent: str) -> str:
    """Browser and system in words, as far as the browser says."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "其他浏览器")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return f"{browser}（{system}）" if system else browser

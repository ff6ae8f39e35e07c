"""The end of a login: on record, and its session gone."""

from django.contrib.auth import logout
from django.http import HttpRequest

from bianzhi.accounts.models import User
from bianzhi.accounts.services import sign_ins
from bianzhi.accounts.web.proof import address_of


def sign_out(request: HttpRequest, user: User) -> None:
    """End the session of the user of a request, which goes on as nobody's."""
    key = request.session.session_key or ""
    sign_ins.note_logout(user=user, address=address_of(request), session_key=key)
    logout(request)

"""Addresses the gate held back, signed: the page that asks for approval opens no other of the site.

A page is asked again outside its request, without session and middleware. Only one that came to the gate by itself is
known to export, and to do nothing else, when it is asked.
"""

from typing import Final

from django.core.signing import BadSignature, Signer

from bianzhi.disclosure.web.replaying import NotAnExport

SALT: Final = "disclosure.held_back"


def signed(path: str) -> str:
    """The address, with the proof that the gate held its export back."""
    return Signer(salt=SALT).sign(path)


def path_of(text: str) -> str:
    """The address that was signed. Raises NotAnExport for any other."""
    try:
        return Signer(salt=SALT).unsign(text)
    except BadSignature as error:
        raise NotAnExport from error

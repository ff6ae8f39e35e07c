"""The office's identity provider, spoken to by OpenID Connect through Authlib: where it is, what it vouches for.

What Authlib leaves to its caller is checked here: that the provider found at an address is the one configured, that
tokens are meant for this client, and that they are signed with a key of the provider (never `none`, never a shared
secret).
"""

import time
from dataclasses import dataclass
from typing import Any, Final

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.django_client import DjangoIntegration, DjangoOAuth2App
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

SIGNED_BY: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
SECONDS: Final = 8
"""How long one answer of the provider is awaited."""
READ_AGAIN_AFTER: Final = 3600
"""Seconds after which addresses and keys of the provider are read again."""
SKEW: Final = 60
"""Seconds the clocks of the two servers may differ."""
LOGOUT_EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_AGE: Final = 300
SCOPE: Final = "openid"

UNREACHABLE: Final = "统一身份认证暂时无法连接。请用账号和密码登录，或稍后再试。"
NOT_VOUCHED: Final = "统一身份认证返回的内容无法核实，没有登录。请重新登录；多次不成功的，请联系系统管理员。"


class ProviderProblem(Exception):
    """The provider can't be reached, or what it says can't be trusted. The message is for people."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the provider says of who signed in there."""

    subject: str
    session: str
    acr: str
    amr: tuple[str, ...]
    id_token: str

    def is_strong(self) -> bool:
        """Whether the provider itself asked for a second factor, by what this installation counts as one."""
        return bool({f"acr:{self.acr}", *(f"amr:{each}" for each in self.amr)} & set(settings.OIDC_STRONG))


class _Provider(DjangoOAuth2App):  # type: ignore[misc]
    """Authlib's client with the metadata it found checked before anything is done with it."""

    def load_server_metadata(self) -> dict[str, Any]:
        known: dict[str, Any] = super().load_server_metadata()
        if known.get("issuer") != settings.OIDC_ISSUER:
            raise ProviderProblem(NOT_VOUCHED)
        listed = known.get("id_token_signing_alg_values_supported") or ["RS256"]
        known["id_token_signing_alg_values_supported"] = [alg for alg in listed if alg in SIGNED_BY]
        # An empty list would be taken for "any that is usual", shared secrets among them.
        if not known["id_token_signing_alg_values_supported"]:
            raise ProviderProblem(NOT_VOUCHED)
        return known


_made: dict[tuple[str, str, str], tuple[float, _Provider]] = {}


def is_configured() -> bool:
    """Whether this installation has an identity provider."""
    return bool(settings.OIDC_ISSUER)


def forget() -> None:
    """Read addresses and keys of the provider again at the next sign-in."""
    _made.clear()


def _provider() -> _Provider:
    key = (settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    made_at, provider = _made.get(key, (0.0, None))
    if provider is None or time.monotonic() - made_at > READ_AGAIN_AFTER:
        provider = _Provider(
            DjangoIntegration("sso"),
            name="sso",
            client_id=settings.OIDC_CLIENT_ID,
            client_secret=settings.OIDC_CLIENT_SECRET,
            server_metadata_url=settings.OIDC_ISSUER.rstrip("/") + "/.well-known/openid-configuration",
            client_kwargs={"scope": SCOPE, "code_challenge_method": "S256", "default_timeout": SECONDS},
        )
        _made[key] = (time.monotonic(), provider)
    return provider


def send_there(request: HttpRequest, *, back_to: str, **kept: Any) -> HttpResponse:
    """Send the browser to the provider; `kept` is found again when it comes back. Raises ProviderProblem."""
    provider = _provider()
    try:
        asked = provider.create_authorization_url(back_to, **_levels())
        provider.save_authorize_data(request, redirect_uri=back_to, since=int(time.time()), **kept, **asked)
    except (RequestException, AuthlibBaseError, RuntimeError, ValueError) as error:
        raise ProviderProblem(UNREACHABLE) from error
    response = HttpResponse(status=302)
    response["Location"] = asked["url"]
    return response


def _levels() -> dict[str, str]:
    """The levels (acr) that count as a second factor here: a provider tells only what it was asked for."""
    wanted = [each.removeprefix("acr:") for each in settings.OIDC_STRONG if each.startswith("acr:")]
    return {"acr_values": " ".join(wanted)} if wanted else {}


def take_kept(request: HttpRequest, *, within: int) -> dict[str, Any]:
    """What was kept for the state the browser came back with. Raises ProviderProblem: unknown, used up, or too late."""
    kept = _provider().framework.get_state_data(request.session, request.GET.get("state", ""))
    if kept is None or time.time() - kept["since"] > within:
        raise ProviderProblem("这次统一身份认证登录已过期或已用过，请重新登录。")
    return dict(kept)


def vouched_for(request: HttpRequest) -> Vouched:
    """Whom the provider vouches for, from the code the browser brought. The state is used up whatever comes of it.

    Raises ProviderProblem.
    """
    provider = _provider()
    try:
        metadata = provider.load_server_metadata()
        if request.GET.get("iss", metadata["issuer"]) != metadata["issuer"]:
            raise ProviderProblem(NOT_VOUCHED)
        meant = {"iss": {"values": [metadata["issuer"]]}, "aud": {"values": [settings.OIDC_CLIENT_ID]}}
        token = provider.authorize_access_token(request, claims_options=meant, leeway=SKEW)
    except RequestException as error:
        raise ProviderProblem(UNREACHABLE) from error
    except (AuthlibBaseError, JoseError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise ProviderProblem(_denied(error)) from error
    finally:
        provider.framework.clear_state_data(request.session, request.GET.get("state", ""))
    claims = token.get("userinfo")
    if not claims or not isinstance(claims.get("sub"), str):
        raise ProviderProblem(NOT_VOUCHED)
    return Vouched(
        subject=claims["sub"],
        session=str(claims.get("sid") or ""),
        acr=str(claims.get("acr") or ""),
        amr=tuple(str(each) for each in claims.get("amr") or ()),
        id_token=token["id_token"],
    )


def _denied(error: Exception) -> str:
    refused = getattr(error, "error", "") == "access_denied"
    return "您在统一身份认证中取消了登录。" if refused else NOT_VOUCHED


def logout_address(*, id_token: str, back_to: str) -> str:
    """Where the browser is sent to end the provider's own session too; "" where the provider offers nothing."""
    try:
        if not _provider().load_server_metadata().get("end_session_endpoint"):
            return ""
        asked = _provider().create_logout_url(back_to, id_token or None, client_id=settings.OIDC_CLIENT_ID)
    except (RequestException, ProviderProblem, RuntimeError, ValueError):
        return ""
    return str(asked["url"])


def read_logout_token(text: str) -> tuple[str, str]:
    """(subject, session) the provider says were logged out there; either may be "". Each token is taken once.

    Raises ProviderProblem for one that is not the provider's, not for this client, too old, or of another kind.
    """
    provider = _provider()
    try:
        metadata = provider.load_server_metadata()
        algorithms = metadata["id_token_signing_alg_values_supported"]
        claims = _decoded(provider, text, algorithms)
        _check_logout(claims, metadata["issuer"])
    except RequestException as error:
        raise ProviderProblem(UNREACHABLE) from error
    except (JoseError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise ProviderProblem(NOT_VOUCHED) from error
    if not cache.add(f"sso.logout:{claims['jti']}", 1, LOGOUT_AGE + SKEW):
        raise ProviderProblem(NOT_VOUCHED)
    return str(claims.get("sub") or ""), str(claims.get("sid") or "")


def _decoded(provider: _Provider, text: str, algorithms: list[str]) -> dict[str, Any]:
    registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
    try:
        token = jwt.decode(text, KeySet.import_key_set(provider.fetch_jwk_set()), registry=registry)
    except InvalidKeyIdError:
        token = jwt.decode(text, KeySet.import_key_set(provider.fetch_jwk_set(force=True)), registry=registry)
    return dict(token.claims)


def _check_logout(claims: dict[str, Any], issuer: str) -> None:
    """OpenID Connect Back-Channel Logout 1.0 §2.6."""
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    is_recent = abs(time.time() - float(claims["iat"])) < LOGOUT_AGE
    is_meant = claims["iss"] == issuer and settings.OIDC_CLIENT_ID in audience
    if not is_meant or not is_recent or "nonce" in claims or LOGOUT_EVENT not in claims["events"]:
        raise ValueError("not a logout token for this client")
    if not isinstance(claims["jti"], str) or not (claims.get("sub") or claims.get("sid")):
        raise ValueError("a logout token that names nobody")

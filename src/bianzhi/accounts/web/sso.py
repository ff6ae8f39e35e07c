"""Single sign-on: to the office's identity provider and back, linking the own account, leaving both."""

import time
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.models import User
from bianzhi.accounts.services import failed_logins, linked_identities, sign_ins
from bianzhi.accounts.services.factor_duty import has_factor
from bianzhi.accounts.web import provider, second_factor
from bianzhi.accounts.web.place import site_of
from bianzhi.accounts.web.proof import PasswordForm, address_of, knows_password, may_enter
from bianzhi.accounts.web.provider import ProviderProblem, Vouched
from bianzhi.audit.actors import System
from bianzhi.common.field_keys import keyring
from bianzhi.common.web.access import PageRequest, public_page, signed_in_page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.encryption.ciphers import Forged
from bianzhi.kernel.encryption.envelope import seal, unseal
from bianzhi.kernel.objections import Refused

MAY_LINK: Final = "sso_may_link"
"""In the session: when the own password was shown to link the account."""
CAME_FROM: Final = "sso_token"
"""In the session: what the provider vouched with, sealed; it is shown to the provider when leaving."""
UNNAMED: Final = "-"
"""The session of a provider that gives its sessions no name."""
LEAVING: Final = "sso_leaving"
WITHIN: Final = 600
GATE: Final = System("统一身份认证")
SIGN_IN, LINK = "sign-in", "link"
UNLINKED: Final = (
    "您在统一身份认证中的身份没有关联本平台的账号，或者账号已停用、已暂停登录。"
    "请用账号和密码登录，在“我的账号”中关联；或联系安全管理员。"
)


@public_page
@never_cache
@require_safe
def start(request: PageRequest) -> HttpResponse:
    """Send the browser to the provider, to sign in, or to say whom it means when the own account is to be linked."""
    _configured()
    is_link = request.user.is_authenticated
    if is_link and not _may_link(request):
        return redirect(second_factor.next_of(request))
    kept = {"purpose": LINK if is_link else SIGN_IN, "to": second_factor.next_of(request)}
    try:
        return provider.send_there(request, back_to=_back_to(request), **kept)
    except ProviderProblem as problem:
        return _problem(request, str(problem))


@public_page
@never_cache
@require_safe
def come_back(request: PageRequest) -> HttpResponse:
    """The browser back from the provider: link or let in the account it means, if everything is in order."""
    _configured()
    try:
        kept = provider.take_kept(request, within=WITHIN)
        vouched = provider.vouched_for(request)
    except ProviderProblem as problem:
        return _problem(request, str(problem))
    if kept["purpose"] == LINK:
        return _link(request, vouched)
    return _enter(request, vouched, to=kept["to"])


def _enter(request: PageRequest, vouched: Vouched, *, to: str) -> HttpResponse:
    address = address_of(request)
    user = linked_identities.recognise(issuer=settings.OIDC_ISSUER, subject=vouched.subject, address=address)
    if user is None or not may_enter(request, user):
        if user is not None:
            failed_logins.note_failure(username=user.username, address=address, locked=False)
        return redirect_with_notice(request, "accounts:login", UNLINKED, level="error")
    token, session = seal(keyring(), vouched.id_token, CAME_FROM), vouched.session or UNNAMED
    if has_factor(user) and not vouched.is_strong():
        answer = second_factor.ask_for(request, user, to=to, provider_session=session)
    else:
        second_factor.let_in(request, user, passed=vouched.is_strong(), provider_session=session)
        answer = redirect(to)
    request.session[CAME_FROM] = token
    return answer


def _link(request: PageRequest, vouched: Vouched) -> HttpResponse:
    if not request.user.is_authenticated or not _may_link(request):
        return _problem(request, second_factor.TOO_LATE)
    del request.session[MAY_LINK]
    try:
        linked_identities.link_own(user=request.user, issuer=settings.OIDC_ISSUER, subject=vouched.subject)
    except Refused as refusal:
        return redirect_with_notice(request, "accounts:sso_link", str(refusal), level="error")
    return redirect_with_notice(request, "accounts:sso_link", f"已关联{settings.OIDC_LABEL}，下次可以用它登录。")


@signed_in_page
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def own_link(request: PageRequest) -> HttpResponse:
    """Whether the own account is linked; who knows the password may go to the provider to link it."""
    _configured()
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and knows_password(request, form):
        request.session[MAY_LINK] = int(time.time())
        return redirect("accounts:sso_link")
    context = {
        "form": form,
        "link": linked_identities.linked(request.user),
        "may_link": _may_link(request),
        "provider": settings.OIDC_LABEL,
    }
    return render(request, "accounts/sso_link.html", context, status=422 if form.is_bound else 200)


@signed_in_page
@require_POST
def own_unlink(request: PageRequest) -> HttpResponse:
    """End the own link."""
    _configured()
    try:
        linked_identities.unlink_own(user=request.user)
    except Refused as refusal:
        return redirect_with_notice(request, "accounts:sso_link", str(refusal), level="error")
    return redirect_with_notice(request, "accounts:sso_link", "已解除关联。")


def address_of_leaving(request: HttpRequest) -> str:
    """Where the provider's own session is ended, for who came from it; "" for others, or when it offers nothing."""
    sealed = request.session.get(CAME_FROM)
    if not sealed or not provider.is_configured():
        return ""
    try:
        token = unseal(keyring(), sealed, CAME_FROM)
    except Forged:
        token = ""
    return provider.logout_address(id_token=token, back_to=f"{site_of(request)}{reverse('accounts:login')}")


def leave(request: HttpRequest, address: str) -> HttpResponse:
    """Go on to the provider by a page of its own: a form's answer may not lead to another site (CSP)."""
    request.session[LEAVING] = address
    return redirect("accounts:sso_leave")


@public_page
@never_cache
@require_safe
def leaving(request: PageRequest) -> HttpResponse:
    """Says that this site was left, and goes on to leave the provider."""
    address = request.session.pop(LEAVING, "")
    if not address:
        return redirect("accounts:login")
    return render(request, "accounts/sso_leave.html", {"address": address, "provider": settings.OIDC_LABEL})


@public_page
@csrf_exempt
@require_POST
def ended_there(request: HttpRequest) -> HttpResponse:
    """The provider says by itself that somebody logged out there (back-channel logout): end what came from it."""
    _configured()
    try:
        subject, session = provider.read_logout_token(request.POST.get("logout_token", ""))
    except ProviderProblem:
        return HttpResponse(status=400, headers={"Cache-Control": "no-store"})
    for user in _meant(subject, session):
        sign_ins.end_from_provider(actor=GATE, user=user, provider_session=session)
    return HttpResponse(status=200, headers={"Cache-Control": "no-store"})


def _meant(subject: str, session: str) -> list[User]:
    if subject:
        user = linked_identities.account_of(settings.OIDC_ISSUER, subject)
        return [user] if user else []
    return list(User.objects.filter(sign_ins__provider_session=session, sign_ins__ended_at=None).distinct())


def _configured() -> None:
    if not provider.is_configured():
        raise Http404("没有配置统一身份认证。")


def _may_link(request: HttpRequest) -> bool:
    return time.time() - int(request.session.get(MAY_LINK, 0)) < WITHIN


def _back_to(request: HttpRequest) -> str:
    return f"{site_of(request)}{reverse('accounts:sso_back')}"


def _problem(request: PageRequest, why: str) -> HttpResponse:
    page = "accounts:sso_link" if request.user.is_authenticated else "accounts:login"
    return redirect_with_notice(request, page, why, level="error")

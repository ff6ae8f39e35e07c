"""The own passkeys: list, register, rename, remove; and signing in with one, after the password or instead of it.

The browser's script fetches a question, has the device answer it, and sends the answer with an ordinary form.
"""

import json
import time
from typing import Any, Final

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bianzhi.accounts.models import Passkey, User
from bianzhi.accounts.rules.relying_party import NO_KEYS_HERE
from bianzhi.accounts.services import failed_logins, passkeys
from bianzhi.accounts.services.factor_duty import has_factor, must_have_factor
from bianzhi.accounts.web import second_factor
from bianzhi.accounts.web.middleware import PASSED
from bianzhi.accounts.web.place import party_of
from bianzhi.accounts.web.proof import PasswordForm, address_of, count_failure, is_locked, knows_password, may_enter
from bianzhi.common.web.access import PageRequest, public_page, signed_in_page
from bianzhi.common.web.redirects import redirect_with_notice
from bianzhi.kernel.characters import sound
from bianzhi.kernel.objections import Refused

ASKED: Final = "passkey_asked"
"""In the session: the one question that waits for an answer, what it is for, and since when."""
WITHIN: Final = 300
LONGEST_ANSWER: Final = 20_000
REGISTER, SECOND, ALONE = "register", "second", "alone"
ELSEWHERE: Final = "您在其他设备上的登录已结束。"
NOT_PROVED: Final = "通行密钥没有通过核实：可能已被移除、已超时，或该账号已停用。请重试，或用账号和密码登录。"


class NewKeyForm(PasswordForm):
    """The name of a key about to be made, the password, and what the device answered."""

    field_order = ("label", "password", "answer")
    label = forms.CharField(
        label="名称", max_length=passkeys.LONGEST_LABEL, help_text="写明是哪个设备，例如“办公室电脑”"
    )
    answer = forms.CharField(max_length=LONGEST_ANSWER, required=False, widget=forms.HiddenInput)


@signed_in_page
@never_cache
@require_safe
def own_keys(request: PageRequest) -> HttpResponse:
    """The own passkeys, and the form that registers another."""
    return _page(request, NewKeyForm())


@signed_in_page
@require_POST
def ask_to_register(request: PageRequest) -> HttpResponse:
    """What the browser is to make a key with."""
    party = party_of(request)
    if party is None:
        return JsonResponse({"reason": NO_KEYS_HERE}, status=422)
    options, asked = passkeys.ask_to_register(request.user, party)
    return _ask(request, REGISTER, options, asked)


@signed_in_page
@never_cache
@sensitive_post_parameters("password")
@require_POST
def add(request: PageRequest) -> HttpResponse:
    """Keep the key the device made, for who knows the password."""
    form, asked = NewKeyForm(request.POST), _take(request, REGISTER)
    if not form.is_valid():
        return _page(request, form, status=422)
    data, party = form.cleaned_data, party_of(request)
    answer = _read(data["answer"])
    if party is None or asked is None or not answer:
        form.add_error(None, "没有收到设备的答复，没有登记。请确认浏览器允许运行脚本，再点“登记”。")
    elif knows_password(request, form):
        try:
            passkeys.register(
                user=request.user,
                party=party,
                asked=asked,
                answer=answer,
                label=data["label"],
                here=request.session.session_key,
            )
        except Refused as refusal:
            form.add_objections(refusal)
        else:
            request.session[PASSED] = True
            return redirect_with_notice(request, "accounts:passkeys", f"已登记通行密钥“{data['label']}”。{ELSEWHERE}")
    return _page(request, form, status=422)


def _own(request: PageRequest, pk: int) -> Passkey:
    """The key, if it is the account's own and still opens; Http404 otherwise."""
    row = Passkey.objects.filter(user=request.user, pk=pk, revoked_at__isnull=True).first()
    if row is None:
        raise Http404("没有这个通行密钥，或者它已被移除。")
    return row


@signed_in_page
@require_POST
def rename(request: PageRequest, pk: int) -> HttpResponse:
    """Give a key another name."""
    key = _own(request, pk)
    try:
        row = passkeys.rename(user=request.user, passkey_id=key.pk, label=sound(request.POST.get("label", "")))
    except Refused as refusal:
        return redirect_with_notice(request, "accounts:passkeys", str(refusal), level="error")
    return redirect_with_notice(request, "accounts:passkeys", f"已改名为“{row.label}”。")


@signed_in_page
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def remove(request: PageRequest, pk: int) -> HttpResponse:
    """End a key, for who knows the password."""
    row = _own(request, pk)
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if knows_password(request, form):
                passkeys.remove(user=request.user, passkey_id=pk)
                return redirect_with_notice(request, "accounts:passkeys", f"已移除通行密钥“{row.label}”。")
        except Refused as refusal:
            form.add_objections(refusal)
    context = {"form": form, "passkey": row}
    return render(request, "accounts/passkey_remove.html", context, status=422 if form.is_bound else 200)


@public_page
@require_POST
def ask_to_sign(request: PageRequest) -> HttpResponse:
    """What a device is to sign: after a right password with a key of that account, else with any."""
    party = party_of(request)
    if party is None:
        return JsonResponse({"reason": NO_KEYS_HERE}, status=422)
    if request.POST.get("purpose") == ALONE:
        return _ask(request, ALONE, *passkeys.ask_to_sign(party))
    waiting = second_factor.awaited(request)
    user = User.objects.filter(pk=waiting["user"]).first() if waiting else None
    if user is None:
        return JsonResponse({"reason": second_factor.TOO_LATE}, status=422)
    return _ask(request, SECOND, *passkeys.ask_to_sign(party, user=user))


@public_page
@never_cache
@require_POST
def sign_in(request: PageRequest) -> HttpResponse:
    """Let in whose device signed: by itself where it was unlocked by its owner, or after the password."""
    answer = _read(request.POST.get("answer", ""))
    name = f"passkey:{passkeys.credential_of(answer)}"[:60]
    purpose = request.session.get(ASKED, {}).get("for", "")
    asked, waiting = _take(request, purpose), second_factor.awaited(request)
    if is_locked(request, name):
        return _refused(request, purpose, second_factor.LOCKED)
    if asked is None or not answer or (purpose == SECOND and waiting is None):
        return _refused(request, purpose, NOT_PROVED)
    user = _signed(request, asked, answer, waiting["user"] if purpose == SECOND and waiting else None)
    if user is None:
        count_failure(request, name)
        return _refused(request, purpose, NOT_PROVED)
    if not may_enter(request, user):
        failed_logins.note_failure(username=user.username, address=address_of(request), locked=False)
        return _refused(request, ALONE, NOT_PROVED)
    to = waiting["to"] if purpose == SECOND and waiting else second_factor.next_of(request)
    second_factor.let_in(request, user, passed=True)
    return redirect(to)


def _signed(request: PageRequest, asked: dict[str, Any], answer: dict[str, Any], user_id: int | None) -> User | None:
    party = party_of(request)
    return passkeys.accept(party=party, asked=asked, answer=answer, user_id=user_id) if party else None


def _refused(request: PageRequest, purpose: str, why: str) -> HttpResponse:
    page = "accounts:second_factor" if purpose == SECOND else "accounts:login"
    return redirect_with_notice(request, page, why, level="error")


def _ask(request: HttpRequest, purpose: str, options: dict[str, Any], asked: dict[str, Any]) -> HttpResponse:
    """Keep the question in the session, in place of any before it, and give it to the script."""
    request.session[ASKED] = {"for": purpose, "since": int(time.time()), "asked": asked}
    return JsonResponse({"options": options})


def _take(request: HttpRequest, purpose: str) -> dict[str, Any] | None:
    """The question that waits, for one answer only; None for another purpose, or when it waited too long."""
    kept = request.session.pop(ASKED, None)
    if kept is None or kept["for"] != purpose or time.time() - kept["since"] > WITHIN:
        return None
    asked: dict[str, Any] = kept["asked"]
    return asked


def _read(text: str) -> dict[str, Any]:
    """The answer of the device, from the hidden field; {} for what is none."""
    try:
        answer = json.loads(text[:LONGEST_ANSWER])
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _page(request: PageRequest, form: NewKeyForm, *, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "passkeys": passkeys.live(request.user),
        "problem": "" if party_of(request) else NO_KEYS_HERE,
        "held": must_have_factor(request.user) and not has_factor(request.user),
    }
    return render(request, "accounts/passkeys.html", context, status=status)

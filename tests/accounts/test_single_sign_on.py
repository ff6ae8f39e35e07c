"""Single sign-on against a real provider process: whom it means, what of it is believed, what happens without it."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from bianzhi.accounts.models import LinkedIdentity, User
from bianzhi.accounts.policies import Denied
from bianzhi.accounts.services import linked_identities, sign_ins, users
from bianzhi.accounts.web import provider
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import ParameterValue
from bianzhi.common.parameters import DATA_IS_SYNTHETIC
from bianzhi.kernel.objections import Refused
from tests.accounts.identity_provider import BACK, CLIENT, HERE, PACKAGE, SECRET, IdentityProvider, Visitor, running
from tests.accounts.people import CONSOLE, PASSWORD, account, signed_in
from tests.accounts.test_passkeys import registered

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not PACKAGE.exists(), reason="the provider of the tests (npm oidc-provider) is not installed"),
]
PROFILE = "/accounts/profile/"
LOGIN = "/accounts/login/"


@pytest.fixture(scope="module")
def process() -> Iterator[IdentityProvider]:
    with running() as started:
        yield started


@pytest.fixture
def there(process: IdentityProvider, settings) -> IdentityProvider:
    """The provider, honest, as this installation's own."""
    process.shall(redirects=[BACK], after=[f"{HERE}{LOGIN}"], acr="", amr=[], lie="", backchannel="")
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = process.issuer, CLIENT, SECRET
    settings.OIDC_LABEL, settings.OIDC_STRONG = "区统一身份认证", ()
    provider.forget()
    return process


@pytest.fixture
def clerk(there) -> User:
    """An account linked to the subject 3101."""
    user = account("clerk", "commission_secretary")
    linked_identities.link(actor=CONSOLE, user_id=user.pk, issuer=there.issuer, subject="3101")
    return user


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def newest_act() -> str:
    return AuditEntry.objects.values_list("action", flat=True)[0]


# --- the way there and back ---------------------------------------------------------------------------------------


def test_who_is_linked_signs_in_and_goes_on_to_where_they_were_headed(clerk, visitor):
    assert visitor.sign_in("3101", to=PROFILE)["Location"] == PROFILE
    assert visitor.is_in()
    assert newest_act() == "accounts.logged_in"
    assert LinkedIdentity.objects.get().last_used_at is not None


def test_code_flow_with_proof_key_state_and_nonce_is_asked_for(there, visitor):
    asked = parse_qs(urlsplit(visitor.start()).query)
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [BACK]
    assert asked["scope"] == ["openid"]
    assert len(asked["state"][0]) >= 20
    assert len(asked["nonce"][0]) >= 20


def test_nobody_is_sent_to_another_site_after_signing_in(clerk, visitor):
    assert visitor.sign_in("3101", to="https://evil.example/")["Location"] == "/"


def test_the_login_page_offers_it_by_the_name_configured(there, visitor):
    page = visitor.site.get(LOGIN).content.decode()
    assert "用区统一身份认证登录" in page
    assert 'name="password"' in page


def test_without_a_provider_there_is_neither_button_nor_page(visitor, settings):
    settings.OIDC_ISSUER = ""
    assert "sso" not in visitor.site.get(LOGIN).content.decode()
    for name in ("sso_start", "sso_back"):
        assert visitor.site.get(reverse(f"accounts:{name}")).status_code == 404
    assert visitor.site.post(reverse("accounts:sso_ended")).status_code == 404


# --- whom the provider means --------------------------------------------------------------------------------------


def test_a_subject_nobody_linked_gets_no_account_and_is_told_how(there, visitor):
    account("9999")
    before = User.objects.count()
    visitor.sign_in("9999")
    assert not visitor.is_in()
    assert "没有关联本平台的账号" in visitor.is_told()
    assert User.objects.count() == before
    assert newest_act() == "accounts.login_failed"


def test_neither_mail_nor_account_name_stand_for_the_subject(clerk, there, visitor):
    there.shall(lie="email")
    visitor.sign_in("3101")
    assert not visitor.is_in()


def test_roles_are_those_given_here(clerk, visitor):
    visitor.sign_in("3101", to=PROFILE)
    assert "编委会议秘书" in visitor.site.get(PROFILE).content.decode()
    assert visitor.site.get("/accounts/users/").status_code == 403


def test_a_closed_account_stays_closed_and_is_told_no_more_than_a_stranger(clerk, visitor):
    users.deactivate(actor=CONSOLE, user_id=clerk.pk)
    visitor.sign_in("3101")
    assert not visitor.is_in()
    closed = visitor.is_told()
    stranger = Visitor()
    stranger.sign_in("9999")
    assert stranger.is_told() == closed


def test_a_locked_account_stays_locked(clerk, visitor):
    for number in range(8):
        visitor.site.post(
            LOGIN, {"username": "clerk", "password": "wrong-password"}, REMOTE_ADDR=f"10.0.1.{number}"
        )  # fmt: skip
    visitor.sign_in("3101")
    assert not visitor.is_in()


def test_an_ended_link_opens_nothing(clerk, visitor):
    linked_identities.unlink(actor=CONSOLE, user_id=clerk.pk)
    visitor.sign_in("3101")
    assert not visitor.is_in()


# --- the second factor --------------------------------------------------------------------------------------------


def test_who_has_a_second_factor_here_is_asked_for_it(clerk, visitor):
    registered(clerk)
    assert visitor.sign_in("3101")["Location"] == reverse("accounts:second_factor")
    assert not visitor.is_in()


def test_who_must_have_one_and_has_none_is_held_until_there_is_one(there, visitor, settings):
    settings.SECOND_FACTOR = "required"
    director = account("director", "office_director")
    linked_identities.link_own(user=director, issuer=there.issuer, subject="3102")
    visitor.sign_in("3102")
    assert visitor.site.get(PROFILE)["Location"] == reverse("accounts:second_factor_enrol")


@pytest.mark.parametrize(
    ("said", "counted", "strong"),
    [
        ({"amr": ["pwd", "otp"]}, ("amr:otp",), True),
        ({"acr": "level2"}, ("acr:level2",), True),
        ({"amr": ["pwd"]}, ("amr:otp",), False),
        ({"acr": "otp"}, ("amr:otp",), False),
        ({"amr": ["otp"]}, (), False),
    ],
)
def test_a_second_factor_of_the_provider_counts_where_the_installation_says_so(
    there, visitor, settings, said, counted, strong
):
    settings.SECOND_FACTOR, settings.OIDC_STRONG = "required", counted
    there.shall(**said)
    director = account("director", "office_director")
    linked_identities.link_own(user=director, issuer=there.issuer, subject="3102")
    registered(director)
    visitor.sign_in("3102")
    assert visitor.is_in() is strong


# --- what is not believed -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lie",
    [
        "audience",
        "audience_with_us_as_party",
        "issuer",
        "expired",
        "future",
        "nonce",
        "subject",
        "none",
        "secret",
        "key",
    ],
)
def test_a_token_that_is_wrong_in_one_thing_signs_nobody_in(clerk, there, visitor, lie):
    there.shall(lie=lie)
    visitor.sign_in("3101")
    assert not visitor.is_in()
    assert "无法核实" in visitor.is_told()
    there.shall(lie="")
    visitor.sign_in("3101")
    assert visitor.is_in()


def test_clocks_may_differ_a_little(clerk, there, visitor):
    there.shall(lie="just_expired")
    visitor.sign_in("3101")
    assert visitor.is_in()


def test_a_provider_that_names_itself_otherwise_is_not_asked(clerk, there, visitor):
    there.shall(lie="discovery")
    assert visitor.start() == LOGIN
    assert "无法核实" in visitor.is_told()


def test_a_provider_that_offers_only_weak_signatures_is_not_believed(clerk, there, visitor):
    there.shall(lie="weak")
    assert visitor.start() == LOGIN
    assert "无法核实" in visitor.is_told()


def test_a_new_key_of_the_provider_is_fetched_when_it_is_first_used(clerk, there, visitor):
    visitor.sign_in("3101")
    there.shall(rotate=True)
    second = Visitor()
    second.sign_in("3101")
    assert second.is_in()


def test_the_way_back_is_open_once(clerk, visitor):
    back = visitor.sign_in_there(visitor.start(), "3101")
    visitor.come_back(back)
    visitor.site.post(reverse("accounts:logout"))
    visitor.come_back(back)
    assert not visitor.is_in()
    assert "已过期或已用过" in visitor.is_told()


def test_another_browsers_way_back_leads_nowhere(clerk, visitor):
    back = visitor.sign_in_there(visitor.start(), "3101")
    stranger = Visitor()
    stranger.start()
    stranger.come_back(back)
    assert not stranger.is_in()


def test_the_way_back_is_open_ten_minutes(clerk, visitor):
    back = visitor.sign_in_there(visitor.start(), "3101")
    session = visitor.site.session
    for key in [key for key in session.keys() if key.startswith("_state_sso_")]:  # noqa: SIM118 - it is no dict
        session[key]["data"]["since"] -= 601
    session.save()
    visitor.come_back(back)
    assert not visitor.is_in()


def test_an_answer_that_names_another_provider_is_refused(clerk, visitor):
    back = visitor.sign_in_there(visitor.start(), "3101")
    visitor.come_back(back.replace("iss=http%3A%2F%2F127.0.0.1", "iss=http%3A%2F%2F127.0.0.2"))
    assert not visitor.is_in()


@pytest.mark.parametrize("query", ["", "state=x&code=y", "error=access_denied", "code=only"])
def test_an_address_nobody_was_sent_to_is_refused_politely(there, visitor, query):
    answer = visitor.site.get(f"{reverse('accounts:sso_back')}?{query}")
    assert answer["Location"] == LOGIN


def test_who_cancels_there_is_told_so_here(clerk, visitor):
    visitor.come_back(visitor.sign_in_there(visitor.start(), "", cancel=True))
    assert "取消了登录" in visitor.is_told()


# --- without the provider -----------------------------------------------------------------------------------------


def test_when_the_provider_is_down_the_password_still_opens(clerk, visitor, settings):
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    provider.forget()
    assert visitor.start() == LOGIN
    assert "暂时无法连接。请用账号和密码登录" in visitor.is_told()
    visitor.site.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    assert visitor.is_in()


def test_a_provider_that_breaks_down_on_the_way_is_told_as_such(clerk, visitor, monkeypatch):
    back = visitor.sign_in_there(visitor.start(), "3101")
    monkeypatch.setitem(provider._provider().server_metadata, "token_endpoint", "http://127.0.0.1:9/token")
    visitor.come_back(back)
    assert "暂时无法连接" in visitor.is_told()


# --- linking ------------------------------------------------------------------------------------------------------


def test_an_owner_links_the_account_with_the_password_and_the_providers_word(there, visitor):
    account("director", "office_director")
    visitor.site.post(LOGIN, {"username": "director", "password": PASSWORD})
    page = reverse("accounts:sso_link")
    assert visitor.start() == "/"
    assert visitor.site.post(page, {"password": "wrong-password"}).status_code == 422
    visitor.site.post(page, {"password": PASSWORD})
    assert "前往区统一身份认证" in visitor.site.get(page).content.decode()
    visitor.sign_in("3102")
    assert linked_identities.account_of(there.issuer, "3102") == User.objects.get(username="director")
    assert "已于" in visitor.site.get(page).content.decode()
    another = Visitor()
    another.sign_in("3102")
    assert another.is_in()
    visitor.site.post(reverse("accounts:sso_unlink"))
    assert linked_identities.account_of(there.issuer, "3102") is None


def test_one_subject_is_one_account(clerk, there):
    other = account("other")
    with pytest.raises(Refused, match="已关联另一个账号"):
        linked_identities.link_own(user=other, issuer=there.issuer, subject="3101")
    with pytest.raises(Refused, match="已关联统一身份"):
        linked_identities.link_own(user=clerk, issuer=there.issuer, subject="3109")
    with pytest.raises(DatabaseError), transaction.atomic():
        LinkedIdentity.objects.create(user=other, issuer=there.issuer, subject="3101")


def test_the_security_administrator_links_others_but_nobody_who_decides(there):
    keeper, clerk = account("keeper", "security_admin"), account("clerk", "commission_secretary")
    director = account("director", "office_director")
    with pytest.raises(Denied):
        linked_identities.link(actor=director, user_id=clerk.pk, issuer=there.issuer, subject="1")
    for decider in (director, account("auditor", "audit_admin")):
        with pytest.raises(Refused, match="只能由本人关联"):
            linked_identities.link(actor=keeper, user_id=decider.pk, issuer=there.issuer, subject="1")
    with pytest.raises(Refused, match="自己"):
        linked_identities.link(actor=keeper, user_id=keeper.pk, issuer=there.issuer, subject="1")
    client, page = signed_in(keeper), reverse("accounts:user_identity", args=[clerk.pk])
    assert client.post(page, {"subject": " "}).status_code == 422
    assert client.post(page, {"subject": "3101"})["Location"] == page
    assert linked_identities.account_of(there.issuer, "3101") == clerk
    assert client.post(page, {"end": "1"})["Location"] == page
    assert linked_identities.linked(clerk) is None
    with pytest.raises(Refused, match="没有关联"):
        linked_identities.unlink_own(user=clerk)


def test_the_subject_is_nowhere_in_clear(clerk):
    with connection.cursor() as cursor:
        cursor.execute("SELECT subject, subject_key FROM accounts_linkedidentity")
        assert "3101" not in str(cursor.fetchall())
    assert "3101" not in " ".join(AuditEntry.objects.values_list("facts", flat=True))


def test_a_link_is_ended_never_deleted(clerk):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_linkedidentity")


# --- leaving ------------------------------------------------------------------------------------------------------


def test_who_came_from_the_provider_leaves_it_too(clerk, there, visitor):
    visitor.sign_in("3101")
    answer = visitor.site.post(reverse("accounts:logout"))
    assert answer["Location"] == reverse("accounts:sso_leave")
    assert not visitor.is_in()
    page = visitor.site.get(answer["Location"]).content.decode()
    assert f"{there.issuer}/session/end?" in page
    assert "id_token_hint=" in page
    assert visitor.site.get(answer["Location"])["Location"] == LOGIN


def test_who_came_by_password_leaves_only_here(clerk, there, visitor):
    visitor.site.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    assert visitor.site.post(reverse("accounts:logout"))["Location"] == LOGIN


def test_what_the_provider_vouched_with_is_sealed_in_the_session(clerk, visitor):
    visitor.sign_in("3101")
    assert not visitor.site.session["sso_token"].startswith("eyJ")


def test_a_logout_there_that_is_not_the_providers_ends_nothing(clerk, visitor):
    visitor.sign_in("3101")
    for token in ("", "eyJhbGciOiJub25lIn0.e30.", "x.y.z"):
        assert visitor.site.post(reverse("accounts:sso_ended"), {"logout_token": token}).status_code == 400
    assert visitor.is_in()


def test_the_logins_the_provider_ends_are_those_that_came_from_it(clerk, visitor):
    visitor.sign_in("3101")
    by_password = Visitor()
    by_password.site.post(LOGIN, {"username": "clerk", "password": PASSWORD})
    assert sign_ins.end_from_provider(actor=CONSOLE, user=clerk, provider_session="another") == 0
    assert sign_ins.end_from_provider(actor=CONSOLE, user=clerk, provider_session="") == 1
    assert not visitor.is_in()
    assert by_password.is_in()


def test_over_invented_data_nobody_is_held(there, visitor, settings):
    settings.SECOND_FACTOR = "required"
    ParameterValue.objects.update_or_create(key=DATA_IS_SYNTHETIC.key, defaults={"value": 1})
    director = account("director", "office_director")
    linked_identities.link_own(user=director, issuer=there.issuer, subject="3102")
    visitor.sign_in("3102")
    assert visitor.is_in()

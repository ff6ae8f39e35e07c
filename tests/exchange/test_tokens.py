"""Keys of the departments' systems: shown once, kept as a digest, bound to one source, gone when stopped."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.exchange.models import AccessToken, Source
from bianzhi.exchange.rules.scopes import LONGEST_DAYS
from bianzhi.exchange.services.tokens import SystemOf, find_token, issue_token, note_token_use, revoke_token
from bianzhi.kernel import clock
from bianzhi.kernel.objections import Refused
from tests.accounts.people import account, signed_in
from tests.cast import TODAY, Limited
from tests.exchange.interface import BUILDER, make_key, make_source

pytestmark = pytest.mark.django_db

CONFIGURATOR = Limited(frozenset({"exchange.configure"}))


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture
def payroll(db: None) -> Source:
    return make_source(code="payroll", department="finance", name="财政工资系统")


def issue(source: Source, **changes: object) -> tuple[AccessToken, str]:
    order = {"label": "统发系统", "scopes": ["pull"], "expires_on": TODAY + timedelta(days=90)} | changes
    return issue_token(actor=BUILDER, today=TODAY, source_id=source.pk, **order)  # type: ignore[arg-type]


def test_a_key_is_kept_as_a_digest_and_found_by_its_secret(payroll: Source):
    token, secret = issue(payroll)
    assert secret not in str(AccessToken.objects.values().get())
    assert secret not in AuditEntry.objects.get(action="exchange.token_issued").facts
    assert find_token(secret, TODAY) == token
    assert find_token(secret[:-1], TODAY) is None
    assert find_token("", TODAY) is None
    assert find_token("\udcff", TODAY) is None


def test_a_key_holds_until_its_last_day_and_no_longer(payroll: Source):
    token, secret = issue(payroll)
    assert find_token(secret, token.expires_on) == token
    assert find_token(secret, token.expires_on + timedelta(days=1)) is None


def test_a_stopped_key_is_of_no_use_at_once(payroll: Source):
    token, secret = issue(payroll)
    revoke_token(actor=BUILDER, token_id=token.pk)
    assert find_token(secret, TODAY) is None
    with pytest.raises(Refused) as refused:
        revoke_token(actor=BUILDER, token_id=token.pk)
    assert refused.value.codes == ["K05"]
    assert AuditEntry.objects.filter(action="exchange.token_revoked").count() == 1


def test_a_key_of_a_source_no_longer_used_is_of_no_use(payroll: Source):
    _, secret = issue(payroll)
    Source.objects.filter(pk=payroll.pk).update(is_active=False)
    assert find_token(secret, TODAY) is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"label": "  "}, "K01"),
        ({"scopes": ["everything"]}, "K02"),
        ({"scopes": []}, "K02"),
        ({"expires_on": TODAY - timedelta(days=1)}, "K03"),
        ({"expires_on": TODAY + timedelta(days=LONGEST_DAYS + 1)}, "K03"),
    ],
)
def test_a_key_without_use_scope_or_end_is_refused(payroll: Source, changes: dict[str, object], code: str):
    with pytest.raises(Refused) as refused:
        issue(payroll, **changes)
    assert refused.value.codes == [code]
    assert not AccessToken.objects.exists()


def test_a_source_that_is_not_there_gets_no_key(db: None):
    with pytest.raises(Refused) as refused:
        issue(Source(pk=999))
    assert refused.value.codes == ["K04"]


def test_only_who_sets_the_exchange_up_issues_and_stops_keys(payroll: Source):
    token, _ = issue_token(
        actor=CONFIGURATOR, today=TODAY, source_id=payroll.pk, label="甲", scopes=["pull"], expires_on=TODAY
    )
    someone = Limited(frozenset({"exchange.view", "exchange.deliver"}))
    with pytest.raises(Denied):
        issue_token(actor=someone, today=TODAY, source_id=payroll.pk, label="乙", scopes=["pull"], expires_on=TODAY)
    with pytest.raises(Denied):
        revoke_token(actor=someone, token_id=token.pk)


def test_the_security_administrator_looks_through_the_keys_and_stops_one(payroll: Source):
    token, secret = issue(payroll)
    keeper = signed_in(account("anquan", "security_admin"))
    page = keeper.get(reverse("exchange:keys")).content.decode()
    assert "统发系统" in page
    assert "有效期至" in page
    assert "最近使用" in page
    assert keeper.post(reverse("exchange:key_stop", args=[token.pk]))["Location"] == reverse("exchange:keys")
    assert find_token(secret, TODAY) is None
    for shut in (reverse("exchange:tokens"), reverse("exchange:token_new")):
        assert keeper.get(shut).status_code == 403
    assert signed_in(account("xitong", "system_admin")).get(reverse("exchange:keys")).status_code == 403


def test_a_system_may_do_what_its_key_says_and_nothing_people_may(payroll: Source):
    pulling, delivering = (SystemOf(make_key(payroll, scope)[0]) for scope in ("pull", "deliver"))
    assert delivering.can("exchange.deliver")
    assert not pulling.can("exchange.deliver")
    assert not delivering.can("exchange.view")
    assert not delivering.sees_everything()
    assert delivering.display_name == "接口·财政工资系统·测试系统"


def test_the_last_use_is_noted_without_breaking_the_seal(payroll: Source):
    token, _ = issue(payroll)
    note_token_use(actor=SystemOf(token), token_id=token.pk, now=clock.now())
    token.refresh_from_db()
    assert token.last_used_at is not None
    assert "last_used_at" not in AccessToken.sealed_columns()


# --- the page ----------------------------------------------------------------------------------------------------


def test_the_page_shows_a_key_once(payroll: Source):
    client = signed_in(account("xitong", "system_admin"))
    form = {"source": payroll.pk, "label": "统发系统", "scopes": ["pull", "acknowledge"], "expires_on": "2026-12-31"}
    shown = client.post(reverse("exchange:token_new"), form).content.decode()
    token = AccessToken.objects.get()
    secret = shown.split('value="bzt_')[1].split('"')[0]
    assert find_token(f"bzt_{secret}", TODAY) == token
    assert (token.scopes, token.expires_on) == (["acknowledge", "pull"], date(2026, 12, 31))
    again = client.get(reverse("exchange:tokens")).content.decode()
    assert "统发系统" in again
    assert "取回回送和差异清单" in again
    assert secret not in again


def test_the_page_says_why_a_key_is_not_issued(payroll: Source):
    client = signed_in(account("xitong", "system_admin"))
    form = {"source": payroll.pk, "label": "统发系统", "scopes": ["pull"], "expires_on": "2030-01-01"}
    answer = client.post(reverse("exchange:token_new"), form)
    assert answer.status_code == 422
    assert "超过一年" in answer.content.decode()


def test_the_page_stops_a_key(payroll: Source):
    token, secret = issue(payroll)
    client = signed_in(account("xitong", "system_admin"))
    client.post(reverse("exchange:token_revoke", args=[token.pk]))
    assert find_token(secret, TODAY) is None
    assert "已停用" in client.get(reverse("exchange:tokens")).content.decode()
    assert client.post(reverse("exchange:token_revoke", args=[10**6])).status_code == 404


def test_a_clerk_of_the_office_does_not_reach_the_keys(payroll: Source):
    client = signed_in(account("jingban", "office_clerk"))
    assert client.get(reverse("exchange:tokens")).status_code == 403
    assert client.get(reverse("exchange:token_new")).status_code == 403

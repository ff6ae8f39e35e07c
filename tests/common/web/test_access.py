"""Who gets to see a page, and what the others are told."""

from typing import Any

import pytest
from django.http import Http404

from bianzhi.accounts.models import User
from bianzhi.common.web import access
from tests.common.web import urls

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_urls")]


def test_a_visitor_is_sent_to_log_in_and_comes_back_to_the_same_page(client):
    answer = client.get("/list/?list=a")

    assert answer.status_code == 302
    assert answer.url == "/accounts/login/?next=/list/%3Flist%3Da"


def test_a_fragment_request_after_the_session_ended_moves_the_whole_window(client):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/list/?list=a"}

    answer = client.get("/list/?q=x", headers=headers)

    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/list/%3Flist%3Da"


def test_the_way_back_never_leaves_this_site(client):
    answer = client.get("/list/", headers={"HX-Request": "true", "HX-Current-URL": "javascript:alert(1)"})

    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/"


def test_a_user_without_the_permission_is_told_which_one_and_who_grants_it(by_nobody, monkeypatch):
    note = access.PermissionNote("查看机构", "安全管理员")
    monkeypatch.setattr(access, "_describers", [lambda permission: note])

    answer = by_nobody.get("/list/")

    assert answer.status_code == 403
    assert "查看机构" in answer.content.decode()
    assert "安全管理员" in answer.content.decode()


def test_a_permission_nobody_describes_is_shown_by_its_code(monkeypatch):
    monkeypatch.setattr(access, "_describers", [lambda permission: None])

    assert access.describe("ledger.post").label == "ledger.post"


def test_a_user_with_the_permission_sees_the_page(by_clerk):
    assert by_clerk.get("/list/").status_code == 200


def test_every_kind_of_page_carries_its_policy():
    assert access.policy_of(urls.view_list) == access.Policy("permission", "organizations.view")
    assert access.policy_of(urls.view_tab) == access.Policy("signed-in")
    assert access.policy_of(urls.broken) == access.Policy("public")
    assert access.policy_of(lambda request: None) is None


class OnlyActive:
    """A queryset whose scope is the active users."""

    model = User

    def visible_to(self, user):
        return User.objects.filter(is_active=True)


def test_an_object_outside_the_scope_is_not_found(nobody):
    hidden = User.objects.create_user("hidden", None, display_name="某某", is_active=False)

    only_active: Any = OnlyActive()

    assert access.get_visible_or_404(only_active, nobody, nobody.pk) == nobody
    for key in (hidden.pk, 999_999, "x"):
        with pytest.raises(Http404):
            access.get_visible_or_404(only_active, nobody, key)

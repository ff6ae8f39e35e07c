"""Looking at a whole ID number: masked first, shown for a purpose, and found by the auditor with who, whom and why."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect

from bianzhi.accounts.models import User
from bianzhi.audit.models import AuditEntry
from tests.accounts.people import account, signed_in
from tests.browsing import sound
from tests.cast import assemble

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PURPOSE = "核对干部档案"


def browser_of(user: User, site: str, browser: Browser, arguments: dict[str, Any]) -> tuple[BrowserContext, Page]:
    """A browser in which somebody is signed in."""
    context = browser.new_context(**arguments)
    key = signed_in(user).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": key, "url": site}])
    return context, context.new_page()


def test_an_id_number_is_shown_for_a_purpose_and_the_auditor_reads_who_saw_it(
    live_server, browser: Browser, browser_context_args
):
    cast = assemble()
    person = cast.member(cast.bureau).person
    director = account("director", "office_director")
    context, page = browser_of(director, live_server.url, browser, browser_context_args)
    page.goto(live_server.url + reverse("personnel:person", args=[person.pk]))
    expect(page.locator("#main")).not_to_contain_text(person.id_number)
    page.goto(live_server.url + reverse("personnel:reveal", args=[person.pk]))
    expect(page.get_by_role("heading", name="查看完整身份证号")).to_be_visible()
    expect(page.locator("#main")).not_to_contain_text(person.id_number)
    sound(page, "reveal")
    page.get_by_label("用途").select_option("matter")
    page.get_by_label("具体事项").fill(PURPOSE)
    page.locator("#main").get_by_role("button", name="显示").click()
    expect(page.get_by_role("status").filter(has_text=person.id_number)).to_be_visible(timeout=20_000)
    context.close()

    entry = AuditEntry.objects.get(action="personnel.id_revealed")
    assert (entry.actor_id, entry.subject_id) == (director.pk, str(person.pk))
    assert person.id_number not in entry.facts

    context, page = browser_of(account("auditor", "audit_admin"), live_server.url, browser, browser_context_args)
    page.goto(live_server.url + reverse("audit:entry", args=[entry.seq]))
    for word in (director.display_name, person.name, PURPOSE):
        expect(page.locator("#main")).to_contain_text(word, timeout=20_000)
    expect(page.locator("#main")).not_to_contain_text(person.id_number)
    sound(page, "reveal-in-the-record")
    context.close()


def test_who_may_not_see_it_has_no_button_and_no_door(live_server, browser: Browser, browser_context_args):
    cast = assemble()
    person = cast.member(cast.bureau).person
    for role in ("liaison_hr", "audit_admin"):
        context, page = browser_of(account(role, role), live_server.url, browser, browser_context_args)
        answer = page.goto(live_server.url + reverse("personnel:reveal", args=[person.pk]))
        assert answer is not None
        assert answer.status == 403
        expect(page.locator("body")).not_to_contain_text(person.id_number)
        context.close()
    assert not AuditEntry.objects.filter(action="personnel.id_revealed").exists()

"""The demonstration's cases: lived through by the services, in the past, one waiting at every desk."""

from collections import Counter
from datetime import date

import pytest
from django.utils import timezone

from bianzhi.accounts.models import User
from bianzhi.common import integrity
from bianzhi.demo import past
from bianzhi.demo.accounts import ACCOUNTS
from bianzhi.demo.load import load_district
from bianzhi.demo.stories import STORIES
from bianzhi.kernel.clock import CHINA
from bianzhi.matters.models import Case, CaseFeedback, IssuedPaper, Publication, PublicationObjection, PublicationState
from bianzhi.supervision.models import Inspection, RectificationOrder
from bianzhi.workflow.models import Delegation, FlowInstance, FlowOpinion, InstanceStatus
from bianzhi.workflow.selectors import inbox

TODAY = date(2026, 11, 23)
WAITED_FOR = (
    "caizheng", "caizhengju", "jiaoyu", "weijian", "yiyuan", "jingban", "shenhe", "zhuren", "mishu", "zuzhi", "renshe",
    "czlianluo",
)  # fmt: skip
"""Accounts that have something to do when they log in."""


def load(size: str = "small") -> dict[str, int]:
    return load_district(size=size, today=TODAY, say=lambda _: None, with_archive=False)


@pytest.fixture(autouse=True)
def files_of_the_test(settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_workbench_is_alive_and_every_row_is_proved(db) -> None:
    counts = load()
    assert counts["cases"] == len(STORIES)
    assert counts["refused"] <= 2
    status = Counter(FlowInstance.objects.values_list("status", flat=True))
    assert status[InstanceStatus.COMPLETED] >= 12
    assert status[InstanceStatus.REJECTED] == status[InstanceStatus.WITHDRAWN] == 1
    assert Case.objects.filter(instance=None).count() >= 2
    users = {user.username: user for user in User.objects.all()}
    idle = [name for name in WAITED_FOR if not inbox.todo_count(users[name], TODAY)]
    assert idle == []
    assert IssuedPaper.objects.count() >= 12
    assert set(CaseFeedback.objects.values_list("score", flat=True)) >= {3, 4, 5}
    assert Publication.objects.filter(state=PublicationState.SUSPENDED).count() == 1
    assert PublicationObjection.objects.filter(answered_at=None).count() == 1
    assert Inspection.objects.exclude(result="").exists()
    assert RectificationOrder.objects.count() >= 3
    assert Delegation.objects.filter(valid_from__lte=TODAY, valid_until__gte=TODAY).count() == 1
    days = {at.astimezone(CHINA).date() for at in FlowOpinion.objects.values_list("recorded_at", flat=True)}
    assert len(days) > 20
    assert max(days) < TODAY
    assert {check.name: found for check, found in integrity.run(None) if found} == {}


@pytest.mark.slow
def test_the_full_district_has_them_too(db) -> None:
    counts = load("full")
    assert counts["cases"] == len(STORIES)
    assert counts["refused"] <= 4


def test_the_past_ends_where_it_was_entered() -> None:
    with past.on(date(2026, 3, 2)):
        first = timezone.now()
        past.pass_time()
        assert timezone.now() > first
        assert first.astimezone(CHINA).date() == date(2026, 3, 2)
    assert timezone.now().astimezone(CHINA).date() > date(2026, 3, 2)


def test_every_story_has_somebody_to_tell_it() -> None:
    names = {account.username for account in ACCOUNTS}
    assert {story.by for story in STORIES if story.by} <= names
    assert all(story.begun > 0 for story in STORIES)

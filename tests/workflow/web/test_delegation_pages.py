"""委托办理: given once, shown to both, ended early, and nobody else's."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.workflow.models import Delegation, FlowInstance
from tests.workflow.engine.flows import TODAY
from tests.workflow.web.conftest import rows_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflow.web.urls")]
Desk = Callable[[str], Client]


def sent(staff: dict[str, User], **changes: Any) -> dict[str, Any]:
    return {
        "delegate": staff["bob"].pk,
        "valid_from": TODAY.isoformat(),
        "valid_until": "2026-03-13",
        "flows": ["plain"],
        "reason": "外出学习",
        "token": "d" * 32,
        **changes,
    }


def test_a_delegation_is_given_once_and_seen_by_both(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    url = reverse("workflow:delegations")
    ann = at_desk("ann")
    assert ann.post(url, sent(staff)).status_code == 302
    assert ann.post(url, sent(staff)).status_code == 302
    row = Delegation.objects.get()
    assert (row.delegate_id, row.flows, row.reason) == (staff["bob"].pk, ["plain"], "外出学习")
    assert "有效" in rows_of(text_of(ann.get(url)))
    assert "退回委托" in text_of(at_desk("bob").get(url))
    assert at_desk("bob").post(reverse("workflow:end_delegation", args=[row.pk])).status_code == 302
    assert "已终止" in text_of(ann.get(url))


def test_the_same_form_sent_while_its_first_sending_is_at_work_gives_nothing(
    at_desk: Desk, case: FlowInstance, staff: dict[str, User]
) -> None:
    with patch("bianzhi.common.web.once.claim", return_value=False):
        answer = at_desk("ann").post(reverse("workflow:delegations"), sent(staff))
    assert answer.status_code == 422
    assert "同一份表单正在办理" in text_of(answer)
    assert not Delegation.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"valid_until": "2026-02-01"}, "早于"),
        ({"reason": ""}, "必填"),
        ({"delegate": "查无此人"}, "没有找到"),
        ({"valid_from": "后天"}, "后天"),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    at_desk: Desk, case: FlowInstance, staff: dict[str, User], changes: dict[str, str], words: str
) -> None:
    answer = at_desk("ann").post(reverse("workflow:delegations"), sent(staff, **changes))
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Delegation.objects.exists()


def test_a_delegation_of_others_is_not_there_to_end(at_desk: Desk, case: FlowInstance, staff: dict[str, User]) -> None:
    at_desk("ann").post(reverse("workflow:delegations"), sent(staff))
    url = reverse("workflow:end_delegation", args=[Delegation.objects.get().pk])
    assert at_desk("cid").post(url).status_code == 404
    assert at_desk("outsider").post(url).status_code == 403
    assert at_desk("outsider").get(reverse("workflow:delegations")).status_code == 403

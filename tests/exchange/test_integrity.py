"""`./bianzhi check` finds what nobody could have done through the services of the hub."""

from __future__ import annotations

import pytest

from bianzhi.common.integrity import findings
from bianzhi.exchange import files
from bianzhi.exchange.models import Change, ChangeState, Delivery, DeliveryState, Finding, FindingStep, LinkReview
from bianzhi.exchange.services.findings import propose_finding, settle_finding
from bianzhi.exchange.services.links import decide_link, revoke_decision
from tests.cast import TODAY
from tests.tampering import tampering

pytestmark = pytest.mark.django_db

PROOFS = ("exchange.histories", "exchange.second_person", "exchange.links", "exchange.changes", "exchange.deliveries")


@pytest.fixture
def lived(hub, settings, tmp_path):
    """Findings in every state, a pair decided twice, a change set aside, and the files of a delivery."""
    settings.MEDIA_ROOT = tmp_path / "files"
    members = hub.cast.fill(hub.cast.bureau, "A1", 4)
    told = [hub.finding(each) for each in members]
    hub.run("2026-01", findings=told, events=[hub.event("hire", "甲某")])
    hub.run("2026-02", findings=told[:3], events=[])
    Delivery.objects.all().update(roster="")
    for code, source in hub.sources.items():
        for delivery in source.deliveries.all():
            files.keep(f"{code}{delivery.period}{delivery.part}".encode())
    confirmed, dismissed, proposed, _ = Finding.objects.order_by("pk")
    for finding, verdict in ((confirmed, "confirm"), (dismissed, "dismiss"), (proposed, "confirm")):
        propose_finding(actor=hub.people.office_clerk, finding_id=finding.pk, verdict=verdict, reason="已核")
    for finding in (confirmed, dismissed):
        settle_finding(actor=hub.people.deputy, finding_id=finding.pk, agree=True, today=TODAY)
    run = confirmed.last_run
    review = LinkReview.objects.create(
        key="k", rule="R", score=0.9, left={"source": "hr", "fingerprint": "a"},
        right={"source": "finance", "fingerprint": "b"}, first_run=run, last_run=run,
    )  # fmt: skip
    first = decide_link(actor=hub.people.office_clerk, review_id=review.pk, same=True)
    revoke_decision(actor=hub.people.deputy, decision_id=first.pk, reason="误判")
    decide_link(actor=hub.people.deputy, review_id=review.pk, same=False)
    return hub


def faults():
    return [f"{finding.where}：{finding.what}" for finding in findings(PROOFS)]


def test_what_the_services_left_is_sound(lived):
    assert faults() == []


def test_a_history_that_was_cut_is_noticed(lived):
    with tampering() as cursor:
        cursor.execute("DELETE FROM exchange_findingstep WHERE action = 'found'")
        assert len(faults()) == 4
    with tampering() as cursor:
        cursor.execute("DELETE FROM exchange_findingstep WHERE action IN ('confirmed', 'gone')")
        told = faults()
    assert len(told) == 2
    assert any("状态为“已认定”，但没有“复核认定属实”的记录" in each for each in told)


def test_whoever_confirmed_an_own_proposal_is_noticed(lived):
    step = FindingStep.objects.get(action="confirmed")
    proposal = FindingStep.objects.get(action="propose_confirm", finding=step.finding)
    with tampering() as cursor:
        cursor.execute("UPDATE exchange_findingstep SET actor_id = %s WHERE id = %s", [proposal.actor_id, step.pk])
        (told,) = faults()
    assert "提出处理意见与复核为同一人（R25）" in told
    with tampering() as cursor:
        cursor.execute("UPDATE exchange_findingstep SET action = 'reported' WHERE id = %s", [proposal.pk])
        (told,) = faults()
    assert "复核之前没有处理意见" in told


def test_a_pair_that_stands_otherwise_than_decided_is_noticed(lived):
    LinkReview.objects.update(state="same")
    (told,) = faults()
    assert "状态为“是同一人”，与判断记录不符" in told


def test_a_change_without_its_case_or_its_reason_is_noticed(lived):
    Change.objects.update(state=ChangeState.CASE, reason="")
    assert "没有办件" in faults()[0]
    Change.objects.update(state=ChangeState.DISMISSED)
    assert "没有说明" in faults()[0]


def test_a_delivered_file_that_is_gone_or_was_changed_is_noticed(lived):
    first, second = Delivery.objects.filter(state=DeliveryState.ACCEPTED).order_by("pk")[:2]
    files.path_of(first.sha256).unlink()
    place = files.path_of(second.sha256)
    place.chmod(0o600)
    place.write_bytes(b"x")
    told = faults()
    assert len(told) == 2
    assert "文件不在数据目录中" in told[0]
    assert "与登记的摘要不符" in told[1]

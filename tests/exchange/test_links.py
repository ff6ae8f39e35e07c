"""Who is who and what is called what, as officials decide it: for every later run, until it is taken back."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.exchange.models import AliasState, LinkDecision, LinkReview, ReviewState, UnitAlias
from bianzhi.exchange.selectors.inputs import approved_aliases, constraints
from bianzhi.exchange.services.aliases import decide_aliases, name_unit
from bianzhi.exchange.services.links import decide_link, decide_links, revoke_decision
from bianzhi.kernel.objections import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviews(hub):
    run = hub.run("2026-01")
    return [
        LinkReview.objects.create(
            key=f"k{number}",
            rule="NAME_BIRTH",
            score=0.9,
            left={"source": "hr", "fingerprint": f"h{number}"},
            right={"source": "finance", "fingerprint": f"f{number}"},
            first_run=run,
            last_run=run,
        )
        for number in range(3)
    ]


def test_a_decision_binds_every_later_run(hub, reviews):
    decision = decide_link(actor=hub.people.office_clerk, review_id=reviews[0].pk, same=True, basis="同一身份证号")
    decide_link(actor=hub.people.office_clerk, review_id=reviews[1].pk, same=False)
    assert constraints() == [("must", "hr", "h0", "finance", "f0"), ("never", "hr", "h1", "finance", "f1")]
    reviews[0].refresh_from_db()
    assert (reviews[0].state, reviews[0].decided_by) == (ReviewState.SAME, hub.people.office_clerk)
    assert AuditEntry.objects.filter(action="exchange.link_decided", subject_id=str(decision.pk)).exists()


def test_a_pair_is_decided_once(hub, reviews):
    decide_link(actor=hub.people.office_clerk, review_id=reviews[0].pk, same=True)
    with pytest.raises(Refused, match="判断为“是同一人”") as refused:
        decide_link(actor=hub.people.deputy, review_id=reviews[0].pk, same=False)
    assert refused.value.codes == ["X21"]
    assert LinkDecision.objects.count() == 1


def test_many_pairs_at_once_each_with_its_outcome(hub, reviews):
    decide_link(actor=hub.people.office_clerk, review_id=reviews[1].pk, same=True)
    outcomes = decide_links(
        actor=hub.people.office_clerk, review_ids=[each.pk for each in reviews] + [10**9], same=False
    )
    assert [each.ok for each in outcomes] == [True, False, True, False]
    with pytest.raises(Refused):
        decide_links(actor=hub.people.office_clerk, review_ids=[], same=False)


def test_a_decision_taken_back_binds_no_longer_and_the_question_is_open(hub, reviews):
    decision = decide_link(actor=hub.people.office_clerk, review_id=reviews[0].pk, same=True)
    with pytest.raises(Refused) as refused:
        revoke_decision(actor=hub.people.deputy, decision_id=decision.pk, reason=" ")
    assert refused.value.codes == ["X02"]
    revoke_decision(actor=hub.people.deputy, decision_id=decision.pk, reason="两人同名同日出生")
    assert constraints() == []
    reviews[0].refresh_from_db()
    assert reviews[0].state == ReviewState.OPEN
    with pytest.raises(Refused) as refused:
        revoke_decision(actor=hub.people.deputy, decision_id=decision.pk, reason="再撤")
    assert refused.value.codes == ["X22"]
    decide_link(actor=hub.people.office_clerk, review_id=reviews[0].pk, same=False)
    assert [row[0] for row in constraints()] == ["never"]


def test_units_and_liaisons_decide_nothing(hub, reviews):
    for person in (hub.people.clerk, hub.people.liaison_hr):
        with pytest.raises(Denied):
            decide_link(actor=person, review_id=reviews[0].pk, same=True)
        with pytest.raises(Denied):
            decide_aliases(actor=person, alias_ids=[1], approve=True)


@pytest.fixture
def alias(hub):
    def propose(text, unit="测试区财政局", source="finance"):
        return UnitAlias.objects.create(source=source, text=text, unit=unit, organization=hub.cast.bureau, support=5)

    return propose


def test_approved_names_are_handed_to_every_run(hub, alias):
    rows = [alias("财政局"), alias("区财政"), alias("财政所")]
    decided = decide_aliases(actor=hub.people.office_clerk, alias_ids=[row.pk for row in rows[:2]], approve=True)
    decide_aliases(actor=hub.people.office_clerk, alias_ids=[rows[2].pk], approve=False)
    assert len(decided) == 2
    assert approved_aliases() == [("finance", "区财政", "测试区财政局"), ("finance", "财政局", "测试区财政局")]
    rows[2].refresh_from_db()
    assert (rows[2].state, rows[2].decided_by) == (AliasState.REJECTED, hub.people.office_clerk)
    entry = AuditEntry.objects.filter(action="exchange.aliases_decided").order_by("pk")[0]
    assert entry.subject_label == "单位别名 2 条"


def test_one_writing_stands_for_one_unit(hub, alias):
    decide_aliases(actor=hub.people.office_clerk, alias_ids=[alias("局机关").pk], approve=True)
    other = alias("局机关", "测试区审计局")
    with pytest.raises(Refused, match="已确认为“测试区财政局”") as refused:
        decide_aliases(actor=hub.people.office_clerk, alias_ids=[other.pk], approve=True)
    assert refused.value.codes == ["X23"]
    elsewhere = alias("局机关", "测试区审计局", source="hr")
    decide_aliases(actor=hub.people.office_clerk, alias_ids=[elsewhere.pk], approve=True)


def test_the_database_keeps_one_writing_to_one_unit(hub, alias):
    for unit in ("测试区财政局", "测试区审计局"):
        alias("局机关", unit)
    with pytest.raises(IntegrityError), transaction.atomic():
        UnitAlias.objects.update(state=AliasState.APPROVED)


@pytest.mark.skipif(not connection.features.has_select_for_update, reason="one writer at a time")
def test_whoever_decides_about_a_writing_waits_for_whoever_does_so_already(hub, alias):
    one, other = alias("局机关"), alias("局机关", "测试区审计局")
    for decide in (
        lambda: decide_aliases(actor=hub.people.office_clerk, alias_ids=[other.pk], approve=True),
        lambda: name_unit(actor=hub.people.office_clerk, alias_id=other.pk, organization_id=hub.cast.school.pk),
    ):
        with CaptureQueriesContext(connection) as queries:
            decide()
        locks = [query["sql"] for query in queries if "FOR UPDATE" in query["sql"] and "unitalias" in query["sql"]]
        assert len(locks) == 1
        assert f"\"text\" IN ('{one.text}')" in locks[0], "all that say the same, not only the one decided about"
        UnitAlias.objects.update(state=AliasState.PROPOSED)


def test_an_official_names_the_right_unit(hub, alias):
    wrong = alias("一小", "测试区财政局")
    right = name_unit(actor=hub.people.office_clerk, alias_id=wrong.pk, organization_id=hub.cast.school.pk)
    wrong.refresh_from_db()
    assert (right.unit, right.organization, right.state) == ("测试区第一小学", hub.cast.school, AliasState.APPROVED)
    assert wrong.state == AliasState.REJECTED
    with pytest.raises(Refused) as refused:
        name_unit(actor=hub.people.office_clerk, alias_id=wrong.pk, organization_id=10**9)
    assert refused.value.codes == ["X24"]

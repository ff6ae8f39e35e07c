"""What is registered reaches the departments: once, signed, and no more of it than they need."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from bianzhi.audit.models import AuditEntry
from bianzhi.common.integrity import findings
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.common.models import OutboxMessage
from bianzhi.exchange import signing
from bianzhi.exchange.models import Dispatch, DispatchState, Message, Source, UnitAlias
from bianzhi.exchange.rules.dispatching import Place, kind_of_move
from bianzhi.exchange.services.dispatches import manifest_of
from bianzhi.exchange.services.registered import give_back_change, give_back_movements
from bianzhi.kernel.digests import canonical_json
from bianzhi.personnel.services.corrections import CorrectionBasis, reverse_movement
from bianzhi.personnel.services.persons import ChangeBasis, change_locked_fields
from tests.cast import TODAY, Cast, assemble
from tests.exchange.interface import BUILDER, make_source
from tests.tampering import tampering

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIANZHI_TODAY", TODAY.isoformat())


@pytest.fixture
def cast(db: None) -> Cast:
    made = assemble()
    deliver()
    return made


@pytest.fixture
def sources(cast: Cast) -> dict[str, Source]:
    return {code: make_source(code=code, department=code) for code in ("organization", "hr", "finance")}


def deliver() -> None:
    while deliver_waiting():
        pass
    failed = OutboxMessage.objects.filter(delivered_at__isnull=True)
    assert not failed.exists(), list(failed.values_list("topic", "last_error"))


def told(kind: str) -> list[Dispatch]:
    return list(Dispatch.objects.filter(kind=kind).select_related("source").order_by("pk"))


def test_an_entry_is_told_to_each_department_once_whatever_is_delivered_twice(cast: Cast, sources: dict[str, Source]):
    stay = cast.member(cast.bureau, on=TODAY)
    deliver()
    OutboxMessage.objects.filter(topic="personnel.enlisted").update(delivered_at=None)
    deliver()
    assert [each.source.code for each in told("ENLISTED")] == ["organization", "hr", "finance"]
    payload = told("ENLISTED")[0].payload
    assert payload["person"] == {"name": stay.person.name, "id_number": stay.person.id_number}
    assert payload["from"] is None
    assert payload["to"] == {
        "unit_code": "T001",
        "unit": "测试区财政局",
        "quota_type": "A1",
        "quota_label": payload["to"]["quota_label"],
    }
    assert payload["mode"]["code"] == "I01"
    assert payload["effective_on"] == TODAY.isoformat()
    assert AuditEntry.objects.filter(action="exchange.dispatched").count() == 3


def test_what_is_told_is_signed_and_a_changed_word_no_longer_fits(cast: Cast, sources: dict[str, Source]):
    cast.member(cast.bureau, on=TODAY)
    deliver()
    dispatch = told("ENLISTED")[0]
    assert signing.is_signed(manifest_of(dispatch), dispatch.signature)
    assert signing.is_signed(manifest_of(dispatch), dispatch.signature, signing.public_pem())
    dispatch.payload["to"]["unit"] = "测试区审计局"
    assert not signing.is_signed(manifest_of(dispatch), dispatch.signature)
    assert not signing.is_signed(b"", "xyz")


def test_the_signing_key_is_its_owners_alone_and_stays(cast: Cast, sources: dict[str, Source]):
    cast.member(cast.bureau, on=TODAY)
    deliver()
    place = Path(settings.HOME) / "keys" / signing.FILE
    assert place.stat().st_mode & 0o777 == 0o600
    before, name = place.read_bytes(), signing.key_id()
    signing._private_key.cache_clear()
    assert (place.read_bytes(), signing.key_id()) == (before, name)
    with pytest.raises(ValueError, match="公钥"):
        signing.is_signed(b"", "00", RSA)


def test_an_exit_and_a_transfer_are_told(cast: Cast, sources: dict[str, Source]):
    stay = cast.member(cast.bureau, on=date(2026, 1, 5))
    slot = cast.approve(cast.audit_office, entry_mode="I06").slots[0]
    cast.transfer(stay, slot)
    other = cast.member(cast.bureau, on=date(2026, 1, 5))
    cast.leave(other)
    deliver()
    moved, gone = told("TRANSFERRED")[0].payload, told("DELISTED")[0].payload
    assert (moved["from"]["unit"], moved["to"]["unit"]) == ("测试区财政局", "测试区审计局")
    assert gone["to"] is None
    assert gone["mode"]["code"] == "O07"


def test_a_reversal_names_what_it_reverses(cast: Cast, sources: dict[str, Source]):
    slot = cast.approve(cast.bureau).slots[0]
    entry = cast.enlist(slot)
    reverse_movement(actor=BUILDER, today=TODAY, movement_id=entry.pk, basis=CorrectionBasis(cast.document, "登记错误"))
    deliver()
    assert told("REVERSED")[0].payload["reverses"] == f"ENLISTED:{entry.number}"


def test_a_changed_name_is_told_with_what_it_was(cast: Cast, sources: dict[str, Source]):
    stay = cast.member(cast.bureau, on=date(2026, 1, 5))
    was = stay.person.name
    basis = ChangeBasis(cast.document, TODAY, "改名")
    change_locked_fields(actor=BUILDER, person_id=stay.person_id, changes={"name": "新名字"}, basis=basis)
    deliver()
    payload = told("CHANGED")[0].payload
    assert payload["person"]["name"] == "新名字"
    assert payload["changes"] == [
        {"field": "name", "label": "姓名", "old": was, "new": "新名字", "effective_on": TODAY.isoformat()}
    ]


def test_a_change_that_is_no_business_of_others_is_not_told(cast: Cast, sources: dict[str, Source]):
    stay = cast.member(cast.bureau, on=date(2026, 1, 5))
    basis = ChangeBasis(cast.document, TODAY, "补登")
    changes = {"started_work_on": date(2015, 7, 1)}
    change_locked_fields(actor=BUILDER, person_id=stay.person_id, changes=changes, basis=basis)
    deliver()
    assert not told("CHANGED")
    assert not give_back_change(
        actor=BUILDER, person_id=stay.person_id, fields=["phone"], until=stay.person.recorded_at, news_id=1
    )


def test_nothing_is_written_while_no_department_listens(cast: Cast):
    stay = cast.member(cast.bureau, on=TODAY)
    make_source(code="own", department="establishment")
    make_source(code="closed", department="hr", is_active=False)
    deliver()
    assert not Dispatch.objects.exists()
    assert not give_back_movements(actor=BUILDER, movement_ids=stay.movements_in.values_list("pk", flat=True))


def test_a_department_reads_the_unit_under_its_own_name_too(cast: Cast, sources: dict[str, Source]):
    names: dict[str, Any] = {"organization": cast.bureau, "unit": "测试区财政局"}
    UnitAlias.objects.create(source="finance", text="区财政", state="approved", **names)
    UnitAlias.objects.create(source="hr", text="财政局（拟）", state="proposed", **names)
    cast.member(cast.bureau, on=TODAY)
    deliver()
    own = {each.source.code: each.payload["to"].get("own_name") for each in told("ENLISTED")}
    assert own == {"organization": None, "hr": None, "finance": "区财政"}


def test_the_digest_is_of_the_canonical_text_a_receiver_can_write_again(cast: Cast, sources: dict[str, Source]):
    cast.member(cast.bureau, on=TODAY)
    deliver()
    dispatch = told("ENLISTED")[0]
    whole = {"source": "organization", "kind": "ENLISTED", "key": dispatch.key, "payload": dispatch.payload}
    assert manifest_of(dispatch).decode() == canonical_json({**whole, "files": {}})
    assert dispatch.state == DispatchState.READY


def test_the_check_finds_what_was_changed_after_it_was_signed(cast: Cast, sources: dict[str, Source]):
    cast.member(cast.bureau, on=TODAY)
    deliver()
    first, second, third = told("ENLISTED")
    proofs = ("exchange.dispatches", "exchange.messages")
    assert list(findings(proofs)) == []
    Message.objects.create(source=sources["hr"], message_id="1", seq=1, kind="SALARY_SET", sha256="0" * 64, payload={})
    with tampering() as cursor:
        change = "UPDATE exchange_dispatch SET signature = %s WHERE id = %s"
        cursor.execute(change, [third.signature, second.pk])
        Dispatch.objects.filter(pk=first.pk).update(payload={**first.payload, "number": "BD2026-999999"})
        faults = [fault.what for fault in findings(proofs)]
    assert faults == ["内容与登记的摘要不符", "签名无效，或签名密钥已更换", "内容与发送方的摘要不符"]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (None, Place(1, "A1"), "ENLISTED"),
        (Place(1, "A1"), None, "DELISTED"),
        (Place(1, "A1"), Place(2, "A1"), "TRANSFERRED"),
        (Place(1, "A1"), Place(1, "B1"), "TRANSFERRED"),
        (Place(1, "A1"), Place(1, "A1"), ""),
        (None, None, ""),
    ],
)
def test_a_move_is_of_the_kind_that_others_see(before: Place | None, after: Place | None, kind: str):
    assert kind_of_move(before, after) == kind


RSA = """-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf
9Cnzj4p4WGeKLs1Pt8QuKUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==
-----END PUBLIC KEY-----
"""

"""`./bianzhi check` finds what nobody could have done through the services of keeping."""

from datetime import date

import pytest

from bianzhi.archives.jobs.relating import document_registered, entry_posted
from bianzhi.archives.selectors.keeping_proofs import PACKAGES
from bianzhi.archives.selectors.relations import items_proving
from bianzhi.archives.services import filing
from bianzhi.archives.services.appraisals import (
    Proposal,
    carry_out_appraisal,
    decide_appraisal,
    draft_appraisal,
    submit_appraisal,
)
from bianzhi.common.integrity import findings
from bianzhi.common.models import OutboxMessage
from bianzhi.documents.services import register_document
from bianzhi.ledger.models import LedgerEntry
from bianzhi.ledger.services import allot
from bianzhi.ledger.services.moves import Basis
from tests.archives.holdings import ARCHIVIST, exported, read_off
from tests.archives.staff import archivist, director
from tests.cast import TODAY
from tests.tampering import tampering

pytestmark = pytest.mark.django_db

PROOFS = ("archives.codes", "archives.filed", "archives.disposal", "archives.packages")
LATE = date(2031, 1, 1)


@pytest.fixture
def lived(holdings):
    """Three filed, one destroyed by procedure, one package."""
    items = [holdings.filed(retention="D10") for _ in range(3)]
    keeper, head = archivist(), director()
    appraisal = draft_appraisal(
        actor=keeper, today=LATE, title="到期", reason="无保存价值",
        proposals=[Proposal(item_id=items[2].pk, outcome="destroy")],
    )  # fmt: skip
    submit_appraisal(actor=keeper, appraisal_id=appraisal.pk)
    decide_appraisal(actor=head, appraisal_id=appraisal.pk, approves=True, text="同意销毁")
    carry_out_appraisal(actor=keeper, today=LATE, appraisal_id=appraisal.pk)
    exported(*items)
    return items


def faults():
    return "；".join(f"{finding.where}：{finding.what}" for finding in findings(PROOFS))


def test_what_the_services_did_is_sound(lived):
    assert faults() == ""


TAMPERED = (
    ("UPDATE archives_item SET code = '330699-WS·2020-D10-T001-0009', number = 9 WHERE number = 2", "缺号或重号"),
    ("UPDATE archives_item SET number = 7 WHERE number = 2", "件号 7 不符"),
    ("UPDATE common_serialcounter SET last = 1 WHERE series LIKE 'archives:%'", "会重号"),
    ("UPDATE archives_item SET state = 'disposed' WHERE number = 1", "没有经批准"),
    ("UPDATE archives_appraisal SET decided_by_id = proposed_by_id", "同一人"),
    ("UPDATE archives_item SET page_count = 5 WHERE number = 1", "登记 5 页"),
    ("UPDATE archives_item SET filed_at = NULL WHERE number = 1", "没有档号或归档时间"),
)


def test_what_went_round_the_services_is_found(lived):
    for statement, told in TAMPERED:
        with tampering() as cursor:
            cursor.execute(statement)
            assert told in faults(), statement
    assert faults() == ""


def test_a_package_somebody_touched_is_found(lived, settings):
    (path,) = (settings.HOME / "files" / "archive-packages").glob("*/*")
    path.chmod(0o600)
    path.write_bytes(path.read_bytes() + b"x")
    assert "不完整" in faults()
    path.write_bytes(b"another package")
    assert "不符" in faults()
    path.unlink()
    assert "文件不存在" in faults()
    assert not PACKAGES.path_of(path.name).exists()


def deliver(topic, receive):
    for message in OutboxMessage.objects.filter(topic=topic):
        receive(message)


def test_a_document_registered_after_its_paper_was_filed_is_proved_by_it(cast, holdings):
    item = holdings.filed(doc_no="虞编〔2025〕9号")
    document = register_document(
        actor=cast.office, doc_no="虞编[2025]9号", title="批复", issuer="区委编委", issuer_level="commission",
        kind="reply", issued_on=TODAY,
    )  # fmt: skip
    assert items_proving("documents.approvaldocument", document.pk, ARCHIVIST) == []
    deliver("documents.registered", document_registered)
    deliver("documents.registered", document_registered)
    (proof,) = items_proving("documents.approvaldocument", document.pk, ARCHIVIST)
    assert proof.item == item
    assert item.relations.count() == 1


def test_an_entry_posted_afterwards_opens_at_its_figure(cast, holdings):
    item = holdings.described(pages=2)
    read_off(item, "quota:B5", "2", page=2)
    filing.file(actor=ARCHIVIST, item_id=item.pk)
    basis = Basis(document=cast.document, effective_on=TODAY, summary="增编")
    allot(actor=cast.office, basis=basis, organization_id=cast.school.pk, amounts={"B5": 2})
    deliver("ledger.posted", entry_posted)
    (proof,) = items_proving("ledger.ledgerentry", LedgerEntry.objects.latest("pk").pk, ARCHIVIST)
    assert proof.page == 2

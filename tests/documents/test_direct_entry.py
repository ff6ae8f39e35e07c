"""直接登记: a permission of its own, a document, a reason on record."""

from datetime import date

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.services import note_direct_entry, register_document
from bianzhi.documents.web.direct import DirectEntryForm, lead_daily_business_to
from bianzhi.kernel.objections import Refused
from tests.direct import REASON, WHY

pytestmark = pytest.mark.django_db
OFFICE = System("编办")


class Somebody:
    pk = None
    display_name = "路人"

    def can(self, permission: str) -> bool:
        return permission != "personnel.direct"

    def sees_everything(self) -> bool:
        return True


@pytest.fixture
def document() -> ApprovalDocument:
    return register_document(
        actor=OFFICE,
        doc_no="虞编办〔2026〕3号",
        title="关于补录的批复",
        issuer="区委编办",
        issuer_level="office",
        kind="reply",
        issued_on=date(2026, 3, 2),
    )


def test_the_reason_stands_in_the_record(document):
    note_direct_entry(actor=OFFICE, document_id=document.pk, reason=f" {REASON} ")
    entry = AuditEntry.objects.latest("seq")
    assert entry.action == "documents.direct_entry"
    assert REASON in str(entry.facts)
    assert entry.subject_id == str(document.pk)


def test_without_a_reason_nothing_is_entered_by_hand(document):
    with pytest.raises(Refused) as refused:
        note_direct_entry(actor=OFFICE, document_id=document.pk, reason=" 补 录 ")
    assert refused.value.codes == ["R29"]


def test_who_may_not_enter_directly_is_denied(document):
    with pytest.raises(Denied):
        note_direct_entry(actor=Somebody(), document_id=document.pk, reason=REASON)


def test_the_form_asks_for_document_and_reason(document):
    form = DirectEntryForm({"document": str(document.pk)}, user=Somebody())
    assert not form.is_valid()
    assert set(form.errors) == {"direct_reason"}
    assert "direct_reason" not in [bound.name for bound in form.own_fields]


def test_the_reason_of_an_act_that_is_refused_goes_with_it(document):
    before = AuditEntry.objects.count()

    @unit_of_work
    def act() -> None:
        note_direct_entry(actor=OFFICE, document_id=document.pk, reason=REASON)
        raise Refused([])

    with pytest.raises(Refused):
        act()
    assert AuditEntry.objects.count() == before


def test_daily_business_is_led_to_the_hall():
    form = DirectEntryForm(WHY, user=Somebody())
    assert form.hall == "/matters/"
    lead_daily_business_to("healthz")
    assert form.hall == "/healthz"
    lead_daily_business_to("matters:hall")

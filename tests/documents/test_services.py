"""Documents are registered once, said to conflict when they do, corrected with a reason, never above 内部."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import Denied
from bianzhi.audit import chain
from bianzhi.audit.actors import System
from bianzhi.audit.models import AuditEntry
from bianzhi.common.models import OutboxMessage
from bianzhi.documents import services
from bianzhi.documents.models import ApprovalDocument
from bianzhi.documents.services import DocumentFacts, correct_document, register_document, register_documents
from bianzhi.kernel.objections import Refused

pytestmark = pytest.mark.django_db

ACTOR = System("测试")
REPLY: dict[str, Any] = {
    "doc_no": "虞编办[2025] 12号",
    "title": "关于区财政局内设机构调整的批复",
    "issuer": "区委编办",
    "issuer_level": "office",
    "kind": "reply",
    "issued_on": date(2025, 3, 1),
}


def test_the_number_is_kept_with_its_brackets_put_right():
    assert register_document(actor=ACTOR, **REPLY).doc_no == "虞编办〔2025〕12号"


def test_a_registration_is_on_record_and_in_the_outbox():
    document = register_document(actor=ACTOR, **REPLY)
    assert AuditEntry.objects.get().action == "documents.registered"
    assert OutboxMessage.objects.get().payload == {"ids": [document.pk]}
    assert list(chain.verify_chain()) == list(chain.verify_rows()) == []


def test_the_same_document_registered_again_is_the_same_row():
    first = register_document(actor=ACTOR, **REPLY)
    again = register_document(actor=ACTOR, **REPLY | {"doc_no": "虞编办（2025）012号", "note": "第二次"})
    assert again == first
    assert AuditEntry.objects.count() == 1


def test_a_document_somebody_registers_this_moment_is_taken_or_told_as_one_registered_before(monkeypatch):
    first = register_document(actor=ACTOR, **REPLY)
    looked = services._registered

    def before_the_other(numbers: set[str]) -> dict[tuple[str, str], ApprovalDocument]:
        monkeypatch.setattr(services, "_registered", looked)
        return {}

    monkeypatch.setattr(services, "_registered", before_the_other)
    assert register_document(actor=ACTOR, **REPLY) == first
    monkeypatch.setattr(services, "_registered", before_the_other)
    with pytest.raises(Refused, match="已登记为"):
        register_document(actor=ACTOR, **REPLY | {"title": "关于设立区数据局的批复"})
    assert AuditEntry.objects.count() == ApprovalDocument.objects.count() == 1


def test_the_same_number_with_other_facts_is_refused_and_both_are_told():
    register_document(actor=ACTOR, **REPLY)
    with pytest.raises(Refused) as refusal:
        register_document(actor=ACTOR, **REPLY | {"title": "关于设立区数据局的批复"})
    assert refusal.value.codes == ["document.conflict"]
    assert "内设机构调整" in str(refusal.value)
    assert "设立区数据局" in str(refusal.value)


def test_the_same_number_of_another_issuer_is_another_document():
    first = register_document(actor=ACTOR, **REPLY)
    assert register_document(actor=ACTOR, **REPLY | {"issuer": "市委编办"}) != first


@pytest.mark.parametrize(
    "marked",
    [{"title": "【秘密】关于某事的通知"}, {"title": "机 密★10年 关于某事"}, {"note": "密级：绝密"}],
)
def test_a_document_marked_secret_is_refused(marked):
    with pytest.raises(Refused) as refusal:
        register_document(actor=ACTOR, **REPLY | marked)
    assert refusal.value.codes == ["R27"]
    assert not ApprovalDocument.objects.exists()


@pytest.mark.parametrize("title", ["关于设立区国家秘密载体销毁中心的批复", "关于区国家保密局挂牌的批复"])
def test_a_title_that_speaks_of_secrecy_is_no_mark(title):
    assert register_document(actor=ACTOR, **REPLY | {"title": title}).title == title


@pytest.mark.parametrize("name", ["doc_no", "title", "issuer"])
def test_a_document_without_its_essentials_is_refused(name):
    with pytest.raises(Refused, match="缺少"):
        register_document(actor=ACTOR, **REPLY | {name: " "})


def test_an_unknown_kind_is_refused():
    with pytest.raises(Refused, match="不在可选范围内"):
        register_document(actor=ACTOR, **REPLY | {"kind": "poem"})


def test_a_title_too_long_is_refused_before_the_database_fails():
    with pytest.raises(Refused, match="最多 300 个字"):
        register_document(actor=ACTOR, **REPLY | {"title": "关" * 301})


def test_who_may_not_register_is_told_which_permission_is_missing():
    with pytest.raises(Denied, match="登记批准文件"):
        register_document(actor=User.objects.create(username="reader"), **REPLY)


def test_many_documents_are_registered_in_order_with_few_queries(django_assert_max_num_queries):
    facts = [DocumentFacts(**REPLY | {"doc_no": f"虞编〔2025〕{number}号"}) for number in (3, 1, 2, 1)]
    with django_assert_max_num_queries(12):
        rows = register_documents(actor=ACTOR, documents=facts)
    assert [row.doc_no for row in rows] == [f"虞编〔2025〕{number}号" for number in (3, 1, 2, 1)]
    assert ApprovalDocument.objects.count() == 3


def test_one_bad_document_keeps_the_others_out():
    facts = [DocumentFacts(**REPLY), DocumentFacts(**REPLY | {"title": "另一件事"})]
    with pytest.raises(Refused, match="不一致"):
        register_documents(actor=ACTOR, documents=facts)
    assert not ApprovalDocument.objects.exists()


def test_a_correction_keeps_old_and_new_in_the_record():
    document = register_document(actor=ACTOR, **REPLY)
    corrected = correct_document(
        actor=ACTOR, document_id=document.pk, reason="成文日期录错", changes={"issued_on": date(2025, 3, 2)}
    )
    assert corrected.issued_on == date(2025, 3, 2)
    assert '"issued_on":["2025-03-01","2025-03-02"]' in AuditEntry.objects.latest("seq").facts
    assert list(chain.verify_rows()) == []


def test_a_correction_without_reason_change_or_free_number_is_refused():
    document = register_document(actor=ACTOR, **REPLY)
    other = register_document(actor=ACTOR, **REPLY | {"doc_no": "虞编办〔2025〕13号"})
    with pytest.raises(Refused, match="理由"):
        correct_document(actor=ACTOR, document_id=document.pk, reason="", changes={"title": "新标题"})
    with pytest.raises(Refused, match="没有任何内容"):
        correct_document(actor=ACTOR, document_id=document.pk, reason="没有变化", changes={})
    with pytest.raises(Refused, match="已属于"):
        correct_document(actor=ACTOR, document_id=document.pk, reason="文号录错", changes={"doc_no": other.doc_no})
    with pytest.raises(Refused, match="非涉密系统"):
        correct_document(actor=ACTOR, document_id=document.pk, reason="补注密级", changes={"note": "秘密"})

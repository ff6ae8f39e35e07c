"""The synthetic district's sources: one of each department, each with a contract in force."""

import pytest

from bianzhi.audit.actors import System
from bianzhi.common import integrity
from bianzhi.demo.exchange import SOURCES, register_sources
from bianzhi.exchange.models import Contract, ContractStatus, Source
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.services.contracts import problems_of
from bianzhi.reconciliation.sources import DEPARTMENT_CODES


@pytest.mark.django_db
def test_every_department_has_a_source_with_a_sound_contract():
    register_sources(System("演示数据"))
    assert sorted(Source.objects.values_list("department", flat=True)) == sorted(DEPARTMENT_CODES)
    for source in Source.objects.all():
        contract = in_force(source)
        assert contract is not None
        assert problems_of(contract.schema) == ()
    assert Contract.objects.filter(status=ContractStatus.RETIRED).count() == 1
    assert len(SOURCES) == len(DEPARTMENT_CODES)
    assert integrity.findings() == []

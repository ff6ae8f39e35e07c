"""The four departments' systems as sources of the exchange hub, each with its contract in force."""

from dataclasses import dataclass
from typing import Final

from bianzhi.audit.actors import Actor
from bianzhi.exchange.models import Source, Transport
from bianzhi.exchange.services.contracts import draft_contract, publish_contract
from bianzhi.exchange.services.sources import register_source
from bianzhi.reconciliation.sources import ESTABLISHMENT, FINANCE, HR, ORGANIZATION


@dataclass(frozen=True, slots=True)
class DemoSource:
    """One system and how it delivers."""

    code: str
    name: str
    department: str
    transport: Transport
    schedule: str = ""


SOURCES: Final = (
    DemoSource("bianban-register", "编办实名制登记", ESTABLISHMENT, Transport.REGISTER),
    DemoSource("zuzhibu-cadres", "组织部干部管理系统", ORGANIZATION, Transport.UPLOAD),
    DemoSource("renshe-payroll", "人社局工资福利系统", HR, Transport.FOLDER),
    DemoSource("caizheng-payroll", "财政局工资统发系统", FINANCE, Transport.API),
)
PAYROLL_HEADINGS: Final = ("实有人员姓名", "领薪人")
"""What the finance office called the column after its system was renewed."""


def register_sources(actor: Actor) -> list[Source]:
    """Register the four, and let the finance office's contract have seen a second version."""
    made = [
        register_source(
            actor=actor,
            code=one.code,
            name=one.name,
            department=one.department,
            transport=one.transport,
            settings={"schedule": one.schedule} if one.schedule else {},
        )
        for one in SOURCES
    ]
    payroll = made[-1]
    schema = draft_contract(actor=actor, source_id=payroll.pk).schema
    for field in schema["fields"]:
        if field["hub"].get("column") == "name":
            field["hub"]["headings"] = [*PAYROLL_HEADINGS, *field["hub"]["headings"]]
    draft_contract(actor=actor, source_id=payroll.pk, schema=schema)
    publish_contract(actor=actor, source_id=payroll.pk, note="工资统发系统升级，姓名一列改了叫法")
    return made

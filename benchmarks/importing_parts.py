"""The two ways of bringing people in that `benchmarks.importing` measures."""

from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from benchmarks.people import HEADINGS, rows_of_people, unit_name
from bianzhi.audit.actors import System
from bianzhi.documents.models import ApprovalDocument, DocumentKind, IssuerLevel
from bianzhi.documents.services import register_document
from bianzhi.imports.services.batches import receive_file
from bianzhi.imports.services.commits import commit_batch
from bianzhi.kernel.clock import today
from bianzhi.kernel.dates import require_date
from bianzhi.ledger.services import allot, issue_total
from bianzhi.ledger.services.moves import Basis
from bianzhi.organizations.models import Tier
from bianzhi.organizations.services import NewOrganization, establish_many
from bianzhi.personnel.models import Occupancy, Person

ACTOR = System("测速")
FOUNDED = date(1980, 1, 1)
UNITS = 50


def prepare(home: Path, count: int) -> Path:
    """Fifty schools with room for all, and the workbook that names everybody."""
    paper = register_document(
        actor=ACTOR,
        doc_no="测编〔1980〕1号",
        title="测速底册",
        issuer="上级编委",
        issuer_level=IssuerLevel.UPPER,
        kind=DocumentKind.REGISTER,
        issued_on=FOUNDED,
    )
    schools = establish_many(actor=ACTOR, document=paper, rows=[_school(index) for index in range(UNITS)])
    basis = Basis(paper, FOUNDED, "测速")
    issue_total(actor=ACTOR, basis=basis, measure="B5", tier=Tier.DISTRICT, amount=count + UNITS)
    for school in schools:
        allot(actor=ACTOR, basis=basis, organization_id=school.pk, amounts={"B5": count // UNITS + 1})
    path = home / "roster.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("花名册")
        sheet.write(0, 0, "在编人员花名册")
        sheet.write_row(1, 0, HEADINGS)
        for index, row in enumerate(rows_of_people(count), 2):
            sheet.write_row(index, 0, row)
    return path


def _school(index: int) -> NewOrganization:
    return NewOrganization(
        code=f"CS{index:03d}", name=unit_name(index), org_type="80", institution_class="83", effective_on=FOUNDED
    )


def commit(path: Path) -> None:
    """Import the workbook as the command does."""
    batch = receive_file(actor=ACTOR, data=path.read_bytes(), name=path.name, kind="roster")
    commit_batch(actor=ACTOR, batch_id=batch.pk, today=today(), progress=lambda done, total, message: None)


def save_one_by_one(rows: list[tuple[Any, ...]], day: date) -> None:
    """A script's way: one `save()` for each person and each occupancy, of other people than those imported."""
    paper = ApprovalDocument.objects.earliest("id")
    organization_id = Occupancy.objects.values_list("organization_id", flat=True)[0]
    for index, row in enumerate(rows):
        values = dict(zip(HEADINGS, row, strict=False))
        person = Person(
            name=values["姓名"], id_number=f"X{index:017d}", sex="1", born_on=require_date(values["出生日期"]).day
        )
        person.save()
        Occupancy(
            person=person,
            organization_id=organization_id,
            quota_type="B5",
            entry_mode="I99",
            entry_document=paper,
            over_quota=True,
            valid_from=day,
        ).save()

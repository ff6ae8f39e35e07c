"""The archive of the invented district: the papers of its ledger on file, others waiting, one refused, one lent.

The archivist works through the platform's own services. Only recognition is spared: what stands on the sheets is known.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import count
from random import Random
from typing import Final

from bianzhi.accounts.models import User
from bianzhi.archives.models import Category, Item, ItemState, Relation
from bianzhi.archives.services.filing import index_only
from bianzhi.archives.services.fonds import set_up
from bianzhi.archives.services.lending import Reading, lend
from bianzhi.archives.services.passing import close_described, end_batch, withhold_file
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.demo import past
from bianzhi.demo.archive_desk import Desk, Holding
from bianzhi.demo.blocks import REGION
from bianzhi.demo.ledger_papers import Names, ledger_papers
from bianzhi.demo.office_papers import incoming_papers, marked_paper, unit_papers
from bianzhi.ledger.models import LedgerEntry
from bianzhi.recognition.document import PageText
from bianzhi.recognition.sheets import Wear, is_installed, made

ARCHIVIST: Final = "dangan"
READER: Final = "renshe"
OFFICE: Final = "云江区委机构编制委员会办公室"
DAYS_APART: Final = 6
"""Between the batches of one year's papers and the next."""
WORN_EVERY: Final = 9
"""One sheet in so many bears traces; the others came from a good scanner."""


def build_archive(users: Mapping[str, User], today: date, size: str) -> dict[str, int]:
    """File the papers of the ledger year by year, leave some waiting; returns how many items there are.

    Where no Chinese font is installed nothing can be drawn: the archive stays empty.
    """
    if not is_installed():
        return {"archive_items": 0}
    names = Names()
    archivist = users[ARCHIVIST]
    own = names.dictionary().get("委编办")
    with past.on(today - timedelta(days=300)):
        fonds = set_up(actor=archivist, number=REGION, name=OFFICE, organization_id=own)
    desk = Desk(archivist, fonds, Category.objects.get(code="WS"), names.dictionary(), Random(REGION))
    holdings = [*ledger_papers(names), *unit_papers(names, size, today)]
    by_year: dict[int, list[Holding]] = {}
    for holding in holdings:
        by_year.setdefault(holding.paper.dated_on.year, []).append(holding)
    serial = count()
    for place, year in enumerate(sorted(by_year)):
        with past.on(today - timedelta(days=DAYS_APART * (len(by_year) - place) + 3)):
            _file_year(desk, year, by_year[year], serial)
    with past.on(today - timedelta(days=1)):
        _leave_waiting(desk)
        _lend(desk, users[READER], today)
    return {"archive_items": Item.objects.count()}


def _file_year(desk: Desk, year: int, holdings: Sequence[Holding], serial: Iterator[int]) -> None:
    """One batch: the papers of a year received, described, filed."""
    batch = desk.open_batch(f"{year}年机构编制文书档案")
    drafts = []
    for holding in holdings:
        number = next(serial)
        wear = desk.draw.choice(list(Wear)) if number % WORN_EVERY == 0 else Wear.CLEAN
        sheet = made(holding.paper, seed=number, wear=wear)
        drafts.append((desk.take_in(batch, sheet), holding, sheet.truth.pages))
    end_batch(actor=desk.archivist, batch_id=batch.pk, finish=lambda: None)
    for item, holding, pages in drafts:
        filed = desk.file(item, holding)
        if holding.rows:
            prove_rows(desk=desk, item=filed, pages=pages, rows=holding.rows)
    close_described(actor=desk.archivist, item_id=drafts[-1][0].pk)


@unit_of_work
def prove_rows(*, desk: Desk, item: Item, pages: Sequence[PageText], rows: Mapping[str, LedgerEntry]) -> None:
    """Tie each line of a register to the entry it is the proof of."""
    relations = [
        Relation(
            item=item, page=page.number, box=[round(side, 5) for side in word.box], made_by=desk.archivist,
            subject_kind=LedgerEntry._meta.label_lower, subject_id=str(rows[word.text].pk),
            subject_label=str(rows[word.text])[:200],
        )
        for page in pages
        for word in page.words
        if word.text in rows
    ]  # fmt: skip
    Relation.objects.bulk_create(relations, batch_size=500)
    record("archives.related", actor=desk.archivist, subject=item, wrote=relations, facts={"rows": len(relations)})


def _leave_waiting(desk: Desk) -> None:
    """This month's papers: some drafted, one that bears a mark and is withheld (R27); and scans not worked on yet."""
    *drafted, first, second = incoming_papers()
    batch = desk.open_batch("本月收文扫描件")
    for number, paper in enumerate(drafted):
        desk.take_in(batch, made(paper, seed=number, wear=Wear.SCAN))
        past.pass_time()
    marked = marked_paper()
    secret = desk.receive(batch, made(marked, wear=Wear.CLEAN))
    withhold_file(
        actor=desk.archivist, file_id=secret.pk, stage="secrecy", mark=marked.classification[:2], where="第 1 页"
    )  # fmt: skip
    end_batch(actor=desk.archivist, batch_id=batch.pk, finish=lambda: None)
    index_only(
        actor=desk.archivist,
        fonds_id=desk.fonds.pk,
        facts={
            "title": "专项编制有关文件", "doc_no": marked.doc_no, "classification": marked.classification[:2],
            "dated_on": marked.dated_on, "category_id": desk.category.pk, "storage_place": "保密室 2 号柜第 3 层",
        },
    )  # fmt: skip
    untouched = desk.open_batch("待处理扫描件（点“开始处理”可看进度）")
    for paper in (first, second):
        desk.receive(untouched, made(paper, wear=Wear.SCAN))


def _lend(desk: Desk, reader: User, today: date) -> None:
    """The newest papers of a unit, to a colleague of another department for a fortnight."""
    chosen = Item.objects.filter(state=ItemState.FILED, organization__isnull=False, files__isnull=False)
    reading = Reading(
        item_ids=[item.pk for item in chosen.order_by("-dated_on", "pk")[:2]],
        reader_id=reader.pk,
        reader_name=reader.display_name,
        reader_unit="区人力资源和社会保障局",
        purpose="核对工资审批与编制批复",
        valid_from=today - timedelta(days=1),
        valid_to=today + timedelta(days=13),
        may_print=True,
    )
    lend(actor=desk.archivist, reading=reading)

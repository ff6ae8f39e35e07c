"""Papers of the invented district that no ledger entry cites: 三定规定, requests, letters, minutes, old notices."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from typing import Final

from bianzhi.demo.archive_desk import Holding
from bianzhi.demo.blocks import DISTRICT
from bianzhi.demo.ledger_papers import Names
from bianzhi.ledger.rules import measures
from bianzhi.ledger.selectors.balances import approved
from bianzhi.organizations.models import OrganizationVersion
from bianzhi.recognition.sheets import Facts, Paper, papers, wording
from bianzhi.recognition.sheets.wording import Header

SEED: Final = 330699
CODE: Final = "云江"
"""Agencies of these papers bear another code than those of the register, so that no number is given twice."""
OFFICE: Final = f"{DISTRICT}机构编制委员会办公室"
AMOUNTS: Final = {"full": (30, 80), "small": (3, 10)}
"""How many 三定规定, and how many of everything else."""
INCOMING: Final = 5
OWN_LANGUAGES: Final = ("规定", "底册", "批复")
"""Kinds that stand behind the register; these are made of it, never drawn by lot."""


def unit_papers(names: Names, size: str, today: date) -> Iterator[Holding]:
    """三定规定 with the figures the units have today, and what else an office writes in ten years."""
    provisions, others = AMOUNTS[size]
    yield from islice(_provisions(today), provisions)
    known = names.dictionary()
    for paper in islice(_drawn(SEED, _facts(today)), others):
        yield Holding(paper, known.get(paper.unit))


def incoming_papers() -> list[Paper]:
    """This month's scans."""
    return list(islice(_drawn(SEED + 1, Facts(code="江市")), INCOMING))


def marked_paper() -> Paper:
    """A paper that bears a mark of secrecy."""
    return next(paper for paper in papers(SEED, 10, Facts(code=CODE)) if paper.classification)


def _drawn(seed: int, facts: Facts) -> Iterator[Paper]:
    for paper in papers(seed, 10_000, facts):
        if paper.language not in OWN_LANGUAGES and not paper.classification:
            yield paper


def _facts(today: date) -> Facts:
    """The district's own units, each with the quota it has most of."""
    held: dict[int, dict[str, int]] = {}
    for (organization_id, measure), amount in approved(None, today).items():
        if measures.counts_as_quota(measure) and amount:
            held.setdefault(organization_id, {})[measure] = amount
    units = [
        (version.name.removeprefix(DISTRICT), max(held[version.organization_id].items(), key=lambda each: each[1])[0])
        for version in OrganizationVersion.objects.as_of(today).order_by("organization_id")
        if version.organization_id in held and version.name.startswith(DISTRICT)
    ]
    return Facts(district=DISTRICT, code=CODE, units=units, last=today - timedelta(days=60))


def _provisions(today: date) -> Iterator[Holding]:
    """三定规定 of organs, issued over the last year."""
    numbers = approved(None, today)
    organs = OrganizationVersion.objects.as_of(today).filter(org_type="31").order_by("organization_id")
    for serial, version in enumerate(organs, 1):
        own = {measure: number for (pk, measure), number in numbers.items() if pk == version.organization_id and number}
        amounts = {measure: number for measure, number in own.items() if measures.counts_as_quota(measure)}
        posts = {measure: number for measure, number in own.items() if measures.is_post(measure)}
        if not amounts:
            continue
        day = today - timedelta(days=400 - serial * 5)
        header = Header(
            issuer=OFFICE, doc_no=f"{CODE}委编〔{day.year}〕{serial}号", dated_on=day,
            title=f"{version.name}职能配置、内设机构和人员编制规定",
        )  # fmt: skip
        yield Holding(wording.three_fix(header, version.name, amounts, posts), version.organization_id)

"""Two months of the exchange hub: what the departments delivered, what was found, and what people did about it."""

import csv
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from bianzhi.accounts.models import User
from bianzhi.audit.actors import System
from bianzhi.common.jobs import JobContext
from bianzhi.common.models import Job, JobState
from bianzhi.demo import past
from bianzhi.demo.rosters import write_district_rosters
from bianzhi.exchange import files
from bianzhi.exchange.jobs.computing import compute
from bianzhi.exchange.models import (
    AliasState,
    Change,
    ChangeState,
    Delivery,
    Finding,
    FindingState,
    LinkReview,
    ReviewState,
    Run,
    Source,
    UnitAlias,
)
from bianzhi.exchange.rules.periods import month_before
from bianzhi.exchange.selectors.contracts import in_force
from bianzhi.exchange.services.aliases import decide_aliases
from bianzhi.exchange.services.changes import dismiss_change, open_change_case
from bianzhi.exchange.services.deliveries import deliver
from bianzhi.exchange.services.findings import assign_finding, propose_finding, report_finding, settle_finding
from bianzhi.exchange.services.links import decide_link
from bianzhi.exchange.services.mending import open_case, register_problem
from bianzhi.exchange.services.runs import note_running, start_run
from bianzhi.exchange.services.taking_deliveries import begin_reading, take_reading
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.generate import Form, GenerateOptions
from bianzhi.reconciliation.reading.limited import read_file
from bianzhi.reconciliation.reading.report import ReadingReport
from bianzhi.reconciliation.sources import DEPARTMENTS

HUB: Final = System("报送读取")
DELIVERED_BY: Final = {"establishment": "jingban", "organization": "zuzhi", "hr": "renshe", "finance": "czlianluo"}
SEED: Final = 2026
RUN_DAY: Final = 20
READERS: Final = 2
MISTAKEN: Final = {40: "欧阳建军", 80: "司马玉兰"}
"""Line of 人社局's file → who was written to the number of somebody else there: a question to an official."""
APART: Final = 300
"""Lines on stands the rest of what was written: another unit, another birth."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A delivery and what its reading brought."""

    delivery: Delivery
    report: ReadingReport
    roster: Path


def compare_two_months(users: Mapping[str, User], today: date) -> dict[str, int]:
    """Deliver the two months before this one, compare each on the 20th after it, and handle what was found.

    Returns how many findings and changes there are.
    """
    second = month_before(today)
    first = month_before(date.fromisoformat(f"{second}-01"))
    first_day = date.fromisoformat(f"{second}-{RUN_DAY}")
    second_day = min(today, today.replace(day=RUN_DAY))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = GenerateOptions(people=0, seed=SEED, month=first, form=Form.FILES)
        for month in write_district_rosters(folder, options, today=today, say=lambda words: None):
            _mistake_numbers(month / "人社局.csv")
        with past.on(first_day):
            _take_in(users, folder, first, first_day)
            _handle_first(users, first_day)
        with past.on(second_day):
            _take_in(users, folder, second, second_day)
            _handle_second(users, second_day)
    return {"findings": Finding.objects.count(), "changes": Change.objects.count()}


def _mistake_numbers(file: Path) -> None:
    """Write another person to some numbers, in both months alike."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(csv.reader(stream))
    name_at, number_at = (_column(lines[0], word) for word in ("姓名", "号码"))
    for line, name in MISTAKEN.items():
        number = lines[line][number_at]
        lines[line] = list(lines[line + APART])
        lines[line][name_at], lines[line][number_at] = name, number
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        csv.writer(stream).writerows(lines)


def _column(headings: Sequence[str], word: str) -> int:
    return next(place for place, heading in enumerate(headings) if word in heading)


def _take_in(users: Mapping[str, User], folder: Path, period: str, day: date) -> Run:
    """The month's files delivered, read and compared."""
    deliveries = list(_deliver(users, folder / period, period))
    with ThreadPoolExecutor(READERS) as pool:
        found = list(pool.map(lambda each: _read(each, folder), deliveries))
    for each in found:
        take_reading(
            actor=HUB, delivery_id=each.delivery.pk, report=each.report, roster=each.roster,
            finish=JobContext(_job(each.delivery.job), stopping=threading.Event()).complete,
        )  # fmt: skip
    past.pass_time()
    run = start_run(actor=users["jingban"], period=period, today=day)
    note_running(actor=HUB, run_id=run.pk)
    compute(run, JobContext(_job(run.job), stopping=threading.Event()), day)
    past.pass_time()
    return run


def _deliver(users: Mapping[str, User], folder: Path, period: str) -> Iterator[Delivery]:
    labels = dict(DEPARTMENTS)
    for source in Source.objects.order_by("pk"):
        (file,) = folder.glob(f"{labels[source.department]}.*")
        delivery = deliver(
            actor=users[DELIVERED_BY[source.department]], source_id=source.pk, period=period,
            file_name=f"{labels[source.department]}{period}{file.suffix}", data=file,
        )  # fmt: skip
        contract = in_force(source)
        if contract is not None and (begun := begin_reading(actor=HUB, delivery_id=delivery.pk, contract=contract)):
            yield begun


def _read(delivery: Delivery, folder: Path) -> _Read:
    """Read the file in a process of its own; nothing here asks the database."""
    roster = folder / f"{delivery.pk}.parquet"
    with files.plain(delivery.sha256) as delivered:
        report = read_file(
            delivered,
            contract=delivery.contract.schema if delivery.contract else {},
            department=delivery.source.department,
            delivery=delivery.sha256,
            out=roster,
            name=delivery.file_name,
        )
    return _Read(delivery, report, roster)


def _job(job: Job | None) -> Job:
    """The job that would have done it, running."""
    if job is None:
        raise LookupError("whatever was asked for has its job")
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    return job


def _handle_first(users: Mapping[str, User], day: date) -> None:
    """Of the first month: names of units approved, a pair judged, differences assigned, confirmed, dismissed."""
    clerk, deputy = users["jingban"], users["shenhe"]
    proposed = UnitAlias.objects.filter(state=AliasState.PROPOSED).order_by("-support", "pk")
    decide_aliases(actor=clerk, alias_ids=list(proposed.values_list("pk", flat=True)[:20]), approve=True)
    for review in LinkReview.objects.filter(state=ReviewState.OPEN).order_by("pk")[:1]:
        decide_link(actor=clerk, review_id=review.pk, same=False, basis="姓名、单位均不同，人社局误填他人号码")
    ghosts = _open("ghost_payroll")[:3]
    for finding in ghosts[:2]:
        _assign(clerk, finding, users["czlianluo"], day)
    for finding in ghosts[:1]:
        report_finding(actor=users["czlianluo"], finding_id=finding.pk, text="该人员为公益性岗位，误入统发，已通知停发")
    for finding in _open("retired_listed")[:2]:
        _settle(clerk, deputy, finding, "confirm", "已核对退休批复原件", day)
        past.pass_time()
    for finding in _open("name_conflict")[:1]:
        _settle(clerk, deputy, finding, "dismiss", "异体字，户口簿与档案一致", day)


def _handle_second(users: Mapping[str, User], day: date) -> None:
    """Of the second: a case and a problem from what was confirmed, a proposal that waits, changes taken up or not."""
    clerk, deputy, inspector = users["jingban"], users["shenhe"], users["ducha"]
    moved, *others = _open("unit_mismatch")[:3]
    _settle(clerk, deputy, moved, "confirm", "已在发薪单位工作半年，未办调动", day)
    open_case(actor=clerk, finding_id=moved.pk, today=day)
    for finding in others:
        _assign(clerk, finding, users["czlianluo"], day)
    for finding in _open("paid_twice", "duplicate_paid", "dead_paid")[:1]:
        _settle(clerk, deputy, finding, "confirm", "两份工资册均有发放记录", day)
        register_problem(actor=inspector, finding_id=finding.pk, today=day, locks_unit=False)
    for finding in _open("retired_paid", "unpaid")[:2]:
        propose_finding(actor=clerk, finding_id=finding.pk, verdict="confirm", reason="人社局退休审批已核对")
        past.pass_time()
    _take_up(clerk, day)


def _take_up(clerk: User, day: date) -> None:
    """The first exit that can be filed becomes a case of its unit; the last change is not taken up."""
    candidates = Change.objects.filter(state=ChangeState.CANDIDATE).order_by("pk")
    for change in candidates.filter(kind="exit"):
        try:
            open_change_case(actor=clerk, change_id=change.pk, today=day)
        except Refused:
            continue
        break
    last = candidates.filter(state=ChangeState.CANDIDATE).last()
    if last is not None:
        dismiss_change(actor=clerk, change_id=last.pk, reason="部门已更正，下月核对")


def _open(*kinds: str) -> Sequence[Finding]:
    return list(Finding.objects.filter(kind__in=kinds, state=FindingState.OPEN).order_by("pk"))


def _assign(clerk: User, finding: Finding, assignee: User, day: date) -> None:
    assign_finding(
        actor=clerk, finding_id=finding.pk, assignee_id=assignee.pk, due_on=day + timedelta(days=20), today=day
    )
    past.pass_time()


def _settle(clerk: User, second: User, finding: Finding, verdict: str, reason: str, day: date) -> None:
    propose_finding(actor=clerk, finding_id=finding.pk, verdict=verdict, reason=reason)
    past.pass_time()
    settle_finding(actor=second, finding_id=finding.pk, agree=True, today=day)

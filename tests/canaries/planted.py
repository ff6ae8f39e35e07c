"""The real ways by which identity data come in and are looked at; every one of them is gone with the canaries."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bianzhi.archives.models import Page
from bianzhi.audit.actors import System
from bianzhi.common import jobs
from bianzhi.common.jobs.delivery import deliver_waiting
from bianzhi.disclosure.models import ExportRequest
from bianzhi.disclosure.services.requests import approve
from bianzhi.disclosure.web.held_back import signed
from bianzhi.exchange.models import Change, Delivery, Finding, LinkReview, Message, Run, RunState
from bianzhi.exchange.services.differences import give_back_differences
from bianzhi.exchange.services.runs import start_run
from bianzhi.imports.models import ImportBatch, ImportFinding
from bianzhi.matters.models import Case
from bianzhi.matters.services.installing import install_matters
from bianzhi.matters.services.publishing import open_publication, raise_objection
from bianzhi.personnel.models import Person, PersonChange
from bianzhi.personnel.services.persons import PersonFacts
from bianzhi.search.jobs.changes import apply_waiting
from bianzhi.search.jobs.rebuilding import rebuild
from tests.accounts.people import account, signed_in
from tests.archives import papers, reception
from tests.canaries.drawn import Canary
from tests.cast import TODAY, assemble
from tests.exchange.interface import Caller, make_key, message
from tests.exchange.rosters import as_csv, bring, source_of
from tests.matters.people import People, gather
from tests.matters.staffing import accepted, paper, ratified, without_publication

MATTERS: Final = ("P03", "P11", "P19")
TESTER: Final = System("测试")
SINCE: Final = date(2024, 5, 6)
ROSTER: Final = ["单位", "姓名", "身份证号", "出生年月", "编制类别", "入编时间", "联系电话"]
PERIOD: Final = "2026-02"


@dataclass(frozen=True)
class Planted:
    """Who has been through the platform, and who looks on."""

    canaries: list[Canary]
    people: People
    archivist: Any

    @property
    def wanted(self) -> set[bytes]:
        """What must be found nowhere."""
        return {mark for canary in self.canaries for mark in canary.marks}


def plant(canaries: Sequence[Canary]) -> Planted:
    """Send every canary through the platform. The ways share them out; the rest come with the roster."""
    waiting = iter(canaries)
    people = gather(assemble())
    install_matters(actor=TESTER, only=MATTERS)
    planted = Planted(list(canaries), people, account("dangan", "archivist"))
    applied_for(people, waiting)
    typed_in_drafts(people, waiting)
    told_by_systems(people, waiting)
    filed(planted, waiting)
    rows = list(waiting)
    imported(people, rows)
    compared(people, rows)
    looked_at(planted, rows)
    settle()
    rebuild(lambda done, total, message: None)
    return planted


def settle() -> None:
    """What workers do until nothing waits."""
    while deliver_waiting() or apply_waiting() or jobs.run_waiting():
        pass


# --- the ways in -------------------------------------------------------------------------------------------------


def applied_for(people: People, waiting: Iterator[Canary]) -> None:
    """An entry, a change of the number and external staff, each applied for, decided and registered."""
    for matter in MATTERS:
        without_publication(matter)
    comes, first, then, hand = next(waiting), next(waiting), next(waiting), next(waiting)
    slot = people.cast.approve(people.cast.bureau).slots[0]
    arrival = {
        "entry_mode": slot.entry_mode, "slot": slot.pk, "name": comes.name, "id_number": comes.number,
        "identity": "civil_servant", "started_work_on": "2015-08-01", "politics": "13", "arrived_on": "2026-03-02",
        "body": people.cast.finance_section.pk, "source": "应届毕业生", "document": paper(),
    }  # fmt: skip
    ratified(people, accepted(people, people.apply("P03", arrival)))
    assert Person.objects.with_id_number(comes.number).exists()
    facts = PersonFacts(name=first.name, id_number=first.number, sex="1", born_on=first.born)
    member = people.cast.member(people.cast.bureau, facts=facts, on=SINCE)
    change = {
        "person": member.person_id, "reason": "公安机关更正号码", "document": paper("虞公户〔2026〕5号"),
        "new_id_number": then.number, "new_born_on": then.born.isoformat(), "new_identity_certified": "1",
    }  # fmt: skip
    ratified(people, accepted(people, people.apply("P11", change)))
    assert PersonChange.objects.filter(person=member.person_id, field="id_number").exists()
    worker = {
        "name": hand.name, "id_number": hand.number, "form": "labour_dispatch", "position": "窗口辅助",
        "since": "2026-03-02",
    }  # fmt: skip
    people.apply("P19", {"act": "engage", "people": [worker], "funding": "财政拨款", "reason": "窗口力量不足"})
    published(people, then)


def published(people: People, canary: Canary) -> None:
    """Somebody objects to what is published and leaves a telephone number."""
    case = Case.objects.filter(matter="P03").latest("pk")
    publication = open_publication(
        actor=people.office_clerk, case_id=case.pk, lines=[["姓名", "某"]], days=5, today=TODAY
    )
    raise_objection(
        actor=people.office_clerk,
        publication_id=publication.pk,
        raised_by="李群众",
        contact=canary.phone,
        text="有不同意见",
        today=TODAY,
    )


def typed_in_drafts(people: People, waiting: Iterator[Canary]) -> None:
    """A draft kept as it was typed, by the page, with numbers where they belong and where they do not."""
    canary = next(waiting)
    case = people.draft("P03", {"name": canary.name}, papers=False)
    client = signed_in(people.clerk)
    page = reverse("matters:application", args=[case.pk])
    client.get(page)
    typed = {"id_number": canary.number, "source": canary.phone, "arrived_on": canary.number, "action": "save"}
    client.post(page, {**typed, "saved_at": case.saved_at.isoformat(), "token": case.saved_at.isoformat()})


def told_by_systems(people: People, waiting: Iterator[Canary]) -> None:
    """A department's system tells of two people; one message is refused, one says who somebody is besides."""
    source = source_of(people.director, "hr")
    _, secret = make_key(source, today=TODAY)
    caller = Caller(secret)
    hire, leave = next(waiting), next(waiting)
    told = {"name": hire.name, "id_number": hire.number, "unit": "测试区财政局", "effective_on": "2026-03-01"}
    assert caller.post("messages", message("HIRE_DECIDED", "m-1", told)).status_code < 300
    exits = {"name": leave.name, "id_number": leave.number, "unit": "测试区财政局", "event_on": "2026-03-01"}
    caller.post("messages", message("EXIT_DECIDED", "m-2", exits, seq=2))
    caller.post("messages", {**message("EXIT_DECIDED", "m-3", exits, seq=3), "sha256": "0" * 64})
    caller.post("messages", {"kind": "HIRE_DECIDED", "payload": exits, "id_number": leave.number})
    caller.get(f"messages/{leave.number}", id_number=leave.number, phone=leave.phone)
    settle()
    assert Message.objects.count() == 2
    assert Change.objects.filter(number_fingerprint=Change.fingerprint(hire.number)).exists()


def filed(planted: Planted, waiting: Iterator[Canary]) -> None:
    """A paper with a text layer that names people, uploaded in pieces over the web and worked on."""
    named = [next(waiting), next(waiting)]
    lines = "\n".join(f"{each.name}，身份证号{each.number}，电话{each.phone}" for each in named)
    content = papers.typed(f"关于{named[0].name}同志任职的通知\n测编〔2026〕7号\n{lines}\n测试区委编办\n2026年3月2日")
    batch, client = reception.bring({}), signed_in(planted.archivist)
    told = {"batch": batch.pk, "name": "任职通知.pdf", "size": len(content), "key": "canary"}
    _post_json(client, reverse("archives:upload"), told)
    client.post(
        reverse("archives:upload-chunk", args=["canary"]),
        content,
        content_type="application/octet-stream",
        headers={"Upload-Offset": "0"},
    )
    _post_json(client, reverse("archives:upload-start"), {"batch": batch.pk})
    settle()
    texts = [page.text for page in Page.objects.all()]
    assert any(named[0].number in text for text in texts), "the text layer was not read"


def imported(people: People, rows: Sequence[Canary]) -> None:
    """A roster uploaded, checked, its findings read and downloaded, and committed; with rows nobody can take over."""
    first, second = rows[0], rows[1]
    wrong = [
        ["测试区财政局", first.name, first.number, "", "A1", "2024.5", first.phone],  # once more
        ["测试区财政局", second.number, second.name, "", "行政编制", "2024.5", second.phone],  # in each other's place
        ["测试区财政局", second.name, second.number[:17], "1970.1", "行政编制", second.number, second.phone],
        [second.phone, "无单位", second.number[:-1] + "?", "", second.number, "2024.5", second.number],
    ]
    units = ["测试区财政局"] * 4 + ["测试区第一小学"] * (len(rows) - 4)
    kinds = ["行政编制"] * 4 + ["教职工编制"] * (len(rows) - 4)
    right = [
        [unit, each.name, each.number, f"{each.born:%Y.%m}", kind, "2024.5", each.phone]
        for unit, kind, each in zip(units, kinds, rows, strict=True)
    ]
    client = signed_in(people.office_clerk)
    batch = _checked(client, _workbook([ROSTER, *right, *wrong]), "人员名册.xlsx")
    assert ImportFinding.objects.filter(batch=batch).exists()
    for name in ("batch", "findings", "changes", "annotated", "original", "columns"):
        look(client, reverse(f"imports:{name}", args=[batch.pk]))
        look(client, reverse(f"imports:{name}", args=[batch.pk]), {"q": second.number, "export": "xlsx"})
    client.post(reverse("imports:commit", args=[batch.pk]), {"action": "commit", "skip_rejected": "on"})
    settle()
    assert Person.objects.with_id_number(rows[-1].number).exists(), "the roster was not taken over"
    plan = [["招录机关（单位）", "职位名称", "职位代码", "招录人数", "备注", "联系电话"]]
    plan += [["测试区财政局", "一级科员", "11001", "1", "", second.phone]]
    batch = _checked(client, _workbook([["某区2026年度用编计划表", *[""] * 5], *plan]), "用编计划.xlsx")
    client.post(reverse("imports:commit", args=[batch.pk]), {"action": "commit"})
    settle()


def compared(people: People, rows: Sequence[Canary]) -> None:
    """Three departments deliver, read with their mistakes; the comparison runs; the differences are given back."""
    told = [(each.name, each.number, "男", f"{each.born:%Y.%m}", "测试区财政局", each.phone) for each in rows]
    headings = ("姓名", "身份证号", "性别", "出生年月", "单位名称", "联系电话")
    odd = [("张" + each.name, each.number, "男", f"{each.born:%Y.%m}", each.number, each.phone) for each in rows[:2]]
    typo = [(each.name, _typo(each.number), "男", f"{each.born:%Y.%m}", "财政局", each.phone) for each in rows[2:5]]
    of_another = [("司马玉兰", each.number, "女", "1999.09", "测试区第一小学", each.phone) for each in rows[5:7]]
    nameless = [(each.number, each.name, "不详", each.number, each.phone, "") for each in rows[:1]]
    given = {
        "finance": [*told[7:], *odd, *typo, *of_another, *nameless],
        "organization": [*told[:-2], *typo],
        "establishment": told,
    }
    for department, lines in given.items():
        actor = people.office_clerk if department == "establishment" else getattr(people, f"liaison_{department}")
        bring(actor, source_of(people.director, department), as_csv(lines, headings), PERIOD)
    for delivery in Delivery.objects.all():
        look(signed_in(people.office_clerk), reverse("exchange:delivery", args=[delivery.pk]))
    run = start_run(actor=people.office_clerk, period=PERIOD, today=TODAY, allow_missing=True)
    settle()
    run = Run.objects.get(pk=run.pk)
    assert run.state == RunState.DONE, run.error
    assert Finding.objects.exists()
    give_back_differences(actor=people.office_clerk, run_id=run.pk)
    settle()


def looked_at(planted: Planted, rows: Sequence[Canary]) -> None:
    """Reading, revealing, searching, exporting, keeping a search, and every sort of page that says no."""
    first, second = rows[0], rows[1]
    client = signed_in(planted.people.office_clerk)
    person = Person.objects.with_id_number(rows[-1].number).get()
    reveal(client, "personnel:reveal", person.pk)
    finding, pair, case = Finding.objects.first(), LinkReview.objects.first(), Case.objects.filter(matter="P19").first()
    assert finding is not None
    assert pair is not None, "nobody is to be judged"
    assert case is not None
    reveal(client, "exchange:finding_reveal", finding.pk)
    look(client, reverse("exchange:finding", args=[finding.pk]))
    reveal(client, "exchange:review_reveal", pair.pk)
    look(client, reverse("exchange:reviews"), {"q": second.number})
    reveal(client, "matters:reveal", case.pk)
    asked = {"q": first.number, "columns": "name,id_number,phone", "export": "xlsx"}
    for address in ("personnel:people", "exchange:findings", "exchange:changes", "matters:cases", "search:results"):
        look(client, reverse(address), {"q": first.number})
        look(client, reverse(address), {"q": second.phone})
        look(client, reverse(address), asked)
    look(client, reverse("search:suggest"), {"q": first.number})
    look(client, reverse("common:lookup", args=["person"]), {"q": first.number})
    client.post(reverse("search:save"), {"name": "查人", "query": f"q={first.number}"})
    views = {"list_key": "personnel.people", "name": first.phone, "query": f"q={first.number}&phone={second.phone}"}
    client.post(reverse("common:save_view"), views)
    taken_away(planted, client, rows[-1])
    refused(client, second)


def reveal(client: Client, address: str, key: int) -> None:
    """Whole numbers, looked at for a purpose."""
    answer = client.post(reverse(address, args=[key]), {"purpose": "identity", "note": "与户籍证明核对"})
    assert answer.status_code == 200, f"{address}: {answer.status_code}"


def taken_away(planted: Planted, client: Client, canary: Canary) -> None:
    """A list that was asked for by a number, with whole numbers in it: requested, approved, made and fetched."""
    query = f"q={canary.number}&export=xlsx&cols=name&cols=id_number&cols=phone&clear=identity"
    wanted = {
        "path": signed(f"{reverse('personnel:people')}?{query}"),
        "purpose": "inspection",
        "note": "区委巡察组调阅",
        "uses": 1,
    }
    client.post(reverse("disclosure:ask"), wanted)
    request = ExportRequest.objects.latest("pk")
    approve(actor=planted.people.director, request_id=request.pk, note="同意")
    settle()
    request.refresh_from_db()
    assert request.written == 1, request.problem
    fetched = client.post(reverse("disclosure:fetch", args=[request.pk]))
    assert fetched.status_code == 200
    assert b"".join(fetched)
    fetched.close()


def refused(client: Client, canary: Canary) -> None:
    """Addresses, forms and logins that carry a number to where it has no business."""
    quiet = Client(raise_request_exception=False)
    for browser in (client, quiet):
        browser.raise_request_exception = False
        browser.get(f"/personnel/people/{canary.number}/")
        browser.get(f"/no/such/page/{canary.number}", {"phone": canary.phone}, headers={"Referer": f"/{canary.number}"})
        browser.post(reverse("common:save_view"), {"name": canary.number * 4, "query": canary.phone})
        browser.get(reverse("personnel:people"), {"unit": canary.number, "date": canary.phone})
    quiet.post(reverse("accounts:login"), {"username": canary.number, "password": canary.phone})
    quiet.get("/healthz", headers={"User-Agent": canary.phone, "X-Request-Id": canary.number})


def look(client: Client, address: str, query: dict[str, str] | None = None) -> bytes:
    """A page or file, read to its end."""
    answer = client.get(address, query or {})
    content = b"".join(answer) if answer.streaming else answer.content
    answer.close()
    return bytes(content)


# --- small things ------------------------------------------------------------------------------------------------


def _checked(client: Client, data: bytes, name: str) -> ImportBatch:
    client.post(reverse("imports:upload"), {"file": SimpleUploadedFile(name, data)})
    batch = ImportBatch.objects.latest("pk")
    client.post(reverse("imports:columns", args=[batch.pk]), {"action": "check"})
    settle()
    return ImportBatch.objects.get(pk=batch.pk)


def _workbook(rows: Sequence[Sequence[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _post_json(client: Client, url: str, told: Any) -> Any:
    return client.post(url, json.dumps(told), content_type="application/json")


def _typo(number: str) -> str:
    """One digit of the serial number is another: the number of nobody, and of no canary."""
    return number[:14] + str((int(number[14]) + 1) % 10) + number[15:]

"""An archive to test on: a fonds, its categories, and items with their pages as reception leaves them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from uuid import uuid4

from bianzhi.archives.models import Candidate, Category, Fonds, Item, ItemFile, Original, Package, Page, TextOrigin
from bianzhi.archives.services import filing
from bianzhi.archives.services.fonds import set_up
from bianzhi.archives.services.packages.exporting import export_items, packed
from bianzhi.archives.services.packages.importing import import_package
from bianzhi.archives.services.packages.proving import proven
from bianzhi.archives.storage import originals
from bianzhi.audit import catalogue
from bianzhi.audit.actors import System
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.organizations.models import Organization

catalogue.declare({"tests.received": "测试接收"})

ARCHIVIST = System("测试档案员")
TEXT = "关于核定测试区财政局机构编制的批复 虞编〔2020〕3号 你局机关行政编制核定为10名"


@dataclass(frozen=True)
class Holdings:
    """The fonds of the office and where new items come from."""

    fonds: Fonds
    category: Category
    organization: Organization

    def draft(self, *, pages: int = 1, content: bytes = b"", text: str = TEXT, **facts: Any) -> Item:
        """An item as reception leaves it: one original, its pages with their text, nothing described but `facts`."""
        return receive(self, content or f"original {uuid4()}".encode(), pages, text, facts)

    def described(self, **facts: Any) -> Item:
        """A draft a person has described."""
        texts = {name: facts.pop(name) for name in ("pages", "content", "text") if name in facts}
        item = self.draft(**texts)
        return filing.confirm(actor=ARCHIVIST, item_id=item.pk, facts=self.facts(**facts))

    def filed(self, **facts: Any) -> Item:
        """An item in the archive with its 档号."""
        return filing.file(actor=ARCHIVIST, item_id=self.described(**facts).pk)

    def facts(self, **other: Any) -> dict[str, Any]:
        """A sound description."""
        return {
            "category_id": self.category.pk,
            "organization_id": self.organization.pk,
            "title": "关于核定测试区财政局机构编制的批复",
            "doc_no": "虞编〔2020〕3号",
            "responsible": "区委编委",
            "dated_on": date(2020, 1, 1),
            "year": 2020,
            "retention": "Y",
            **other,
        }


def hold(organization: Organization) -> Holdings:
    """An archive whose first items belong to the organisation."""
    fonds = set_up(actor=ARCHIVIST, number="330699", name="测试区委编办")
    return Holdings(fonds, Category.objects.get(code="WS"), organization)


@unit_of_work
def receive(holdings: Holdings, content: bytes, pages: int, text: str, facts: dict[str, Any]) -> Item:
    """What reception does: the original kept, the item and its pages written."""
    with NamedTemporaryFile() as incoming:
        incoming.write(content)
        incoming.flush()
        told = originals().keep(Path(incoming.name))
    original, _ = Original.objects.get_or_create(
        sha256=told.sha256,
        defaults={"sm3": told.sm3, "size": told.size, "media_type": "application/pdf", "extension": "pdf"},
    )
    item = Item.objects.create(fonds=holdings.fonds, page_count=pages, **facts)
    file = ItemFile.objects.create(item=item, original=original, name="批复.pdf", last_page=pages)
    for number in range(1, pages + 1):
        Page.objects.create(
            item=item,
            number=number,
            file=file,
            source_page=number,
            width=1654,
            height=2339,
            dpi=200,
            text=text,
            text_origin=TextOrigin.OCR,
        )
    record("tests.received", actor=ARCHIVIST, subject=item, facts={}, wrote=[original, item, file])
    return item


def exported(*items: Item, title: str = "移交") -> Package:
    """A package of items, as the job of an archivist makes it."""
    with packed(by=ARCHIVIST, title=title, item_ids=[item.pk for item in items]) as bag:
        return export_items(actor=ARCHIVIST, bag=bag)


def taken_in(path: Path, **other: Any) -> Package:
    """A package taken in, as the job of an archivist does it."""
    with proven(path) as bag:
        package = import_package(actor=ARCHIVIST, title="接收", bag=bag, **other)
        bag.keep_words()
    return package


def read_off(item: Item, field: str, value: str, **place: Any) -> Candidate:
    """A reading of a page."""
    return Candidate.objects.create(item=item, field=field, value=value, confidence=0.9, **place)

"""Originals on the screen: by right, stamped without it, written down; nothing of them for who may not see the item."""

import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageChops

from bianzhi.archives import derivatives
from bianzhi.archives.models import Item, ItemState, Loan, Opening
from bianzhi.archives.services.openings import note_opening
from bianzhi.archives.web.pdf_files import pdf
from bianzhi.archives.web.pictures import TILE, WIDTHS, box_in, levels_of
from bianzhi.audit.models import AuditEntry
from bianzhi.common import sealed_files
from bianzhi.kernel import clock
from bianzhi.recognition.document import Block, PageText, Word
from tests.accounts.people import account, signed_in
from tests.archives.holdings import Holdings, hold
from tests.cast import Cast, assemble

pytestmark = pytest.mark.django_db
LINE = Word("现核定你局行政编制10名", (0.2, 0.4, 0.5, 0.02))
GREY = (236, 236, 236)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings):
    """Derivatives of the test lie in a folder of its own."""
    settings.HOME = tmp_path


@pytest.fixture
def cast() -> Cast:
    return assemble()


@pytest.fixture
def holdings(cast: Cast) -> Holdings:
    return hold(cast.bureau)


@pytest.fixture
def item(holdings: Holdings) -> Item:
    """A filed item of two pages whose pictures and words are drawn already."""
    found = holdings.filed(pages=2, content=b"%PDF-1.7 two pages")
    for page in found.pages.select_related("file__original"):
        sha256 = page.file.original.sha256
        for width in levels_of(page):
            draw(sha256, page.source_page, width, width)
        for width in WIDTHS.values():
            draw(sha256, page.source_page, width, 300)
        block = Block("text", LINE.box, (LINE,))
        words = PageText(page.source_page, 1654, 2339, 200, 0, 0.0, False, "ocr", (block,))
        derivatives.keep_words(sha256, words)
    return found


def draw(sha256: str, number: int, width: int, pixels: int) -> None:
    """Put a grey picture where the one of that width is kept; fewer pixels are as good and quicker."""
    drawn = io.BytesIO()
    Image.new("RGB", (pixels, round(pixels * 1.414)), GREY).save(drawn, "WEBP", lossless=True, method=0, quality=0)
    place = derivatives.image_path(sha256, number, width)
    sealed_files.write(place, drawn.getvalue(), derivatives.context_of(place))


@pytest.fixture
def clerk(cast: Cast):
    """经办 of the unit the item belongs to: may see it, may not take it away."""
    return account("clerk", "unit_clerk", organization_id=cast.bureau.pk)


def picture(item: Item, size: str = "m", number: int = 1) -> str:
    return reverse("archives:picture", args=[item.pk, number, size])


def decoded(answer) -> Image.Image:
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def is_stamped(answer) -> bool:
    """Whether anything but grey is on the picture."""
    shown = decoded(answer)
    difference = ImageChops.difference(shown, Image.new("RGB", shown.size, GREY)).convert("L")
    return sum(difference.histogram()[12:]) > 0


def every_address(item: Item) -> list[str]:
    """Everything that shows something of an item or its first page."""
    return [
        reverse("archives:item", args=[item.pk]),
        reverse("archives:viewer", args=[item.pk]),
        *(picture(item, size) for size in WIDTHS),
        reverse("archives:tile", args=[item.pk, 1, 0, 0, 0]),
        f"{reverse('archives:crop', args=[item.pk, 1])}?box=0.2,0.4,0.5,0.02",
        reverse("archives:pdf", args=[item.pk]),
    ]


# --- who sees it -------------------------------------------------------------------------------------------------


def test_nothing_of_another_units_item_is_there(item, cast):
    stranger = signed_in(account("stranger", "unit_clerk", organization_id=cast.audit_office.pk))
    assert {address: stranger.get(address).status_code for address in every_address(item)} == dict.fromkeys(
        every_address(item), 404
    )
    for name in ("searchable", "print"):
        assert stranger.post(reverse(f"archives:{name}", args=[item.pk])).status_code == 404
    assert not Opening.objects.exists()


def test_a_restricted_item_and_a_draft_are_not_there_for_the_unit_itself(item, holdings, clerk):
    draft = holdings.draft()
    Item.objects.filter(pk=item.pk).update(is_restricted=True)
    client = signed_in(clerk)
    assert [client.get(picture(each)).status_code for each in (item, draft)] == [404, 404]


def test_a_unit_finds_its_own_dossier_and_no_other(item, clerk, cast):
    client = signed_in(clerk)
    assert item.code in client.get(reverse("archives:dossier", args=[cast.bureau.pk])).content.decode()
    assert client.get(reverse("archives:dossier", args=[cast.school.pk])).status_code == 404
    stranger = signed_in(account("stranger", "unit_clerk", organization_id=cast.audit_office.pk))
    for name in ("home", "items"):
        assert item.title not in stranger.get(reverse(f"archives:{name}")).content.decode()


def test_a_loan_opens_the_item_for_its_term_and_no_longer(item, cast):
    reader = account("reader", "unit_clerk", organization_id=cast.audit_office.pk)
    lent(item, reader, ends=clock.today() - timedelta(days=1))
    assert signed_in(reader).get(picture(item)).status_code == 404
    lent(item, reader, ends=clock.today())
    assert signed_in(reader).get(picture(item)).status_code == 200
    assert Opening.objects.get().loan == item.loans.latest("pk")


def test_nothing_of_a_destroyed_item_is_shown_though_its_original_serves_another(item, holdings):
    other = holdings.filed(pages=2, content=b"%PDF-1.7 two pages")
    client = signed_in(account("archivist", "archivist"))
    assert client.get(picture(item)).status_code == 200
    Item.objects.filter(pk=item.pk).update(state=ItemState.DISPOSED)
    page, viewer, *contents = every_address(item)
    assert {client.get(address).status_code for address in contents} == {404}
    files = [
        reverse("archives:searchable", args=[item.pk]),
        reverse("archives:print", args=[item.pk]),
        reverse("archives:original", args=[item.pk, item.files.get().pk]),
    ]
    assert {client.post(address).status_code for address in files} == {404}
    shown = client.get(viewer).content.decode()
    assert "本件已依规销毁" in shown
    assert picture(item) not in shown
    told = client.get(page).content.decode()
    assert item.code in told
    assert not any(address in told for address in (viewer, picture(item, "s"), *files))
    assert client.get(picture(other)).status_code == 200


def lent(item: Item, reader, *, ends, **rights) -> Loan:
    loan = Loan.objects.create(
        reader=reader,
        reader_name="读者",
        purpose="核对",
        valid_from=ends - timedelta(days=5),
        valid_to=ends,
        granted_by=reader,
        **rights,
    )
    loan.items.add(item)
    return loan


# --- what they may do with it ------------------------------------------------------------------------------------


def test_every_picture_is_stamped_for_who_may_not_take_it_away(item, clerk):
    client = signed_in(clerk)
    drawn = [address for address in every_address(item)[2:] if not address.endswith("/pdf/")]
    assert {address: is_stamped(client.get(address)) for address in drawn} == dict.fromkeys(drawn, True)


def test_who_may_download_sees_the_plain_picture(item):
    archivist = signed_in(account("archivist", "archivist"))
    assert not is_stamped(archivist.get(picture(item)))


def test_files_go_only_to_who_may_download(item, clerk):
    client = signed_in(clerk)
    assert client.get(reverse("archives:pdf", args=[item.pk])).status_code == 403
    assert client.post(reverse("archives:searchable", args=[item.pk])).status_code == 403
    assert client.post(reverse("archives:print", args=[item.pk])).status_code == 403
    file = item.files.get()
    assert client.post(reverse("archives:original", args=[item.pk, file.pk])).status_code == 403
    assert not Opening.objects.exists()


def test_a_loan_may_allow_printing_without_downloading(item, cast):
    reader = account("reader", "unit_clerk", organization_id=cast.audit_office.pk)
    lent(item, reader, ends=clock.today(), may_print=True)
    client = signed_in(reader)
    assert client.post(reverse("archives:print", args=[item.pk])).status_code == 200
    assert client.post(reverse("archives:searchable", args=[item.pk])).status_code == 403
    assert Opening.objects.get().kind == "print"
    assert is_stamped(client.get(picture(item, "l")))


def test_parts_of_the_pdf_are_sent_as_asked_for(item, monkeypatch, tmp_path):
    path, content = tmp_path / "x.pdf", bytes(range(200))
    sealed_files.write(path, content, derivatives.context_of(path))
    monkeypatch.setattr(derivatives, "searchable_pdf", lambda item: path)
    client, address = signed_in(account("archivist", "archivist")), reverse("archives:pdf", args=[item.pk])
    whole = client.get(address)
    assert (whole.status_code, whole.getvalue()) == (200, content)
    part = client.get(address, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part["Content-Range"]) == (206, "bytes 10-19/200")
    assert part.getvalue() == bytes(range(10, 20))
    rest = client.get(address, headers={"Range": "bytes=190-"})
    assert rest.getvalue() == bytes(range(190, 200))
    assert client.get(address, headers={"Range": "bytes=200-300"}).status_code == 416


def test_a_reader_who_goes_away_before_the_first_byte_leaves_no_file_open(item, monkeypatch, tmp_path, rf):
    path = tmp_path / "x.pdf"
    sealed_files.write(path, b"%PDF", derivatives.context_of(path))
    monkeypatch.setattr(derivatives, "searchable_pdf", lambda item: path)
    opened, really = [], derivatives.open_made

    def noted(path):
        opened.append(really(path))
        return opened[-1]

    monkeypatch.setattr(derivatives, "open_made", noted)
    request = rf.get(reverse("archives:pdf", args=[item.pk]))
    request.user = account("archivist", "archivist")
    pdf(request, item.pk).close()
    assert [file.closed for file in opened] == [True]


# --- what is written down ----------------------------------------------------------------------------------------


def test_a_reading_is_written_down_once_for_each_page(item, clerk):
    client = signed_in(clerk)
    for _ in range(3):
        client.get(reverse("archives:viewer", args=[item.pk]) + "?page=2")
        client.get(picture(item, "m", 2))
    opening = Opening.objects.get()
    assert (opening.user, opening.page, opening.kind) == (clerk, 2, "view")
    facts = json.loads(AuditEntry.objects.get(action="archives.opened").facts)
    assert facts == {"kind": "view", "loan": None, "page": 2}


def test_reading_again_after_a_while_is_another_reading(item, clerk, monkeypatch):
    note_opening(actor=clerk, item=item, kind="view", page=1)
    later = timezone.now() + timedelta(minutes=31)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert note_opening(actor=clerk, item=item, kind="view", page=1) is not None


def test_thumbnails_are_no_reading_and_each_download_is_one(item):
    archivist = account("archivist", "archivist")
    signed_in(archivist).get(picture(item, "s"))
    assert not Opening.objects.exists()
    for _ in range(2):
        note_opening(actor=archivist, item=item, kind="download")
    assert Opening.objects.filter(kind="download").count() == 2


def test_who_used_an_item_is_told_to_the_archivist_alone(item, clerk):
    signed_in(clerk).get(picture(item))
    address = reverse("archives:openings", args=[item.pk])
    assert clerk.display_name in signed_in(account("archivist", "archivist")).get(address).content.decode()
    assert signed_in(clerk).get(address).status_code == 403


# --- the pictures themselves -------------------------------------------------------------------------------------


def test_pictures_stay_out_of_every_cache_and_are_not_sent_twice(item, clerk):
    client = signed_in(account("archivist", "archivist"))
    answer = client.get(picture(item))
    assert {"private", "no-store"} <= {each.strip() for each in answer["Cache-Control"].split(",")}
    again = client.get(picture(item), headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert signed_in(clerk).get(picture(item), headers={"If-None-Match": answer["ETag"]}).status_code == 200


def test_the_tiles_of_a_level_make_up_the_page(item):
    client = signed_in(account("archivist", "archivist"))
    page = item.pages.first()
    widths = levels_of(page)
    level, width = len(widths) - 1, widths[-1]
    columns = -(-width // TILE)
    sizes = [
        decoded(client.get(reverse("archives:tile", args=[item.pk, 1, level, column, 0]))).width
        for column in range(columns)
    ]
    assert sum(sizes) == width
    assert client.get(reverse("archives:tile", args=[item.pk, 1, level, columns, 0])).status_code == 404
    assert client.get(reverse("archives:tile", args=[item.pk, 1, level + 1, 0, 0])).status_code == 404


def test_there_is_no_page_beyond_the_last_and_no_other_size(item):
    client = signed_in(account("archivist", "archivist"))
    assert client.get(picture(item, number=3)).status_code == 404
    assert client.get(picture(item, "xl")).status_code == 404


@pytest.mark.parametrize("text", ["", "a,b,c,d", "0,0,1", "0,0,2,1", "-1,0,1,1", "0.1,0.1,0,0.2", "nan,0,1,1"])
def test_a_place_that_is_none_is_no_place(text):
    assert box_in(text) is None


# --- the viewer --------------------------------------------------------------------------------------------------


def test_words_looked_for_are_marked_on_the_page_and_in_its_text(item, clerk):
    shown = signed_in(clerk).get(reverse("archives:viewer", args=[item.pk]) + "?page=2&q=行政编制&side=text")
    text = shown.content.decode()
    assert text.count('class="hit"') == 1
    assert "<mark>行政编制</mark>" in text
    assert "现核定你局行政编制10名</text>" in text


def test_the_place_of_a_figure_is_framed(item, clerk):
    address = reverse("archives:viewer", args=[item.pk]) + "?page=1&box=0.2,0.4,0.5,0.02"
    assert 'class="framed" x="200" y="565.6"' in signed_in(clerk).get(address).content.decode()


def test_pdf_is_offered_only_to_who_may_take_it(item, clerk):
    address = reverse("archives:viewer", args=[item.pk]) + "?mode=pdf"
    assert "data-pdf-sheet" not in signed_in(clerk).get(address).content.decode()
    assert "data-pdf-sheet" in signed_in(account("archivist", "archivist")).get(address).content.decode()


def test_a_page_that_is_not_there_shows_the_first(item, clerk):
    for asked in ("99", "abc", "-1", ""):
        shown = signed_in(clerk).get(reverse("archives:viewer", args=[item.pk]) + f"?page={asked}")
        assert "第 <strong>1</strong> / 2 页" in shown.content.decode()

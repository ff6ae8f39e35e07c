"""A scan read by OCR on its way in: what is proposed, where it stands, and the PDF that can be searched."""

from __future__ import annotations

import pypdfium2
import pytest
from PIL import Image

from bianzhi.archives import derivatives
from bianzhi.archives.models import Item, ItemSource, TextOrigin
from bianzhi.recognition.sheets import sheets
from tests.archives.reception import taken

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def test_a_scan_is_read_described_and_made_searchable(settings, tmp_path, one_workshop):
    settings.HOME = tmp_path
    sheet = next(iter(sheets(3, 1)))
    taken({"扫描.pdf": sheet.pdf})
    item = Item.objects.get()
    assert (item.source, item.page_count) == (ItemSource.SCANNED, len(sheet.pages))
    assert {page.text_origin for page in item.pages.all()} == {TextOrigin.OCR}
    values = {each.field: each.value for each in item.candidates.order_by("confidence")}
    for name in ("doc_no", "title", "dated_on", "quota:B2"):
        assert values[name] == sheet.truth.fields[name]
    place = item.candidates.get(field="doc_no")
    assert place.page == 1
    assert place.box is not None
    assert all(0 <= edge <= 1 for edge in place.box)
    bound = derivatives.searchable_pdf(item)
    assert bound is not None
    with pypdfium2.PdfDocument(bound) as pdf:
        assert len(pdf) == item.page_count
        text = pdf[0].get_textpage()
        assert sheet.truth.fields["doc_no"] in text.get_text_range()
        text.close()
    with Image.open(derivatives.page_image(item.pages.get(number=1), 827)) as picture:
        assert picture.width == 827

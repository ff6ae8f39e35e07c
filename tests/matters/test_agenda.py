"""The last day of a publication stands in the calendar of those who may see its case."""

from __future__ import annotations

from datetime import date

from bianzhi.accounts.models import User
from bianzhi.common import agenda
from bianzhi.common.web.tones import Tone
from bianzhi.matters.services.publishing import raise_objection
from tests.cast import TODAY
from tests.matters.people import People
from tests.matters.test_publications import LAST, decided, of, set_matter

MATTERS = ("P05",)


def ends(user: User) -> list[agenda.Entry]:
    found = agenda.entries(user, TODAY, date(2026, 4, 30))
    return [entry for entry in found if entry.label == "公示截止"]


def test_a_publication_ends_in_the_calendar_of_its_unit_and_of_the_office(matters: People):
    set_matter("P05", publication_days=5, sampling_percent=0)
    shown = of(decided(matters))
    (entry,) = ends(matters.clerk)
    assert (entry.starts, entry.title, entry.url) == (LAST, shown.title, f"/matters/publications/{shown.pk}/")
    assert ends(matters.director) == [entry]
    assert ends(matters.outsider) == ends(matters.system_admin) == []
    raise_objection(
        actor=matters.supervision,
        publication_id=shown.pk,
        raised_by="李四",
        contact="",
        text="公示内容与事实不符",
        today=TODAY,
    )
    (entry,) = ends(matters.clerk)
    assert (entry.tone, entry.note) == (Tone.WARN, "有异议，暂停计时，截止日将顺延")

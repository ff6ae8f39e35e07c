"""Setting up the archive, and the checks of what is kept."""

import pytest

from bianzhi.accounts.policies import Denied
from bianzhi.archives.models import Category, CheckOccasion, Fonds, FourPropertyCheck
from bianzhi.archives.rules.four_properties import is_sound
from bianzhi.archives.services.fonds import change_fonds, open_fonds, set_category, set_up
from bianzhi.archives.services.four_checks import check_items, keep_check, outcomes_of
from bianzhi.archives.services.packages.exporting import note_package_download
from bianzhi.archives.services.relations import relate_by_number
from bianzhi.archives.storage import archive_home
from bianzhi.audit.models import AuditEntry
from bianzhi.kernel.objections import Refused
from tests.archives.holdings import ARCHIVIST, exported
from tests.cast import make_document

pytestmark = pytest.mark.django_db


def codes(act, **arguments):
    with pytest.raises(Refused) as refused:
        act(actor=ARCHIVIST, **arguments)
    return refused.value.codes


def test_an_office_is_set_up_once_whoever_asks_again():
    first = set_up(actor=ARCHIVIST, number="330699", name="测试区委编办")
    assert set_up(actor=ARCHIVIST, number="330699", name="另一名称") == first
    assert list(Category.objects.values_list("code", flat=True)) == ["KJ", "SX", "WS", "ZY"]


def test_a_fonds_needs_a_number_a_name_and_a_pattern_that_works():
    assert codes(open_fonds, number="", name="") == ["archives.fonds_number", "archives.fonds_name"]
    assert codes(open_fonds, number="1", name="甲", pattern="{item}") == ["archives.pattern"]
    open_fonds(actor=ARCHIVIST, number="1", name="甲")
    assert codes(open_fonds, number="1", name="乙") == ["archives.fonds_taken"]


def test_another_pattern_is_for_codes_to_come(holdings):
    before = holdings.filed()
    pattern = "{fonds}-{category}·{year}-{item:05}"
    change_fonds(actor=ARCHIVIST, fonds_id=holdings.fonds.pk, changes={"pattern": pattern})
    assert holdings.filed().code == "330699-WS·2020-00001"
    before.refresh_from_db()
    assert before.code == "330699-WS·2020-Y-T001-0001"
    with pytest.raises(TypeError, match="number"):
        change_fonds(actor=ARCHIVIST, fonds_id=holdings.fonds.pk, changes={"number": "2"})


def test_a_category_is_capitals_with_a_term():
    assert codes(set_category, code="文书", name="", retention="X") == [
        "archives.category_code",
        "archives.category_name",
        "archives.retention",
    ]
    set_category(actor=ARCHIVIST, code="WS", name="文书", retention="Y")
    set_category(actor=ARCHIVIST, code="WS", name="文书档案", retention="D30", is_active=False)
    assert list(Category.objects.values_list("name", "retention", "is_active")) == [("文书档案", "D30", False)]


def test_only_the_archivist_sets_up(cast):
    with pytest.raises(Denied):
        open_fonds(actor=cast.outsider, number="1", name="甲")
    assert not Fonds.objects.exists()


def test_damage_is_found_when_what_is_kept_is_checked(holdings):
    item = holdings.filed()
    (sound,) = check_items(actor=ARCHIVIST, item_ids=[item.pk], occasion=CheckOccasion.KEEPING)
    sha256 = item.files.get().original.sha256
    place = archive_home() / "originals" / sha256[:2] / sha256[2:4] / sha256
    place.chmod(0o600)
    content = place.read_bytes()
    place.write_bytes(bytes([content[0] ^ 1]) + content[1:])
    (damaged,) = check_items(actor=ARCHIVIST, item_ids=[item.pk], occasion=CheckOccasion.KEEPING)
    place.unlink()
    (missing,) = check_items(actor=ARCHIVIST, item_ids=[item.pk], occasion=CheckOccasion.KEEPING)
    assert (sound.passed, damaged.passed, missing.passed) == (True, False, False)
    failed = [{row["code"] for row in check.results if not row["passed"]} for check in (damaged, missing)]
    assert failed == [{"A2"}, {"C3"}]


def test_a_number_the_text_does_not_hold_is_told_and_blocks_nothing(holdings):
    item = holdings.described(text="没有文号的正文")
    outcomes = outcomes_of(item)
    assert [outcome.code for outcome in outcomes if not outcome.passed] == ["C1", "A3"]  # C1: no 档号 yet
    assert not is_sound(outcomes)
    check = keep_check(actor=ARCHIVIST, item=item, occasion=CheckOccasion.KEEPING, outcomes=outcomes)
    assert FourPropertyCheck.objects.get() == check


def test_of_two_documents_of_one_number_the_authors_is_proved(cast, holdings):
    other = make_document(actor=cast.office, doc_no="虞编〔2020〕3号", issuer="另一机关")
    item = holdings.filed()
    assert item.relations.get().subject_id == str(cast.document.pk)
    item = holdings.filed(responsible="第三机关")
    assert relate_by_number(actor=ARCHIVIST, item=item) == []
    item = holdings.filed(responsible="另一机关")
    assert item.relations.get().subject_id == str(other.pk)


def test_who_takes_a_package_away_is_on_record(cast, holdings):
    package = exported(holdings.filed())
    note_package_download(actor=ARCHIVIST, package=package)
    assert AuditEntry.objects.filter(action="archives.package_downloaded", subject_id=str(package.pk)).exists()
    with pytest.raises(Denied):
        note_package_download(actor=cast.outsider, package=package)

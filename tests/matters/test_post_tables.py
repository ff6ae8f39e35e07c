"""How many leadership posts are usual for how much quota: remarks from the office's own table (R09)."""

import pytest

from bianzhi.kernel.objections import Severity
from bianzhi.matters.rules.post_tables import objections_to_body_chiefs, objections_to_leaders, post_tables

INSTITUTION = post_tables()["institution_by_quota"]


@pytest.mark.parametrize(
    ("quota", "fits", "too_many"),
    [(1, 2, 3), (10, 2, 3), (11, 3, 4), (50, 3, 4), (600, 7, 8), (601, 8, 9), (5000, 8, 9)],
)
def test_leaders_beyond_the_band_of_their_quota_are_remarked(quota, fits, too_many):
    assert objections_to_leaders(INSTITUTION, {"B1": quota}, {"org_chief": 1, "org_deputy": fits - 1}) == []
    (remark,) = objections_to_leaders(INSTITUTION, {"B1": quota}, {"org_chief": 1, "org_deputy": too_many - 1})
    assert (remark.code, remark.severity) == ("R09", Severity.WARN)
    assert remark.figures["领导职数"] == too_many


def test_too_few_leaders_are_remarked_and_none_at_all_are_no_matter():
    (remark,) = objections_to_leaders(INSTITUTION, {"B1": 80}, {"org_chief": 1})
    assert remark.figures["下限"] == 3
    assert objections_to_leaders(INSTITUTION, {"B1": 80}, {"body_chief": 4}) == []
    assert objections_to_leaders(None, {"B1": 80}, {"org_chief": 9}) == []


def test_filed_headcount_and_posts_are_no_quota():
    posts = {"org_chief": 1, "org_deputy": 1}
    assert objections_to_leaders(INSTITUTION, {"B1": 10, "E1": 500, "org_deputy": 90}, posts) == []


def test_more_chiefs_than_sections_are_remarked():
    assert objections_to_body_chiefs(2, {"body_chief": 2}) == []
    (remark,) = objections_to_body_chiefs(2, {"body_chief": 3})
    assert remark.severity is Severity.WARN


def test_every_table_has_a_last_band_without_end():
    assert all(table.bands[-1].up_to == 0 for table in post_tables().values())

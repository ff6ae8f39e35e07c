"""事项设置: drafted, published, for new cases only; what the code needs cannot be taken away."""

import pytest
from django.urls import reverse

from bianzhi.matters.models import MatterVersion
from tests.matters import staffing as given
from tests.matters.web.conftest import form_url, page_url, sent, text_of

MATTERS = ("P05",)
EDIT = reverse("matters:setting_edit", args=["P05"])
SETTING = reverse("matters:setting", args=["P05"])


def published() -> MatterVersion:
    """The version new cases take."""
    return MatterVersion.objects.get(matter="P05", status="published")


def filled(version, **changes):
    """The form of the page as it stands, with changes."""
    data = {
        "clock_days": str(version.clock_days),
        "publication_days": str(version.publication_days),
        "sampling_percent": str(version.sampling_percent),
        "flow_version_id": str(version.flow_version_id),
        "note": "",
    }
    for prefix, rows in (("fields", version.fields), ("papers", version.evidence), ("approvers", version.approvers)):
        data |= {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": str(len(rows))}
        for place, row in enumerate(rows):
            names = {
                "fields": ("name", "label", "help", "section"),
                "papers": ("code", "label", "help"),
                "approvers": ("when", "level", "words"),
            }[prefix]
            data |= {f"{prefix}-{place}-{name}": row.get(name, "") for name in names}
            if prefix == "fields":
                data[f"fields-{place}-order"] = str(place * 10)
            if row.get("required"):
                data[f"{prefix}-{place}-required"] = "on"
    data |= {"new-TOTAL_FORMS": "1", "new-INITIAL_FORMS": "0"}
    return {**data, **changes}


@pytest.fixture
def version(matters):
    return published()


def place_of(version, name):
    return next(place for place, row in enumerate(version.fields) if row["name"] == name)


def test_only_who_sets_matters_up_sees_the_pages(matters, at_desk):
    for url in (reverse("matters:settings"), SETTING, EDIT):
        assert at_desk(matters.system_admin).get(url).status_code == 200
        assert at_desk(matters.director).get(url).status_code == 403
    assert at_desk(matters.system_admin).get(reverse("matters:setting", args=["P99"])).status_code == 404


def test_the_list_shows_each_matter_with_its_version_and_running_cases(matters, at_desk):
    member = matters.cast.member(matters.cast.bureau)
    leaving = {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    matters.apply("P05", leaving)
    page = text_of(at_desk(matters.system_admin).get(reverse("matters:settings")))
    assert "第 1 版" in page
    assert '<td class="num">1</td>' in page


def test_a_draft_is_kept_and_changes_nothing_yet(matters, at_desk, version):
    client = at_desk(matters.system_admin)
    answer = client.post(EDIT, filled(version, clock_days="7", note="改为七天", intent="save"))
    assert answer["Location"] == EDIT
    assert published().clock_days == 3
    assert "有未发布的草稿" in text_of(client.get(SETTING))
    assert 'value="7"' in text_of(client.get(EDIT))


def test_what_is_published_holds_for_new_cases_only(matters, at_desk, version):
    member = matters.cast.member(matters.cast.bureau)
    leaving = {"person": member.person_id, "exit_mode": "O07", "event_on": "2026-03-02", "document": given.paper()}
    before = matters.apply("P05", leaving)
    client = at_desk(matters.system_admin)
    new = {"new-0-kind": "choice", "new-0-label": "是否交接", "new-0-options": "已交接、未交接", "new-0-required": "on",
           "new-0-section": "交接"}  # fmt: skip
    label = {f"fields-{place_of(version, 'reason')}-label": "补充说明"}
    answer = client.post(EDIT, filled(version, clock_days="7", intent="publish", **new, **label))
    assert answer["Location"] == SETTING
    fresh = published()
    assert (fresh.number, fresh.clock_days) == (2, 7)
    page = text_of(client.get(SETTING))
    for words in ("3 个工作日", "7 个工作日", "是否交接", "补充说明", "按以前的版本办理"):
        assert words in page
    after = matters.draft("P05", {})
    form = text_of(at_desk(matters.clerk).get(form_url(after)))
    assert "是否交接" in form
    assert "补充说明" in form
    assert "补充说明" not in text_of(at_desk(matters.clerk).get(page_url(before)))
    sent(at_desk(matters.clerk), after, {"extra_1": "已交接"})
    after.refresh_from_db()
    assert after.form["extra_1"] == "已交接"


def test_fields_are_moved_and_plain_ones_put_out_of_use(matters, at_desk, version):
    client = at_desk(matters.system_admin)
    first = {f"fields-{place_of(version, 'reason')}-order": "1"}
    client.post(EDIT, filled(version, intent="publish", **{"new-0-kind": "text", "new-0-label": "备注"}, **first))
    fresh = published()
    names = [row["name"] for row in fresh.fields]
    assert names.index("reason") < names.index("exit_mode")
    assert names[-1] == "extra_1"
    hidden = {f"fields-{place_of(fresh, 'extra_1')}-hidden": "on"}
    client.post(EDIT, filled(fresh, intent="publish", **hidden))
    assert "备注" not in text_of(at_desk(matters.clerk).get(form_url(matters.draft("P05", {}))))
    assert "字段顺序" in text_of(client.get(SETTING))


def test_what_the_code_needs_stays(matters, at_desk, version):
    client = at_desk(matters.system_admin)
    place = place_of(version, "person")
    client.post(EDIT, filled(version, intent="publish", **{f"fields-{place}-hidden": "on"}))
    assert not published().fields[place].get("hidden")
    data = filled(version, intent="publish")
    del data[f"fields-{place}-required"]
    answer = client.post(EDIT, data)
    assert answer.status_code == 422
    assert "不能改为选填" in text_of(answer)


def test_a_condition_nobody_can_read_is_refused_by_its_place(matters, at_desk, version):
    rows = len(version.approvers)
    row = {"when": "import os", "level": "office", "words": "由编办定"}
    more = {"approvers-TOTAL_FORMS": str(rows + 1), **{f"approvers-{rows}-{name}": text for name, text in row.items()}}
    answer = at_desk(matters.system_admin).post(EDIT, filled(version, intent="publish", **more))
    assert answer.status_code == 422
    assert f"审批权限第 {rows + 1} 条" in text_of(answer)
    assert published().number == 1


def test_what_cannot_be_read_leads_to_its_control_and_saves_nothing(matters, at_desk, version):
    answer = at_desk(matters.system_admin).post(EDIT, filled(version, clock_days="三天半", intent="save"))
    page = text_of(answer)
    assert answer.status_code == 422
    assert '<a href="#id_clock_days">' in page
    assert 'value="三天半"' in page
    assert MatterVersion.objects.filter(status="draft").count() == 0


def test_a_paper_is_added_and_taken_away(matters, at_desk, version):
    client = at_desk(matters.system_admin)
    rows = len(version.evidence)
    more = {"papers-TOTAL_FORMS": str(rows + 1), f"papers-{rows}-label": "交接清单", f"papers-{rows}-required": "on"}
    client.post(EDIT, filled(version, intent="publish", **more))
    fresh = published()
    assert fresh.evidence[-1] == {"code": "paper_1", "label": "交接清单", "required": True}
    client.post(EDIT, filled(fresh, intent="publish", **{f"papers-{rows}-removed": "on"}))
    assert len(published().evidence) == rows

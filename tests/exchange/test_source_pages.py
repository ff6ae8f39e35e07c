"""The pages of sources and contracts: registered, edited field by field or as JSON, tried, compared, published."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from bianzhi.accounts.models import User
from bianzhi.accounts.policies import Denied
from bianzhi.exchange.models import Contract, ContractStatus, Source, Transport
from bianzhi.exchange.selectors.contracts import draft_of, in_force
from bianzhi.exchange.services.contracts import draft_contract, publish_contract
from bianzhi.exchange.services.sources import change_source, register_source
from bianzhi.exchange.web.contract_editing import edited_fields, schema_of
from bianzhi.kernel.objections import Refused
from bianzhi.reconciliation.contracts.defaults import default_schema
from bianzhi.reconciliation.contracts.differences import differences
from bianzhi.reconciliation.contracts.parsing import MOST_FIELDS
from bianzhi.reconciliation.sources import DEPARTMENT_CODES
from tests.exchange.rosters import as_csv, source_of
from tests.exchange.rosters import people as people_of
from tests.matters.people import People

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(people: People) -> Source:
    return source_of(people.director)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _controls(schema: dict[str, Any]) -> dict[str, str]:
    """What the browser sends when the page of fields is saved as it came."""
    sent: dict[str, str] = {"by": "fields"}
    for field in edited_fields(schema):
        own = {
            "was": field.name,
            "name": field.name,
            "title": field.title,
            "column": field.column,
            "headings": field.headings,
            "format": field.format,
            "pattern": field.pattern,
            "longest": field.longest,
            "codes": field.codes,
            "description": field.description,
            "place": str(field.index + 1),
        }
        own |= {"required": "1"} if field.required else {}
        own |= {"closed": "1"} if field.closed else {}
        sent |= {f"f{field.index}-{key}": value for key, value in own.items()}
    hub = schema["hub"]
    whole = {"key": "、".join(schema["primaryKey"]), "missing": "、".join(schema["missingValues"])}
    return sent | whole | {key: str(hub[key]) for key in ("owner", "period", "due_day", "stale_days")}


@pytest.mark.parametrize("department", DEPARTMENT_CODES)
def test_a_contract_saved_as_it_came_is_not_changed(department: str):
    schema = default_schema(department)
    assert differences(schema, schema_of(_controls(schema), schema)) == []


@pytest.mark.parametrize("more", [80, MOST_FIELDS + 5])
def test_a_wide_contract_saved_as_it_came_keeps_every_column(more: int):
    schema = default_schema("hr")
    schema["fields"] += [{"name": f"x{place}", "title": f"另列{place}", "type": "string"} for place in range(more)]
    saved = schema_of(_controls(schema), schema)
    assert [field["name"] for field in saved["fields"]] == [field["name"] for field in schema["fields"]]


def test_a_source_is_registered_and_changed_on_its_pages(people: People):
    client = _client(people.director)
    told = {
        "department": "hr",
        "code": "hr-payroll",
        "name": "人社局工资系统",
        "transport": "database",
        "due_day": "5",
        "breaker_percent": "20",
        "url": "postgresql://reader:secret@10.0.0.1/hr",
        "query": "SELECT 1",
    }
    refused = client.post(reverse("exchange:source_new"), told)
    assert refused.status_code == 422
    assert "数据库地址中写有口令" in refused.content.decode()
    told["url"] = "postgresql://reader@10.0.0.1/hr"
    assert client.post(reverse("exchange:source_new"), told).status_code == 302
    made = Source.objects.get()
    assert in_force(made) is not None
    page = client.get(reverse("exchange:source", args=[made.pk])).content.decode()
    assert "postgresql://reader@10.0.0.1/hr" in page
    told |= {"name": "人社工资", "transport": "folder", "is_active": "on"}
    assert client.post(reverse("exchange:source_edit", args=[made.pk]), told).status_code == 302
    made.refresh_from_db()
    assert (made.name, made.transport, made.is_active, made.settings) == ("人社工资", Transport.FOLDER, True, {})
    assert "dropbox/hr-payroll" in client.get(reverse("exchange:source", args=[made.pk])).content.decode()


@pytest.mark.parametrize(
    ("told", "codes"),
    [
        ({"code": "HR"}, ["X71"]),
        ({"name": " "}, ["X71"]),
        ({"breaker_percent": 0}, ["X72"]),
        ({"due_day": 31}, ["X72"]),
        ({"department": "police"}, ["X75"]),
        ({"code": "finance-system"}, ["X74"]),
    ],
)
def test_what_is_no_source_is_refused(people: People, source: Source, told: dict[str, object], codes: list[str]):
    given = {"code": "new", "name": "新系统", "department": "finance", **told}
    with pytest.raises(Refused) as refused:
        register_source(actor=people.director, **given)  # type: ignore[arg-type]
    assert refused.value.codes == codes


def test_sources_are_set_up_by_those_who_configure(people: People, source: Source):
    with pytest.raises(Denied):
        change_source(actor=people.office_clerk, source_id=source.pk, changes={"name": "别名"})
    with pytest.raises(Denied):
        draft_contract(actor=people.office_clerk, source_id=source.pk)
    for name in ("source_edit", "contract_edit", "contract_publish", "contract_test"):
        place = reverse(f"exchange:{name}", args=[source.pk])
        assert _client(people.office_clerk).get(place).status_code == 403
        assert _client(people.director).get(place).status_code == 200
        assert _client(people.system_admin).get(place).status_code == 200


def test_who_sees_which_sources(people: People, source: Source):
    place = reverse("exchange:source", args=[source.pk])
    assert _client(people.liaison_finance).get(place).status_code == 200
    assert _client(people.liaison_hr).get(place).status_code == 404
    assert _client(people.clerk).get(place).status_code == 403
    assert source.name in _client(people.system_admin).get(reverse("exchange:sources")).content.decode()


def test_a_heading_added_field_by_field_is_published_and_shown_as_the_difference(people: People, source: Source):
    client = _client(people.director)
    current = in_force(source)
    assert current is not None
    sent = _controls(current.schema)
    field = next(each for each in edited_fields(current.schema) if each.column == "name")
    sent[f"f{field.index}-headings"] += "、领薪人"
    sent["due_day"] = "8"
    assert client.post(reverse("exchange:contract_edit", args=[source.pk]), sent).status_code == 302
    page = client.get(reverse("exchange:contract_publish", args=[source.pk])).content.decode()
    assert "字段“职工姓名”增加叫法：领薪人" in page
    answer = client.post(reverse("exchange:contract_publish", args=[source.pk]), {"note": "系统升级"})
    assert answer.status_code == 302
    made = in_force(source)
    assert made is not None
    assert (made.version, made.note, made.published_by_id) == (2, "系统升级", people.director.pk)
    source.refresh_from_db()
    assert source.due_day == 8
    assert Contract.objects.get(source=source, version=1).status == ContractStatus.RETIRED
    assert "领薪人" in client.get(reverse("exchange:contract", args=[made.pk])).content.decode()


def test_a_column_is_added_moved_and_dropped(people: People, source: Source):
    schema = default_schema("finance")
    sent = _controls(schema)
    fresh = edited_fields(schema)[-1].index
    sent |= {
        f"f{fresh}-name": "level",
        f"f{fresh}-title": "岗级",
        f"f{fresh}-codes": "1=一级\n2=二级",
        f"f{fresh}-closed": "1",
    }
    sent[f"f{fresh}-place"] = "0"
    sent["f4-drop"] = "1"
    made = schema_of(sent, schema)
    assert made["fields"][0] == {
        "name": "level",
        "title": "岗级",
        "type": "string",
        "hub": {"column": "", "headings": [], "codes": {"1": "一级", "2": "二级"}, "closed": True},
    }
    assert "新增字段“岗级”" in differences(schema, made)
    assert any("删去字段" in change for change in differences(schema, made))


def test_json_that_is_none_is_not_saved_and_stays_on_the_page(people: People, source: Source):
    client, place = _client(people.director), reverse("exchange:contract_edit", args=[source.pk])
    answer = client.post(place, {"by": "json", "json": '{"fields": ['})
    assert answer.status_code == 422
    assert "不是正确的 JSON" in answer.content.decode()
    assert draft_of(source) is None
    assert client.post(place, {"by": "json", "json": "[]"}).status_code == 422
    assert client.post(place, {"by": "json", "json": "[" * 100_000}).status_code == 422


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"fields": "x"},
        {"fields": [1, {"hub": "x", "constraints": [], "name": 3}]},
        {"fields": [{}], "hub": [], "primaryKey": 3},
    ],
)
def test_a_wrong_contract_is_kept_as_a_draft_shown_and_never_published(people: People, source: Source, schema):
    client = _client(people.director)
    place = reverse("exchange:contract_edit", args=[source.pk])
    assert client.post(place, {"by": "json", "json": json.dumps(schema)}).status_code == 302
    page = client.get(place)
    assert page.status_code == 200
    assert "处问题" in page.content.decode()
    assert client.get(reverse("exchange:contract_publish", args=[source.pk])).status_code == 200
    assert client.get(reverse("exchange:contract_test", args=[source.pk])).status_code == 200
    draft = draft_of(source)
    assert draft is not None
    assert client.get(reverse("exchange:contract", args=[draft.pk])).status_code == 200
    with pytest.raises(Refused) as refused:
        publish_contract(actor=people.director, source_id=source.pk)
    assert set(refused.value.codes) == {"X76"}


def test_publishing_needs_a_draft_that_differs(people: People, source: Source):
    with pytest.raises(Refused) as refused:
        publish_contract(actor=people.director, source_id=source.pk)
    assert refused.value.codes == ["X77"]
    draft_contract(actor=people.director, source_id=source.pk)
    with pytest.raises(Refused) as refused:
        publish_contract(actor=people.director, source_id=source.pk)
    assert refused.value.codes == ["X78"]


def test_a_draft_is_tried_on_a_file_and_nothing_is_kept(people: People, source: Source):
    client, place = _client(people.director), reverse("exchange:contract_test", args=[source.pk])
    answer = client.post(place, {"file": SimpleUploadedFile("a.csv", as_csv(people_of(7)))})
    assert answer.status_code == 200
    assert "7 行" in answer.content.decode()
    refused = client.post(place, {"file": SimpleUploadedFile("a.csv", b"%PDF-1.4")})
    assert refused.status_code == 422
    assert "这是PDF 文件" in refused.content.decode()
    assert not source.deliveries.exists()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ('{"fields": null}', True),
        ('{"fields": 3}', True),
        ('{"fields": [{"hub": 3, "name": 5, "constraints": "x"}], "primaryKey": 4, "missingValues": 9}', True),
        ('{"x": 1.5}', True),
        ('{"x": NaN}', False),
        ('{"x": "\\u0000"}', False),
        ('{"x": "\\ud800"}', False),
    ],
)
def test_whatever_json_is_written_the_editor_answers_in_words(people: People, source: Source, text: str, kept: bool):
    client = _client(people.director)
    editor = reverse("exchange:contract_edit", args=[source.pk])
    answer = client.post(editor, {"by": "json", "json": text})
    assert answer.status_code == (302 if kept else 422)
    assert (draft_of(source) is not None) is kept
    for page in ("contract_edit", "contract_publish", "contract_test"):
        assert client.get(reverse(f"exchange:{page}", args=[source.pk])).status_code == 200

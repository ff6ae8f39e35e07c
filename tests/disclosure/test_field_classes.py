"""Classes of personal data: every column that sounds like it has one; masked by default, looked at for a purpose."""

from __future__ import annotations

import json
import re

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.urls import get_resolver

from bianzhi.accounts.permissions import PERMISSIONS
from bianzhi.accounts.policies import Denied
from bianzhi.audit.models import AuditEntry
from bianzhi.common.db.encrypted import FingerprintField, SealedColumn
from bianzhi.common.field_classes import HIDDEN, FieldClass, class_of, declare, declared, harmless
from bianzhi.common.web.lists import ListPage
from bianzhi.disclosure import revealables
from bianzhi.disclosure.rules.purposes import PURPOSES
from bianzhi.disclosure.services.revealing import reveal_field
from bianzhi.kernel.objections import Refused
from bianzhi.personnel.models import Person
from tests.accounts.people import account, signed_in
from tests.cast import assemble

TELLING = re.compile(
    r"id_number|id_card|identity|phone|mobile|telephone|mail|address|contact|bank|password|secret|token|credential"
    r"|session_key|fingerprint|birth|born|身份证|电话|手机|邮箱|住址|联系方式|银行|卡号|密码|口令|密钥"
)
PHONE = "13957501234"


def columns() -> dict[str, object]:
    """Every column of the platform's own tables, by model and name."""
    return {
        f"{model._meta.label_lower}.{field.name}": field
        for model in apps.get_models()
        if model.__module__.startswith("bianzhi.")
        for field in model._meta.concrete_fields
    }


def sounds_personal(name: str, field: object) -> bool:
    words = f"{name.rsplit('.', 1)[1]} {getattr(field, 'verbose_name', '')}"
    return isinstance(field, SealedColumn | FingerprintField) or TELLING.search(words) is not None


def test_every_column_that_sounds_like_personal_data_has_a_class_or_a_reason_why_it_has_none():
    known = {f"{model}.{name}" for model, fields in declared().items() for name in fields} | set(harmless())
    unknown = sorted(name for name, field in columns().items() if sounds_personal(name, field) and name not in known)
    assert unknown == [], "declare them in field_classes.py beside their models"


def test_what_is_declared_exists_and_is_declared_once():
    known = [f"{model}.{name}" for model, fields in declared().items() for name in fields]
    assert set(known) | set(harmless()) <= set(columns())
    assert not set(known) & set(harmless())
    with pytest.raises(ValueError, match="twice"):
        declare("personnel.person", {"phone": FieldClass.SENSITIVE})


def every_list() -> list[type[ListPage]]:
    found, waiting = [], [ListPage]
    while waiting:
        below = waiting.pop().__subclasses__()
        found += below
        waiting += below
    return [each for each in found if each.__module__.startswith("bianzhi.")]


def classes_at(listing: type[ListPage], path: str) -> set[FieldClass]:
    """The classes of what a list shows at a path: a list does not say whose rows it shows, its app and the path do."""
    *way, last = path.split(".")
    found = set()
    for model in apps.get_models():
        owner: type[Model] | None = model
        if way or model._meta.app_label == listing.__module__.split(".")[1] or TELLING.search(last):
            for step in way:
                owner = related(owner, step)
            if owner and (each := class_of(owner._meta.label_lower, last)):
                found.add(each)
    return found


def related(model: type[Model] | None, step: str) -> type[Model] | None:
    """Where a step of a path leads, None if it is no relation of the model."""
    if model is None or not hasattr(model, step):
        return None
    try:
        return model._meta.get_field(step).related_model
    except FieldDoesNotExist:
        return None


def test_a_column_of_a_list_that_shows_a_classified_field_says_so_and_is_masked():
    get_resolver().url_patterns  # noqa: B018 - every page is imported
    wrong, masked = [], 0
    for listing in every_list():
        for column in getattr(listing, "columns", ()):
            found = classes_at(listing, column.value or column.key) if isinstance(column.value, str) else set()
            masked += bool(found)
            wrong += [f"{listing.__name__}.{column.key}"] if found - {column.field_class} else []
    assert wrong == []
    assert masked >= 2, "the columns of ID numbers and of phones, at least"


@pytest.mark.parametrize(
    ("found", "text", "masked"),
    [
        (FieldClass.IDENTITY, "330699198706050013", "330699***********3"),
        (FieldClass.CONTACT, PHONE, "139****1234"),
        (FieldClass.SENSITIVE, "因病", HIDDEN),
        (FieldClass.SECRET, "x", HIDDEN),
        (FieldClass.SECRET, "", ""),
    ],
)
def test_each_class_masks_in_its_own_way(found, text, masked):
    assert found.mask(text) == masked


def test_each_class_but_secrets_has_a_permission_somebody_may_hold():
    assert {each.permission for each in FieldClass if each is not FieldClass.SECRET} <= set(PERMISSIONS)
    assert FieldClass.SECRET.permission == ""
    shown = [revealables.get(kind) for kind in revealables.kinds()]
    assert all(each is not None and each.field_class.permission for each in shown)


# --- looking at one value ----------------------------------------------------------------------------------------


@pytest.fixture
def person(db) -> Person:
    cast = assemble()
    found = cast.fill(cast.bureau, "A1", 1)[0].person
    found.phone = PHONE
    found.save(update_fields=["phone"])
    return found


def test_a_phone_is_masked_and_shown_whole_for_a_purpose_on_record(person):
    browser = signed_in(account("clerk", "office_clerk"))
    page = browser.get(f"/personnel/people/{person.pk}/").content.decode()
    assert PHONE not in page
    assert "139****1234" in page
    url = f"/disclosure/reveal/phone/{person.pk}/"
    assert PHONE not in browser.get(url).content.decode()
    assert browser.post(url, {"purpose": "", "note": "通知面谈"}).status_code == 422
    assert browser.post(url, {"purpose": "matter", "note": ""}).status_code == 422
    assert PHONE in browser.post(url, {"purpose": "matter", "note": "通知面谈时间"}).content.decode()
    facts = json.loads(AuditEntry.objects.get(action="disclosure.field_revealed").facts)
    assert facts == {"class": "contact", "field": "联系电话", "purpose": f"{PURPOSES['matter']}：通知面谈时间"}


def test_a_phone_is_shown_to_nobody_without_the_permission_or_outside_the_scope(person):
    unit = account("unit", "unit_clerk", organization_id=person.occupancies.get().organization_id)
    assert signed_in(unit).get(f"/disclosure/reveal/phone/{person.pk}/").status_code == 403
    clerk = signed_in(account("clerk", "office_clerk"))
    assert clerk.get("/disclosure/reveal/phone/999/").status_code == 404
    assert clerk.get(f"/disclosure/reveal/nothing/{person.pk}/").status_code == 404
    phone = revealables.get("phone")
    assert phone is not None
    with pytest.raises(Denied):
        reveal_field(actor=unit, revealable=phone, row=person, purpose="通知面谈时间")
    with pytest.raises(Refused):
        reveal_field(actor=account("other", "office_clerk"), revealable=phone, row=person, purpose=" ")
    assert not AuditEntry.objects.filter(action="disclosure.field_revealed").exists()


def test_what_is_of_no_class_cannot_be_registered_to_be_looked_at():
    odd = revealables.Revealable("odd", "姓名", "personnel.person", "name", lambda user, pk: None, str)
    with pytest.raises(LookupError):
        _ = odd.field_class
    assert class_of("personnel.person", "name") is None

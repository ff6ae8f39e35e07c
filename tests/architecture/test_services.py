"""Only services write, and every service is one audited unit of work that some test knows by name."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bianzhi

TESTS = Path(__file__).resolve().parents[1]
SOURCE = Path(bianzhi.__path__[0])
REGISTER_APPS = ("accounts", "documents", "organizations", "ledger", "personnel", "imports", "office", "reports")
WRITING = re.compile(
    r"\.(bulk_create|bulk_update|get_or_create|update_or_create|save)\(|objects\.create\(|\)\.(update|delete)\("
)
MAY_WRITE = {"accounts/models.py": "the manager's create_user, as Django asks for it; services call it"}
"""Files outside services that write all the same: path below src/bianzhi → why."""

ACTS_BY_ITSELF = {
    "bianzhi.accounts.services.sign_ins.note_login": "the account that logs in is the one who acts",
    "bianzhi.accounts.services.sign_ins.note_logout": "the account that logs out is the one who acts",
    "bianzhi.accounts.services.failed_logins.note_failure": "nobody is known to have acted",
    "bianzhi.accounts.services.users.change_own_password": "only the account itself can",
    "bianzhi.accounts.services.sign_ins.keep_this_one": "only the account itself can",
    "bianzhi.accounts.services.sign_ins.end": "only the account itself can",
    "bianzhi.accounts.services.second_factors.begin": "only the account itself can",
    "bianzhi.accounts.services.second_factors.confirm": "only the account itself can",
    "bianzhi.accounts.services.second_factors.drop_own": "only the account itself can",
    "bianzhi.accounts.services.second_factors.verify": "the account that logs in is the one who acts",
    "bianzhi.accounts.services.passkeys.register": "only the account itself can",
    "bianzhi.accounts.services.passkeys.rename": "only the account itself can",
    "bianzhi.accounts.services.passkeys.remove": "only the account itself can",
    "bianzhi.accounts.services.passkeys.accept": "the account that logs in is the one who acts",
    "bianzhi.accounts.services.linked_identities.link_own": "only the account itself can",
    "bianzhi.accounts.services.linked_identities.unlink_own": "only the account itself can",
    "bianzhi.accounts.services.linked_identities.recognise": "the account that logs in is the one who acts",
}
"""Services without an `actor`: dotted name → who acts."""


def public_functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function defined in a `services` module of any app."""
    for module_info in pkgutil.walk_packages(bianzhi.__path__, "bianzhi."):
        if ".services" not in module_info.name:
            continue
        module = importlib.import_module(module_info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module_info.name and not name.startswith("_"):
                yield f"{module_info.name}.{name}", function


def is_service(function: Callable[..., Any]) -> bool:
    """Whether it acts for somebody; locks and lookups that services share do not."""
    return "actor" in inspect.signature(function).parameters or getattr(function, "is_unit_of_work", False)


def is_part_of_an_act(function: Callable[..., Any]) -> bool:
    """Whether it does its share of an act in progress: the service that began the act records what it writes."""
    return "act" in inspect.signature(function).parameters


FUNCTIONS = list(public_functions())
SERVICES = [(name, function) for name, function in FUNCTIONS if is_service(function)]
names = pytest.mark.parametrize(("name", "function"), SERVICES, ids=[name for name, _ in SERVICES])


@names
def test_a_service_is_a_unit_of_work(name, function):
    assert getattr(function, "is_unit_of_work", False), f"{name} writes without @unit_of_work"


@names
def test_a_service_takes_its_actor_and_everything_else_by_name(name, function):
    parameters = inspect.signature(function).parameters
    assert "actor" in parameters or name in ACTS_BY_ITSELF, f"{name} does not say who acts"
    positional = [one.name for one in parameters.values() if one.kind is not inspect.Parameter.KEYWORD_ONLY]
    assert not positional, f"{name} takes {positional} by position"


@names
def test_a_service_is_named_in_some_test(name, function):
    short = re.compile(rf"\b{name.rsplit('.', 1)[1]}\b")
    assert any(short.search(file.read_text("utf-8")) for file in TESTS.rglob("*.py")), f"no test names {name}"


@pytest.mark.parametrize(("name", "function"), FUNCTIONS, ids=[name for name, _ in FUNCTIONS])
def test_a_function_that_acts_for_nobody_writes_nothing(name, function):
    if not is_service(function) and not is_part_of_an_act(function):
        assert not WRITING.search(inspect.getsource(function)), f"{name} writes, but takes no actor"


def test_only_services_write_the_register():
    writers = {
        str(file.relative_to(SOURCE))
        for app in REGISTER_APPS
        for file in (SOURCE / app).rglob("*.py")
        if not {"services", "migrations"} & set(file.relative_to(SOURCE).parts)
        and file.name != "services.py"
        and WRITING.search(file.read_text("utf-8"))
    }
    assert writers == set(MAY_WRITE)

"""The contracts the four departments start with: their own headings first, any usual heading understood."""

import json
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

from bianzhi.reconciliation.contracts.columns import usual_headings
from bianzhi.reconciliation.sources import DEPARTMENT_CODES


def default_schema(department: str) -> dict[str, Any]:
    """The Frictionless Table Schema a source of the department starts with. Raises KeyError for another code."""
    if department not in DEPARTMENT_CODES:
        raise KeyError(department)
    return deepcopy(_schema(department))


@cache
def _schema(department: str) -> dict[str, Any]:
    source = files("bianzhi.reconciliation.contracts").joinpath("data", f"{department}.json")
    schema: dict[str, Any] = json.loads(source.read_text(encoding="utf-8"))
    named = {heading for one in schema["fields"] for heading in (one["title"], *one["hub"].get("headings", ()))}
    for one in schema["fields"]:
        hub = one["hub"]
        usual = [heading for heading in usual_headings().get(hub.get("column", ""), ()) if heading not in named]
        hub["headings"] = [*hub.get("headings", ()), *usual]
    return schema

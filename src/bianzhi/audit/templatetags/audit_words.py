"""Audit entries in words: `{% load audit_words %}`."""

import json
from typing import Any

from django import template

from bianzhi.audit import catalogue
from bianzhi.audit.models import AuditEntry

register = template.Library()


@register.filter
def act(entry: AuditEntry) -> str:
    """Chinese wording of what was done."""
    return catalogue.label(entry.action)


@register.filter
def fact(entry: AuditEntry, name: str) -> Any:
    """One of the entry's facts; empty when it has none of that name."""
    return json.loads(entry.facts).get(name, "")

"""The staffing matters as they are declared: sound flows, fields the code reads locked, papers without ID numbers."""

import pytest

from bianzhi.matters.catalogue import MATTERS
from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.evidence import evidence_from_json, evidence_to_json
from bianzhi.matters.rules.fields import Kind, specs_from_json, specs_to_json
from bianzhi.workflow.models import FlowTask, TaskKind
from bianzhi.workflow.rules.profile import STAGES
from bianzhi.workflow.rules.validating import examine
from tests.matters.staffing import accepted, ratified, without_publication

CODES = ("P01", "P02", "P03", "P04", "P05", "P06", "P11", "P12", "P19")
each = pytest.mark.parametrize("code", CODES)


@each
def test_the_flow_is_sound_and_carries_the_chain(code):
    reading = examine(MATTERS[code].flow())
    assert [str(flaw) for flaw in reading.flaws] == []
    assert reading.process is not None
    stages = {node.stage for node in reading.process.nodes.values() if node.stage}
    assert stages == set(STAGES) - {"沟通预审"}


@each
def test_the_commands_run_in_the_order_they_are_declared(code):
    process = examine(MATTERS[code].flow()).process
    assert process is not None
    ours = set(MATTERS[code].commands)
    order = [node.command for node in process.nodes.values() if node.command in ours]
    assert sorted(order) == sorted(ours)


@each
def test_fields_and_papers_survive_being_kept_as_json(code):
    matter = MATTERS[code]
    assert specs_from_json(specs_to_json(matter.fields)) == matter.fields
    assert evidence_from_json(evidence_to_json(matter.evidence)) == matter.evidence


@each
def test_every_field_the_code_reads_is_locked(code):
    for spec in MATTERS[code].fields:
        assert spec.locked, spec.name
        assert all(column.locked for column in spec.columns), spec.name


@each
def test_every_condition_names_a_field_of_the_form(code):
    names = {spec.name for spec in MATTERS[code].fields}
    asked = {spec.only.field for spec in MATTERS[code].fields if spec.only is not None}
    asked |= {paper.only.field for paper in MATTERS[code].evidence if paper.only is not None}
    assert asked <= names
    units = {spec.choices_of for spec in MATTERS[code].fields if spec.kind in (Kind.SLOT, Kind.BODY)}
    assert units - {"", "own"} <= names


def test_every_staffing_matter_is_installed_and_published(matters):
    published = MatterVersion.objects.filter(status="published").values_list("matter", flat=True)
    assert set(CODES) <= set(published)


def test_the_liaisons_get_an_approval_to_read(matters):
    without_publication("P02")
    form = {"items": [{"quota_type": "A1", "entry_mode": "I01", "count": 1}], "reason": "补充力量"}
    case = ratified(matters, accepted(matters, matters.apply("P02", form)))
    copies = FlowTask.objects.filter(instance_id=case.instance_id, kind=TaskKind.COPY)
    assert set(copies.values_list("pool_role", flat=True)) | set(
        copies.values_list("assignee__username", flat=True)
    ) >= {
        "liaison_organization",
        "liaison_hr",
        "liaison_finance",
    }

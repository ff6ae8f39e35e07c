"""Which version of a matter holds, and what of its form is whose to fill in."""

from collections.abc import Sequence

from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.fields import FieldSpec, Kind, specs_from_json
from bianzhi.workflow.models import FlowTask, FlowVersion
from bianzhi.workflow.selectors.definitions import process_of


def current_version(matter: str) -> MatterVersion | None:
    """The version new cases take; None while the matter is not set up."""
    rows = MatterVersion.objects.select_related("flow_version__definition").filter(matter=matter, status="published")
    return rows.order_by("-number").first()


def draft_version(matter: str) -> MatterVersion | None:
    """The version an administrator is working on; None when there is none."""
    return MatterVersion.objects.filter(matter=matter, status="draft").first()


def applicant_specs(version: MatterVersion) -> tuple[FieldSpec, ...]:
    """The fields whoever applies fills in: all but those that steps of the office write."""
    written = written_by_steps(version.flow_version)
    return tuple(spec for spec in specs_from_json(version.fields) if spec.name not in written)


def starting_form(version: MatterVersion, organization_id: int) -> dict[str, int]:
    """What a form is begun with: the applying unit, where a unit of the applicant's own is asked for."""
    asked = (spec for spec in applicant_specs(version) if spec.kind == Kind.ORGANIZATION and spec.choices_of == "own")
    return {spec.name: organization_id for spec in asked}


def specs_at(version: MatterVersion, task: FlowTask) -> tuple[FieldSpec, ...]:
    """The fields the step of a task may write: the applicant's at the step of applying, its own at another."""
    node = process_of(task.instance.version).nodes.get(task.node_id)
    if node is None:
        return ()
    if node.submit:
        return applicant_specs(version)
    return tuple(spec for spec in specs_from_json(version.fields) if spec.name in node.fields_write)


def required_at(task: FlowTask) -> Sequence[str]:
    """Names of the fields that must be filled before the step of a task is agreed to."""
    node = process_of(task.instance.version).nodes.get(task.node_id)
    return () if node is None or node.submit else node.fields_required


def written_by_steps(flow_version: FlowVersion) -> frozenset[str]:
    """Names of the fields written by steps other than that of applying."""
    nodes = process_of(flow_version).nodes.values()
    return frozenset(name for node in nodes if not node.submit for name in node.fields_write)

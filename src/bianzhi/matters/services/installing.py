"""Setting up the matters this release brings: flow and version 1 of each that is not there yet."""

from collections.abc import Collection

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.matters import catalogue
from bianzhi.matters.declarations import Matter
from bianzhi.matters.models import SUBJECT_KIND, MatterVersion
from bianzhi.matters.services.configuring import CONFIGURE, MatterSettings, publish_matter, save_matter_draft
from bianzhi.workflow.models import FlowDefinition, FlowVersion
from bianzhi.workflow.selectors.definitions import current
from bianzhi.workflow.services.definitions import create_definition, publish, save_draft

NOTE = "随系统安装"


@unit_of_work
def install_matters(*, actor: Actor, only: Collection[str] | None = None) -> list[str]:
    """Install what is missing (of `only`, or of all); what an administrator has made of a matter is left alone.

    Returns the codes. Run at every start. Raises Refused when a shipped definition is not sound: the release is broken.
    """
    policies.require(actor, CONFIGURE)
    there = set(MatterVersion.objects.values_list("matter", flat=True).distinct())
    wanted = set(catalogue.MATTERS if only is None else only) - there
    missing = [catalogue.matter(code) for code in sorted(wanted)]
    for matter in missing:
        _install(actor, matter)
    return [matter.code for matter in missing]


def _install(actor: Actor, matter: Matter) -> None:
    flow = current(matter.flow_key) or _flow(actor, matter)
    settings = MatterSettings(
        fields=matter.fields,
        evidence=matter.evidence,
        approvers=matter.approvers,
        clock_days=matter.clock_days,
        publication_days=matter.publication_days,
        sampling_percent=matter.sampling_percent,
        flow_version_id=flow.pk,
        note=NOTE,
    )
    version = publish_matter(
        actor=actor, version_id=save_matter_draft(actor=actor, matter=matter.code, settings=settings).pk
    )
    record("matters.installed", actor=actor, subject=version, facts={"matter": matter.code, "title": matter.title})


def _flow(actor: Actor, matter: Matter) -> FlowVersion:
    definition = FlowDefinition.objects.filter(key=matter.flow_key).first() or create_definition(
        actor=actor, key=matter.flow_key, title=str(matter), subject_kind=SUBJECT_KIND
    )
    draft = save_draft(actor=actor, definition_id=definition.pk, xml=matter.flow(), note=NOTE)
    return publish(actor=actor, version_id=draft.pk)

"""设置事项: an administrator drafts and publishes a version of a matter; new cases take it, others keep theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Max
from django.utils import timezone

from bianzhi.accounts import policies
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.objections import Objection, Refused, Severity, refuse_if
from bianzhi.matters import catalogue
from bianzhi.matters.models import MatterVersion
from bianzhi.matters.rules.approvers import ApproverRule, approvers_from_json, approvers_to_json
from bianzhi.matters.rules.configuring import Proposal, objections_to_matter
from bianzhi.matters.rules.evidence import EvidenceSpec, evidence_from_json, evidence_to_json
from bianzhi.matters.rules.fields import FieldSpec, specs_from_json, specs_to_json
from bianzhi.matters.selectors.facts import OF_EVERY_CASE
from bianzhi.workflow.models import FlowDefinition, FlowVersion, VersionStatus
from bianzhi.workflow.selectors.definitions import process_of

CONFIGURE: Final = "matters.configure"
LONGEST_NOTE: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterSettings:
    """Everything of a matter that an administrator may change."""

    fields: Sequence[FieldSpec]
    evidence: Sequence[EvidenceSpec]
    approvers: Sequence[ApproverRule]
    clock_days: int
    publication_days: int
    sampling_percent: int
    flow_version_id: int
    note: str = ""

    @classmethod
    def of(cls, version: MatterVersion) -> "MatterSettings":
        """What a version says, to be changed in parts with `dataclasses.replace`."""
        return cls(
            fields=specs_from_json(version.fields),
            evidence=evidence_from_json(version.evidence),
            approvers=approvers_from_json(version.approvers),
            clock_days=version.clock_days,
            publication_days=version.publication_days,
            sampling_percent=version.sampling_percent,
            flow_version_id=version.flow_version_id,
        )


@unit_of_work
def save_matter_draft(*, actor: Actor, matter: str, settings: MatterSettings) -> MatterVersion:
    """Keep what is being set: in the draft there is, or in a new one with the next number. It may be unfinished.

    Raises UnknownMatter, Denied, and Refused for numbers no column holds and a flow version that does not exist (M81).
    """
    policies.require(actor, CONFIGURE)
    catalogue.matter(matter)
    _lock_versions(matter)
    refuse_if(_objections_to_keeping(settings))
    version = MatterVersion.objects.filter(matter=matter, status="draft").first() or MatterVersion(
        matter=matter, number=_next_number(matter)
    )
    version.fields = specs_to_json(settings.fields)
    version.evidence = evidence_to_json(settings.evidence)
    version.approvers = approvers_to_json(settings.approvers)
    version.clock_days = settings.clock_days
    version.publication_days = settings.publication_days
    version.sampling_percent = settings.sampling_percent
    version.flow_version_id = settings.flow_version_id
    version.note = settings.note.strip()
    version.created_by_id, version.created_at = actor.pk, timezone.now()
    version.save()
    facts = {"matter": matter, "number": version.number, "note": version.note}
    record("matters.version_saved", actor=actor, subject=version, facts=facts, wrote=[version])
    return version


@unit_of_work
def publish_matter(*, actor: Actor, version_id: int) -> MatterVersion:
    """Let new cases take a draft; the version before it is retired, its cases go on with it.

    Raises Denied, and Refused with everything `objections_to_version` finds, or for a version that is no draft (M82).
    """
    policies.require(actor, CONFIGURE)
    _lock_versions(MatterVersion.objects.values_list("matter", flat=True).get(pk=version_id))
    version = MatterVersion.objects.select_related("flow_version__definition").get(pk=version_id)
    if version.status != "draft":
        message = f"{version}{version.get_status_display()}，只有草稿可以发布"
        raise Refused([Objection("M82", message, Severity.BLOCK, {}, "请刷新页面")])
    refuse_if(objections_to_version(version))
    before = list(MatterVersion.objects.filter(matter=version.matter, status="published"))
    for row in before:
        row.status = "retired"
        row.save(update_fields=["status"])
    version.status = "published"
    version.published_by_id, version.published_at = actor.pk, timezone.now()
    version.save(update_fields=["status", "published_by_id", "published_at"])
    facts = {"matter": version.matter, "number": version.number, "flow_version": version.flow_version_id}
    record("matters.version_published", actor=actor, subject=version, facts=facts, wrote=[version, *before])
    outbox.put("matters.version_published", key=version.pk, payload={"matter": version.matter})
    return version


def objections_to_version(version: MatterVersion) -> list[Objection]:
    """Everything that stands against publishing a draft, as the settings page lists it."""
    declared = catalogue.matter(version.matter)
    flow = version.flow_version
    if flow.definition.key != declared.flow_key or flow.status != VersionStatus.PUBLISHED:
        message = f"所选流程“{flow}”不是该事项已发布的流程"
        return [Objection("M81", message, Severity.BLOCK, {}, "请先发布流程，再选用")]
    settings = MatterSettings.of(version)
    proposal = Proposal(
        fields=settings.fields,
        evidence=settings.evidence,
        approvers=settings.approvers,
        clock_days=settings.clock_days,
        publication_days=settings.publication_days,
        sampling_percent=settings.sampling_percent,
        process=process_of(flow),
        declared_fields=declared.fields,
        declared_evidence=declared.evidence,
        acts=[name for name, command in declared.commands.items() if command.is_rehearsed],
        facts=[*OF_EVERY_CASE, *declared.facts],
    )
    return objections_to_matter(proposal)


def _lock_versions(matter: str) -> None:
    """The matter's flow definition is what one administrator at a time holds: versions are numbered one by one."""
    list(FlowDefinition.objects.select_for_update().filter(key=catalogue.matter(matter).flow_key))


def _next_number(matter: str) -> int:
    highest = MatterVersion.objects.filter(matter=matter).aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def _objections_to_keeping(settings: MatterSettings) -> list[Objection]:
    """What not even a draft can hold."""
    found = []
    for label, value in (
        ("办理时限", settings.clock_days),
        ("公示期", settings.publication_days),
        ("督查抽查比例", settings.sampling_percent),
    ):
        if not 0 <= value <= 1000:
            found.append(Objection("M81", f"{label}应为 0–1000 的整数，现为 {value}", Severity.BLOCK, {}, "请改正"))
    if len(settings.note.strip()) > LONGEST_NOTE:
        found.append(Objection("M81", f"修改说明最多 {LONGEST_NOTE} 个字", Severity.BLOCK, {}, "请删减"))
    if not FlowVersion.objects.filter(pk=settings.flow_version_id).exists():
        found.append(Objection("M81", "没有所选的流程版本", Severity.BLOCK, {}, "请重新选择流程"))
    return found

"""Flows as an administrator keeps them: drafted, published, retired. A published version never changes.

Publishing asks everything that can be known beforehand (`rules.validating`); running cases keep the version they have.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Max
from django.utils import timezone

from bianzhi.accounts.policies import require
from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.common import outbox
from bianzhi.kernel.digests import sm3_hex
from bianzhi.kernel.objections import Objection, Refused, refuse_if
from bianzhi.workflow.models import FlowDefinition, FlowVersion, VersionStatus
from bianzhi.workflow.models.instances import LIVE
from bianzhi.workflow.rules.flaws import Code
from bianzhi.workflow.rules.profile import Flaw
from bianzhi.workflow.rules.reading import read
from bianzhi.workflow.rules.validating import examine
from bianzhi.workflow.selectors.definitions import calls_of, current, known

CONFIGURE: Final = "matters.configure"
KEY: Final = re.compile(r"[a-z][a-z0-9_]{1,39}")
LENGTHS: Final = {"title": 80, "subject_kind": 40, "note": 300}


@unit_of_work
def create_definition(*, actor: Actor, key: str, title: str, subject_kind: str) -> FlowDefinition:
    """Name a flow; what it says comes with its first version.

    Raises Refused for a key that is malformed or taken, and for an empty or overlong title (D1, D2).
    """
    require(actor, CONFIGURE)
    title = title.strip()
    refuse_if(_objections_to_naming(key, title, subject_kind))
    definition = FlowDefinition.objects.create(key=key, title=title, subject_kind=subject_kind)
    facts = {"key": key, "subject_kind": subject_kind}
    record("workflow.definition_created", actor=actor, subject=definition, facts=facts, wrote=[definition])
    return definition


@unit_of_work
def save_draft(*, actor: Actor, definition_id: int, xml: str, note: str = "") -> FlowVersion:
    """Keep what is being edited: in the draft there is, or in a new version with the next number.

    A draft may be unfinished, but it must be BPMN that can be opened again: anything else is Refused by its flaw.
    """
    require(actor, CONFIGURE)
    definition = _locked(definition_id)
    reading = read(xml)
    if reading.process is None:
        raise Refused(map(_objection, reading.flaws))
    refuse_if(_unfit("note", note.strip(), "修改说明"))
    draft = definition.versions.filter(status=VersionStatus.DRAFT).first() or _next_version(definition)
    draft.bpmn_xml, draft.digest, draft.note = xml, sm3_hex(xml), note.strip()
    draft.created_by_id, draft.created_at = actor.pk, timezone.now()
    draft.save()
    facts = {"number": draft.number, "digest": draft.digest}
    record("workflow.draft_saved", actor=actor, subject=draft, facts=facts, wrote=[draft])
    return draft


@unit_of_work
def publish(*, actor: Actor, version_id: int) -> FlowVersion:
    """Make a draft the version that new cases take.

    Raises Refused with one objection for every flaw (its F code, the element named), for flows that call each other
    in a circle (F35), and for a version that is no draft (D2).
    """
    require(actor, CONFIGURE)
    version = _locked_version(version_id)
    if version.status != VersionStatus.DRAFT:
        raise Refused([Objection("D2", f"{version}{version.get_status_display()}，只有草稿可以发布。")])
    reading = examine(version.bpmn_xml, known())
    refuse_if(_objection(flaw) for flaw in [*reading.flaws, *_circles(version)])
    version.status = VersionStatus.PUBLISHED
    version.published_by_id, version.published_at = actor.pk, timezone.now()
    version.save(update_fields=["status", "published_by_id", "published_at"])
    _tell("workflow.published", actor, version)
    return version


@unit_of_work
def retire(*, actor: Actor, version_id: int) -> FlowVersion:
    """Let no new case take a version; the published one before it, if any, takes its place. Running cases go on.

    Raises Refused for a version that is not published, and for the last one of a flow that others call: their cases
    would get stuck at the call (F35).
    """
    require(actor, CONFIGURE)
    version = _locked_version(version_id)
    if version.status != VersionStatus.PUBLISHED:
        raise Refused([Objection("D2", f"{version}{version.get_status_display()}，只有已发布的版本可以停用。")])
    refuse_if(_objections_to_retiring(version))
    version.status = VersionStatus.RETIRED
    version.save(update_fields=["status"])
    _tell("workflow.retired", actor, version)
    return version


def _tell(action: str, actor: Actor, version: FlowVersion) -> None:
    facts = {"key": version.definition.key, "number": version.number, "digest": version.digest}
    record(action, actor=actor, subject=version, facts=facts, wrote=[version])
    outbox.put(action, key=version.pk, payload={"key": version.definition.key, "number": version.number})


def _locked(definition_id: int) -> FlowDefinition:
    """The definition, locked: its versions are numbered, published and retired one at a time."""
    return FlowDefinition.objects.select_for_update().get(pk=definition_id)


def _locked_version(version_id: int) -> FlowVersion:
    definition_id = FlowVersion.objects.values_list("definition_id", flat=True).get(pk=version_id)
    _locked(definition_id)
    return FlowVersion.objects.select_related("definition").get(pk=version_id)


def _next_version(definition: FlowDefinition) -> FlowVersion:
    highest = definition.versions.aggregate(highest=Max("number"))["highest"] or 0
    return FlowVersion(definition=definition, number=highest + 1)


def _objection(flaw: Flaw) -> Objection:
    where = f"第 {flaw.line} 行，" if flaw.line else ""
    element = f"“{flaw.element}”：" if flaw.element else ""
    figures: dict[str, int | str] = {"element": flaw.element, "line": flaw.line}
    return Objection(str(flaw.code), f"{where}{element}{flaw.message}", figures=figures)


def _objections_to_naming(key: str, title: str, subject_kind: str) -> list[Objection]:
    found = [*_unfit("title", title, "流程名称"), *_unfit("subject_kind", subject_kind, "办理对象")]
    if not title or not subject_kind:
        found.append(Objection("D1", "流程名称和办理对象不能为空。"))
    if not KEY.fullmatch(key):
        text = f"流程标识“{key}”不合规定。"
        found.append(Objection("D2", text, next_step="请用小写字母开头，只含小写字母、数字和下划线，2 至 40 个字符。"))
    elif FlowDefinition.objects.filter(key=key).exists():
        found.append(Objection("D2", f"流程标识“{key}”已经有了。", next_step="请换一个标识，或者修改已有的流程。"))
    return found


def _unfit(name: str, text: str, label: str) -> list[Objection]:
    most = LENGTHS[name]
    if "\0" in text:
        return [Objection("D2", f"{label}中有不能保存的字符。", next_step="请删去后重新填写。")]
    if len(text) <= most:
        return []
    figures: dict[str, Any] = {"length": len(text), "most": most}
    return [Objection("D2", f"{label}有 {len(text)} 个字，最多 {most} 个。", figures=figures)]


def _circles(version: FlowVersion) -> Iterable[Flaw]:
    """Flows called by this one, directly or through others, that call it back: a case would never end."""
    own_key = version.definition.key
    for node_id, called in calls_of(version).items():
        seen, waiting = set(), [called]
        while waiting:
            key = waiting.pop()
            if key == own_key:
                yield Flaw(node_id, Code.CALL, f"子流程“{called}”又调用本流程“{own_key}”，会没有尽头。")
                break
            following = current(key)
            if key not in seen and following is not None:
                seen.add(key)
                waiting.extend(calls_of(following).values())


def _objections_to_retiring(version: FlowVersion) -> list[Objection]:
    others = version.definition.versions.filter(status=VersionStatus.PUBLISHED).exclude(pk=version.pk)
    if others.exists():
        return []
    key = version.definition.key
    in_use = FlowVersion.objects.filter(status=VersionStatus.PUBLISHED) | FlowVersion.objects.filter(
        instances__status__in=LIVE
    )
    callers = [
        caller
        for caller in in_use.exclude(definition=version.definition).select_related("definition").distinct()
        if key in calls_of(caller).values()
    ]
    if not callers:
        return []
    named = "、".join(str(caller) for caller in callers)
    text = f"这是“{version.definition}”唯一已发布的版本，而 {named} 要调用它，停用后那里的事项会办不下去。"
    return [Objection(str(Code.CALL), text, next_step="请先发布新版本，或者先停用调用它的流程。")]

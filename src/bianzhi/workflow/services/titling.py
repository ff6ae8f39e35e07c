"""A case that is sent in corrected may be about somebody else: its title follows the form."""

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import record, unit_of_work
from bianzhi.workflow.models import FlowInstance
from bianzhi.workflow.services.locking import lock_instance


@unit_of_work
def retitle(*, actor: Actor, instance_id: int, title: str) -> FlowInstance:
    """Give a live case another title; the same title, or a case that has ended, is left alone."""
    instance = lock_instance(instance_id)
    if instance.is_live and title[:200] != instance.title:
        facts = {"was": instance.title, "now": title[:200]}
        instance.title = title[:200]
        instance.save(update_fields=["title"])
        record("workflow.retitled", actor=actor, subject=instance, facts=facts)
    return instance

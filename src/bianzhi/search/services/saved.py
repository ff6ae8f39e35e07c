"""Searches people keep for themselves."""

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.kernel.masking import mask_numbers
from bianzhi.kernel.objections import Objection, Refused
from bianzhi.search.models import SavedSearch

MOST = 50
NAME_LENGTH = 60
QUERY_LENGTH = 2000


@unit_of_work
def save_search(*, actor: Actor, name: str, query: str) -> SavedSearch:
    """Keep a query under a name; the same name takes the new query. It concerns nobody else and leaves no record.

    Raises Refused without a name, with too long a query, and beyond 50 of them.
    """
    name = mask_numbers(" ".join(name.split()))
    if not name or len(name) > NAME_LENGTH:
        raise Refused([Objection("search.name", f"名称应为 1 至 {NAME_LENGTH} 个字，现有 {len(name)} 个字。")])
    if len(query) > QUERY_LENGTH:
        raise Refused([Objection("search.query", "检索条件过长，未保存。", next_step="请减少筛选条件后再保存。")])
    others = SavedSearch.objects.visible_to(actor).exclude(name=name)
    if others.count() >= MOST:
        raise Refused(
            [Objection("search.most", f"已保存 {MOST} 条检索，不能再增加。", next_step="请先删除不再使用的检索。")]
        )
    return SavedSearch.objects.update_or_create(owner_id=actor.pk, name=name, defaults={"query": query})[0]


@unit_of_work
def forget_search(*, actor: Actor, saved_id: int) -> str:
    """Take one of one's own searches away; returns its name. Raises SavedSearch.DoesNotExist for any other."""
    saved = SavedSearch.objects.visible_to(actor).get(pk=saved_id)
    saved.delete()
    return saved.name

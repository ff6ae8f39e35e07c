"""What `./bianzhi check` proves of the hub.

Settled findings have their history, nobody confirmed an own proposal, pairs stand where they were decided, changes
where their cases do, and delivered files are what was delivered.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from bianzhi.common.integrity import Finding as Fault
from bianzhi.exchange.models import (
    Change,
    ChangeState,
    Delivery,
    Finding,
    FindingState,
    FindingStep,
    LinkDecision,
    LinkReview,
    ReviewState,
)
from bianzhi.exchange.rules.actions import PROPOSALS, SETTLING, Action
from bianzhi.exchange.selectors.given_back import files_fault

CHUNK: Final = 2000
PROPOSED: Final = frozenset(action.value for action in PROPOSALS.values())
WORDS: Final = frozenset(action.value for action in Action)


def findings_have_histories() -> Iterator[Fault]:
    """Every finding begins with its discovery, and one that is settled or proposed says so in its history."""
    for pk, state, label, steps in _histories():
        where = f"核对差异 {label}（{pk}）"
        actions = [action for action, _ in steps]
        if not actions or actions[0] != Action.FOUND:
            yield Fault(where, "没有“核对发现”的记录")
        if unknown := sorted(set(actions) - WORDS):
            yield Fault(where, f"办理记录中有不认识的动作：{'、'.join(unknown)}")
        wanted = SETTLING.get(state)
        if wanted is not None and wanted not in actions:
            yield Fault(where, f"状态为“{FindingState(state).label}”，但没有“{wanted.label}”的记录")
        if state == FindingState.PROPOSED and not PROPOSED & set(actions):
            yield Fault(where, "状态为“待复核”，但没有提出处理意见的记录")


def nobody_confirms_alone() -> Iterator[Fault]:
    """What a second person decided follows a proposal, and that was somebody else's (R25)."""
    second = {Action.CONFIRMED.value, Action.DISMISSED.value}
    for pk, _, label, steps in _histories():
        proposer: int | None = None
        is_proposed = False
        for action, actor in steps:
            if action in PROPOSED:
                proposer, is_proposed = actor, True
            elif action in second:
                if not is_proposed:
                    yield Fault(f"核对差异 {label}（{pk}）", "复核之前没有处理意见")
                elif proposer is None or proposer == actor:
                    yield Fault(f"核对差异 {label}（{pk}）", "提出处理意见与复核为同一人（R25）")
                is_proposed = False


def _histories() -> Iterator[tuple[int, str, str, Sequence[tuple[str, int | None]]]]:
    """Each finding with its state, its label and its lines in order: (key, state, label, [(action, actor)])."""
    lines: dict[int, list[tuple[str, int | None]]] = {}
    steps = FindingStep.objects.order_by("finding_id", "pk").values_list("finding_id", "action", "actor_id")
    for finding_id, action, actor_id in steps.iterator(chunk_size=CHUNK):
        lines.setdefault(finding_id, []).append((action, actor_id))
    rows = Finding.objects.order_by("pk").values_list("pk", "state", "person_name", "unit", "kind")
    for pk, state, name, unit, kind in rows.iterator(chunk_size=CHUNK):
        yield pk, state, f"{name or unit} {kind}", lines.get(pk, [])


def decisions_and_reviews_agree() -> Iterator[Fault]:
    """A pair stands where its last decision put it; at most one decision of a pair is in force."""
    standing: dict[int, list[str]] = {}
    rows = LinkDecision.objects.filter(revoked_at__isnull=True, review__isnull=False).values_list("review_id", "kind")
    for review_id, kind in rows.iterator(chunk_size=CHUNK):
        if review_id is not None:
            standing.setdefault(review_id, []).append(kind)
    said = {"must": ReviewState.SAME, "never": ReviewState.DIFFERENT}
    for pk, state in LinkReview.objects.order_by("pk").values_list("pk", "state").iterator(chunk_size=CHUNK):
        kinds = standing.get(pk, [])
        decided = state in (ReviewState.SAME, ReviewState.DIFFERENT)
        if len(kinds) > 1:
            yield Fault(f"疑似同一人（{pk}）", f"有 {len(kinds)} 个有效判断")
        elif decided != bool(kinds) or (kinds and said[kinds[0]] != state):
            yield Fault(f"疑似同一人（{pk}）", f"状态为“{ReviewState(state).label}”，与判断记录不符")


def changes_follow_cases() -> Iterator[Fault]:
    """A change under way has a case; one that was dismissed or is registered says why."""
    for change in Change.objects.filter(state=ChangeState.CASE, case__isnull=True).order_by("pk"):
        yield Fault(f"识别的变动 {change}（{change.pk}）", "状态为“办理中”，但没有办件")
    ended = (ChangeState.REGISTERED, ChangeState.DISMISSED)
    for change in Change.objects.filter(state__in=ended, reason="").order_by("pk"):
        yield Fault(f"识别的变动 {change}（{change.pk}）", f"状态为“{change.get_state_display()}”，但没有说明")


def deliveries_as_kept() -> Iterator[Fault]:
    """Every delivered file, and every roster read from one, is in the folder with the digest it was registered with."""
    rows = Delivery.objects.order_by("pk").values_list("pk", "file_name", "sha256", "roster")
    for pk, name, *digests in rows.iterator(chunk_size=CHUNK):
        for what, digest in zip(("报送文件", "标准名册"), digests, strict=True):
            if digest:
                fault = files_fault(digest)
                if fault:
                    yield Fault(f"{what} {name}（{pk}）", fault)

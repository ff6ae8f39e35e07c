"""What `./bianzhi check` proves of the organisations."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import pairwise

from bianzhi.common.integrity import Finding
from bianzhi.kernel.names import organisation_name_key
from bianzhi.organizations.models import InternalBodyVersion, OrganizationVersion
from bianzhi.organizations.rules.subtrees import makes_a_circle

Lives = dict[int, list[OrganizationVersion]]


def _where(version: OrganizationVersion) -> str:
    return f"机构“{version.name}”（organizations_organizationversion.id={version.pk}）"


def _lives() -> Lives:
    """The versions of each organisation, oldest first."""
    lives: Lives = defaultdict(list)
    for version in OrganizationVersion.objects.current().order_by("valid_from", "pk").iterator(chunk_size=2000):
        lives[version.organization_id].append(version)
    return lives


def versions_follow_each_other() -> Iterator[Finding]:
    """Versions of one organisation neither overlap nor leave a gap."""
    for versions in _lives().values():
        for earlier, later in pairwise(versions):
            if earlier.valid_to is None or earlier.valid_to > later.valid_from:
                yield Finding(
                    _where(later), f"自 {later.valid_from} 起，与前一版本（至 {earlier.valid_to or '今'}）重叠"
                )
            elif earlier.valid_to < later.valid_from:
                yield Finding(_where(later), f"自 {later.valid_from} 起，与前一版本（至 {earlier.valid_to}）之间有空档")


def bodies_follow_each_other() -> Iterator[Finding]:
    """Versions of one internal body do not overlap, and lie within the life of their unit."""
    lives = _lives()
    previous: InternalBodyVersion | None = None
    rows = InternalBodyVersion.objects.current().order_by("body_id", "valid_from", "pk")
    for version in rows.iterator(chunk_size=2000):
        where = f"内设机构“{version.name}”（organizations_internalbodyversion.id={version.pk}）"
        same = previous is not None and previous.body_id == version.body_id
        if same and previous and (previous.valid_to is None or previous.valid_to > version.valid_from):
            yield Finding(where, f"自 {version.valid_from} 起，与前一版本重叠")
        previous = version
        unit = lives.get(version.organization_id)
        if not unit or not _covers(unit, version.valid_from, version.valid_to):
            yield Finding(where, f"自 {version.valid_from} 至 {version.valid_to or '今'}，超出所属单位的存续期间")


def superiors_exist() -> Iterator[Finding]:
    """Parents, supervising departments and quota holders are in force as long as what refers to them."""
    lives = _lives()
    for versions in lives.values():
        for version in versions:
            for label, superior_id in (
                ("隶属单位", version.parent_id),
                ("主管部门", version.supervising_department_id),
                ("合署主体", version.quota_holder_id),
            ):
                if superior_id is None:
                    continue
                superior = lives.get(superior_id)
                if not superior or not _covers(superior, version.valid_from, version.valid_to):
                    until = version.valid_to or "今"
                    yield Finding(
                        _where(version), f"{label}（机构 {superior_id}）在 {version.valid_from} 至 {until} 间不存在"
                    )


def no_circles() -> Iterator[Finding]:
    """On no day does a unit hang below itself."""
    lives = _lives()
    starts = {pk: [version.valid_from for version in versions] for pk, versions in lives.items()}
    changes = sorted({version.valid_from for versions in lives.values() for version in versions if version.parent_id})
    reported: set[int] = set()
    for day in changes:
        parents = {
            pk: found.parent_id
            for pk, versions in lives.items()
            if (found := _on(versions, starts[pk], day)) is not None
        }
        begun = [pk for pk in parents if day in starts[pk]]
        for pk in begun:
            if pk not in reported and makes_a_circle(parents, pk, parents[pk]):
                reported.add(pk)
                yield Finding(_where(lives[pk][bisect_right(starts[pk], day) - 1]), f"在 {day} 隶属于自己的下级机构")


def search_keys_fit() -> Iterator[Finding]:
    """The comparison key of a name is the key of that name."""
    for version in OrganizationVersion.objects.current().iterator(chunk_size=2000):
        if version.name_folded != organisation_name_key(version.name)[:200]:
            yield Finding(_where(version), "名称比对键与名称不符")


def _on(versions: list[OrganizationVersion], starts: list[date], day: date) -> OrganizationVersion | None:
    index = bisect_right(starts, day) - 1
    if index < 0:
        return None
    found = versions[index]
    return found if found.valid_to is None or found.valid_to > day else None


def _covers(versions: list[OrganizationVersion], start: date, end: date | None) -> bool:
    """Whether a life without gaps reaches over a whole period."""
    last = versions[-1].valid_to
    return versions[0].valid_from <= start and (last is None or (end is not None and end <= last))

"""What `./bianzhi check` proves of keeping: numbers without gaps, nothing destroyed alone, packages whole."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from bianzhi.archives.models import Appraisal, AppraisalLine, AppraisalState, Item, ItemState, Package
from bianzhi.archives.rules.archival_code import series_in
from bianzhi.common.integrity import Finding
from bianzhi.common.kept_files import KeptFiles, sha256_of
from bianzhi.common.models import SerialCounter
from bianzhi.kernel.file_digests import digests_of, pieces_from

PACKAGES: Final = KeptFiles("archive-packages", sha256_of)
"""Packages written and taken in."""
COUNTERS: Final = "archives:"


def codes_without_gaps() -> Iterator[Finding]:
    """档号: each has its number, each series runs from 1; series that came by a package may begin anywhere."""
    came = set(Package.objects.filter(direction="in").values_list("items", flat=True))
    series: dict[str, list[int]] = defaultdict(list)
    moved: set[str] = set()
    rows = Item.objects.exclude(code=None).order_by("code").values_list("pk", "code", "number")
    for pk, code, number in rows.iterator():
        name = series_in(code or "", number)
        if name is None:
            yield Finding(_where(pk, code), f"档号与件号 {number} 不符")
            continue
        series[name].append(number or 0)
        if pk in came:
            moved.add(name)
    counters = dict(SerialCounter.objects.filter(series__startswith=COUNTERS).values_list("series", "last"))
    for name, numbers in series.items():
        if name not in moved and sorted(numbers) != list(range(1, len(numbers) + 1)):
            yield Finding(f"档号 {name}", "件号有缺号或重号")
        last = counters.get(COUNTERS + name)
        if last is not None and last < max(numbers):
            yield Finding(f"档号 {name}", f"已编到 {max(numbers)}，编号记录只到 {last}，会重号")


def _where(pk: int, code: str | None) -> str:
    return f"档案 {code or pk}（archives_item.id={pk}）"


def filed_as_described() -> Iterator[Finding]:
    """What is filed has a 档号, the moment it was filed, and all its pages."""
    for item in Item.objects.filter(state=ItemState.FILED).prefetch_related("pages").iterator(chunk_size=200):
        if not item.code or item.filed_at is None:
            yield Finding(_where(item.pk, item.code), "已归档而没有档号或归档时间")
        numbers = sorted(page.number for page in item.pages.all())
        if numbers != list(range(1, item.page_count + 1)):
            yield Finding(_where(item.pk, item.code), f"登记 {item.page_count} 页，页次为 {numbers[:10]}")


def nothing_destroyed_alone() -> Iterator[Finding]:
    """Appraisals are decided by another person than proposed them; what is destroyed was approved to be."""
    for row in Appraisal.objects.exclude(decided_by=None):
        if row.decided_by_id == row.proposed_by_id:
            yield Finding(f"档案鉴定 {row}（archives_appraisal.id={row.pk}）", "提出人与审批人是同一人")
    approved = AppraisalLine.objects.filter(outcome="destroy", appraisal__state=AppraisalState.CARRIED_OUT)
    came = Package.objects.filter(direction="in").values("items")
    gone = Item.objects.filter(state=ItemState.DISPOSED).exclude(pk__in=approved.values("item"))
    for item in gone.exclude(pk__in=came):
        yield Finding(_where(item.pk, item.code), "已销毁，但没有经批准并执行的鉴定")


def packages_as_kept() -> Iterator[Finding]:
    """The file of every package is the one its digest names."""
    for package in Package.objects.exclude(sha256=""):
        where = f"移交包 {package}（archives_package.id={package.pk}）"
        try:
            with PACKAGES.open(package.sha256) as stream:
                found = digests_of(pieces_from(stream)).sha256
        except FileNotFoundError:
            yield Finding(where, "文件不存在")
            continue
        except OSError as error:
            yield Finding(where, f"文件无法读取：{error}")
            continue
        if found != package.sha256:
            yield Finding(where, "文件内容与登记的摘要不符")

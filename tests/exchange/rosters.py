"""Files as departments deliver them, and the ways they go in."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from bianzhi.common import jobs
from bianzhi.exchange.models import Delivery, Source
from bianzhi.exchange.services.deliveries import deliver
from bianzhi.exchange.services.sources import register_source
from bianzhi.kernel.identifiers.id_number import UNALLOCATED_REGION, check_character

HEADINGS = ("姓名", "身份证号", "性别", "出生年月", "单位名称")


def number(serial: int) -> str:
    """A sound ID number of a region that was never issued."""
    body = f"{UNALLOCATED_REGION}198706{serial // 999 % 28 + 1:02d}{serial % 999 + 1:03d}"
    return body + check_character(body)


def people(count: int, unit: str = "测试区财政局", first: int = 0) -> list[tuple[str, ...]]:
    """Rows under HEADINGS."""
    return [(f"虞测{serial}", number(serial), "男", "1987.06", unit) for serial in range(first, first + count)]


def as_csv(rows: Sequence[Sequence[Any]], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8-sig") -> bytes:
    """A text table with a header."""
    text = io.StringIO()
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def source_of(actor: Any, department: str = "finance", **settings: Any) -> Source:
    """A registered source with the usual contract in force."""
    return register_source(
        actor=actor, code=f"{department}-system", name=f"{department} 系统", department=department, **settings
    )


def bring(actor: Any, source: Source, data: bytes, period: str = "2026-02", **told: Any) -> Delivery:
    """Deliver and have it read; the delivery as it stands afterwards."""
    name = told.pop("file_name", "名册.csv")
    delivered = deliver(actor=actor, source_id=source.pk, period=period, file_name=name, data=data, **told)
    jobs.run_waiting()
    return Delivery.objects.get(pk=delivered.pk)

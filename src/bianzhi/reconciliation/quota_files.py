"""Approved numbers of units, as a Parquet file beside the rosters."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from bianzhi.reconciliation.stages import QUOTAS


class NotQuotas(ValueError):
    """The file does not hold approved numbers; the message says so in Chinese."""


def read_quotas(path: Path) -> pa.Table:
    """The table QUOTAS: unit, quota_type, approved. A file without types is of all types together.

    Raises NotQuotas for a file that cannot be read or lacks the unit or the number.
    """
    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise NotQuotas(f"读不了核定编制数文件 {path}：应为 Parquet 文件。") from error
    if not {"unit", "approved"} <= set(table.column_names):
        raise NotQuotas(f"核定编制数文件 {path} 缺少列：应有 unit（单位）和 approved（核定数）。")
    if "quota_type" not in table.column_names:
        table = table.append_column("quota_type", pa.nulls(table.num_rows, pa.string()))
    return table.select(QUOTAS.names).cast(QUOTAS)

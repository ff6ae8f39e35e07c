"""Every export, of a list or of a report, is recorded before the file leaves."""

from bianzhi.common.web.access import PageRequest
from bianzhi.common.web.exports import Exported
from bianzhi.reports.services.exports import record_export


def on_export(request: PageRequest, exported: Exported) -> None:
    """The listener of `common.web.exports`."""
    record_export(
        actor=request.user,
        key=exported.list_key,
        title=exported.title,
        file_format=exported.format,
        rows=exported.rows,
        columns=exported.columns,
        conditions=exported.conditions,
    )

"""The reports there are, in the order of their codes."""

from typing import Final

from bianzhi.reports.definitions import t01, t03, t08, t10, t11, t12, t15, t16
from bianzhi.reports.definitions.base import Report

REPORTS: Final[dict[str, Report]] = {
    report.slug: report
    for report in (t01.REPORT, t03.REPORT, t08.REPORT, t10.REPORT, t11.REPORT, t12.REPORT, t15.REPORT, t16.REPORT)
}

"""Synthetic rosters of four departments over two months, with injected errors and the truth about them.

Nobody in them exists: ID numbers carry the region 330699, which was never issued. The same options give the same bytes.
The way: `units` and `persons` (who there is) → `lives` (what happens to each over two months) → `postings` (which
department lists whom, where) → `mistakes` (what the clerks wrote) → `writing` (files) and `truth` (labels).
"""

from bianzhi.reconciliation.generate.options import Form, GenerateOptions
from bianzhi.reconciliation.generate.world import TooManyPeople, write_rosters, write_rosters_of

__all__ = ["Form", "GenerateOptions", "TooManyPeople", "write_rosters", "write_rosters_of"]

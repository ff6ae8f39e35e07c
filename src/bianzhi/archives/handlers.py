"""What the archive contributes to the pages of the platform: menu, tabs, search, colours, jobs."""

from bianzhi.archives.jobs import dropbox
from bianzhi.archives.search_source import SOURCE
from bianzhi.archives.selectors import keeping_proofs, relations, soundness
from bianzhi.archives.web import showing
from bianzhi.common import integrity, jobs
from bianzhi.search import sources


def register() -> None:
    """Put everything in its place; called once at start."""
    relations.rests_on("ledger.ledgerentry", relations.document_of_entry)
    showing.show()
    sources.register(SOURCE)
    integrity.register("archives.originals", "档案原件与登记的摘要一致", soundness.originals_as_kept)
    integrity.register("archives.arrivals", "接收的文件与原件一致", soundness.arrivals_and_originals_agree)
    integrity.register("archives.codes", "档号不缺号、不重号", keeping_proofs.codes_without_gaps)
    integrity.register("archives.filed", "归档的件有档号、页次齐全", keeping_proofs.filed_as_described)
    integrity.register("archives.disposal", "销毁都经第二人审批", keeping_proofs.nothing_destroyed_alone)
    integrity.register("archives.packages", "移交包文件与登记的摘要一致", keeping_proofs.packages_as_kept)
    jobs.every("archives.dropbox", 30, dropbox.look)

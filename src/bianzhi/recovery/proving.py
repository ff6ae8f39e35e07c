"""Every label in the folder of backups is an anchor as well: the chain must still hold the head it names."""

from collections.abc import Iterator

from bianzhi.audit.anchors.lines import Anchor
from bianzhi.audit.anchors.proving import accepted_gaps, compare
from bianzhi.common.integrity import Finding
from bianzhi.recovery.selectors.standing import folder
from bianzhi.recovery.sets.folders import sets_in


def labels_fit_the_chain() -> Iterator[Finding]:
    """Compare the chain with the sets of the configured folder; one that is away proves nothing and stops nothing."""
    place = folder()
    if place is None or not place.is_dir():
        return
    labels = [one.label for one in sets_in(place) if one.label is not None and one.label.audit_seq]
    anchors = [Anchor(label.audit_seq, label.audit_hash, label.moment) for label in labels]
    for finding in compare(anchors, accepted_gaps()):
        yield Finding(f"备份目录 {place}：{finding.where}", finding.what.replace("锚点", "备份"))

"""Answering for the installation as it is now: its manifest is kept, the manifest's digest goes into the record."""

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import Subject, record, unit_of_work
from bianzhi.intrusion import installation
from bianzhi.intrusion.installation import Manifest
from bianzhi.kernel.objections import Objection, Refused


@unit_of_work
def seal_installation(*, actor: Actor, reason: str) -> Manifest:
    """Keep the manifest of what is installed now. Raises Refused (I20) without a reason."""
    if len(reason.strip()) < 2:
        raise Refused([Objection("I20", "没有写明原因。", next_step="例如：--reason 升级到 1.2")])
    manifest = installation.take_stock()
    facts = {
        "manifest": manifest.digest,
        "version": manifest.version,
        "files": len(manifest.files),
        "packages": len(manifest.packages),
        "structure": len(manifest.structure),
        "reason": reason.strip()[:200],
    }
    about = Subject("intrusion.installation", manifest.version, f"程序 {manifest.version}")
    record("intrusion.installation_sealed", actor=actor, subject=about, facts=facts)
    installation.keep(manifest)
    return manifest

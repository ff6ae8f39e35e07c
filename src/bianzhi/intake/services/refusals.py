"""The record of harmful files: who sent one, what it was, why it was refused."""

from bianzhi.audit.actors import Actor
from bianzhi.audit.unit_of_work import ID_LENGTH, Subject, record, unit_of_work
from bianzhi.intake.quarantine import Isolated


@unit_of_work
def note_refusal(*, actor: Actor, file: Isolated) -> None:
    """Somebody sent a harmful file. The name it came under is not kept: names hold those of people."""
    facts = {"sha256": file.sha256, "size": file.size, "suffix": file.suffix, "reason": file.reason}
    about = Subject("intake.file", file.sha256[:ID_LENGTH], "有害文件")
    record("intake.file_refused", actor=actor, subject=about, facts=facts)

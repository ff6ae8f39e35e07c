"""Why a backup cannot be made, read or restored: a fact, and what to do about it."""

from bianzhi.kernel.objections import Objection, Refused


class Damaged(Refused):
    """A part of a backup is not what was signed; the message names the file."""

    def __init__(self, what: str, why: str) -> None:
        self.what = what
        super().__init__([Objection("BK01", f"备份中的 {what} {why}", next_step="。请改用另一份备份。")])


class NoRoom(Refused):
    """A disk is too small for what is to be written on it."""

    def __init__(self, message: str, next_step: str) -> None:
        super().__init__([Objection("BK14", message, next_step=f"。{next_step}")])


def refusal(code: str, message: str, next_step: str = "") -> Refused:
    """One objection as an exception."""
    return Refused([Objection(code, message, next_step=f"。{next_step}" if next_step else "")])

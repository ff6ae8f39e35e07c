"""Anchors: the head of the chain, written down where whoever tampers with the database cannot reach.

A chain proves itself only up to its end: cut the tail, restore an old backup or recompute every hash, and it looks
whole. An anchor, one line "number, hash, time, kind, HMAC" kept in another place, gives such tampering away.
BIANZHI_ANCHORS names the places: files on another mount, or the address of a witness on another machine. Every act is
anchored within a second of its commit, and the worker adds a heartbeat every minute, so that silence is visible too.
An office without another machine prints the head once a day.

    lines     one anchor as a line of text, and its HMAC
    places    where lines are kept: a file, a witness; how each place is doing
    writing   telling the places of the head, without ever holding up or stopping the act
    proving   comparing the chain with what the places hold
    witness   the small server of another machine that only ever appends
"""

from bianzhi.audit.anchors.lines import BadAnchor
from bianzhi.audit.anchors.proving import accepted_gaps, notes, standing_in_the_way, verify, verify_configured
from bianzhi.audit.anchors.writing import flush, line, tell, write

__all__ = [
    "BadAnchor",
    "accepted_gaps",
    "flush",
    "line",
    "notes",
    "standing_in_the_way",
    "tell",
    "verify",
    "verify_configured",
    "write",
]

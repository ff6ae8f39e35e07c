"""Work on files from outside, done in a process of its own with ceilings on memory, time and what it may write."""

from bianzhi.recognition.workshop.ceilings import Ceilings
from bianzhi.recognition.workshop.workshop import WorkFailed, Workshop

__all__ = ["Ceilings", "WorkFailed", "Workshop"]

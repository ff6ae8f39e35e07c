"""A run scored against labelled truth: links, findings, events, and how much it asks of people.

A system that sends everything to review scores badly in `review`, one that accuses badly in precision; so both are
always reported together.
"""

from bianzhi.reconciliation.evaluate.evaluation import Evaluation, NotTheSameRosters, evaluate
from bianzhi.reconciliation.evaluate.scores import Score

__all__ = ["Evaluation", "NotTheSameRosters", "Score", "evaluate"]

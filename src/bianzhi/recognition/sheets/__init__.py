"""Synthetic official documents with the look of GB/T 9704-2012 and the exact truth of what stands on them.

For measuring recognition, for tests, and for the demonstration district. Nothing on them is of a real place or person.
"""

from bianzhi.recognition.sheets.drawing_lots import Facts, papers, sheets
from bianzhi.recognition.sheets.fonts import NoFont, is_installed
from bianzhi.recognition.sheets.making import DPI, Sheet, Truth, made
from bianzhi.recognition.sheets.paper import Form, Paper, Table
from bianzhi.recognition.sheets.wear import Wear

__all__ = [
    "DPI",
    "Facts",
    "Form",
    "NoFont",
    "Paper",
    "Sheet",
    "Table",
    "Truth",
    "Wear",
    "is_installed",
    "made",
    "papers",
    "sheets",
]

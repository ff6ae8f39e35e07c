"""Reading files: the text layer, scans, and the office formats."""

from bianzhi.recognition.reading.pages import read_pages
from bianzhi.recognition.reading.scans import read_image

__all__ = ["READING_VERSION", "read_image", "read_pages"]

READING_VERSION = 2
"""Raised whenever the same file would be read differently; kept results of an older version are read anew."""

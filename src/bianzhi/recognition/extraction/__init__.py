"""From the text of a document's pages to what the catalogue asks about it, as suggestions with places."""

from bianzhi.recognition.extraction.finding import Finding
from bianzhi.recognition.extraction.labels import is_figure, label
from bianzhi.recognition.extraction.reading import extract

__all__ = ["Finding", "extract", "is_figure", "label"]

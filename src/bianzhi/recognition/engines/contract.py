"""What a page asks of whatever reads it: lines of text with their places."""

from typing import Protocol

from PIL import Image

from bianzhi.recognition.document import Word


class OcrEngine(Protocol):
    """Something that reads the lines of an upright page image.

    The same image gives the same lines every time. The order of the lines is free: reading order is made afterwards.
    """

    @property
    def name(self) -> str:
        """Short name, as people choose it: ``rapid``, ``tesseract``."""
        ...

    @property
    def version(self) -> str:
        """Version of engine and weights; part of the key under which results are kept."""
        ...

    def recognise(self, image: Image.Image) -> list[Word]:
        """The lines of `image`, boxes in fractions of its size."""
        ...


class EngineUnavailable(Exception):
    """The engine asked for is not installed, or there is none of that name."""

"""Engines that read the lines of a page image."""

from functools import cache

from bianzhi.recognition.engines.contract import EngineUnavailable, OcrEngine
from bianzhi.recognition.engines.rapid import RapidEngine
from bianzhi.recognition.engines.tesseract import TesseractEngine

__all__ = ["STANDING", "EngineUnavailable", "OcrEngine", "RapidEngine", "TesseractEngine", "engine"]

STANDING = "rapid"


def engine(name: str | None = None) -> OcrEngine:
    """The engine of that name, the standing one for None.

    Raises EngineUnavailable where there is none of that name or it is not installed here.
    """
    return _made(name or STANDING)


@cache
def _made(name: str) -> OcrEngine:
    """One of each in a process, since models take time to load."""
    if name == "rapid":
        return RapidEngine()
    if name == "tesseract":
        return TesseractEngine()
    raise EngineUnavailable(f"没有名为“{name}”的识别引擎，可用：rapid、tesseract。")

"""The standing engine: PP-OCRv6 small by rapidocr, weights in the wheel, on one thread."""

from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
from PIL import Image
from rapidocr import RapidOCR

from bianzhi.recognition.document import Box, Span, Word
from bianzhi.recognition.engines.parts import in_parts
from bianzhi.recognition.weights import weights

LONGEST_SIDE = 2600
"""Pixels: an A4 page at 200 dpi is read as it is, an A3 sheet at 150."""

DETECTION_SIDE = 1440
"""Pixels of the longer side on which lines are looked for; their characters are read at full size."""

SURE_ENOUGH = 0.5


class RapidEngine:
    """Reads Chinese and Latin lines; about four times the work of Tesseract, better on seals and worn pages."""

    name = "rapid"

    @cached_property
    def version(self) -> str:
        """Version of the package, and with it of the weights it carries."""
        return version("rapidocr")

    @cached_property
    def _reader(self) -> RapidOCR:
        return RapidOCR(
            params={
                "Global.log_level": "error",
                "Global.max_side_len": LONGEST_SIDE,
                "Global.text_score": SURE_ENOUGH,
                "Global.use_cls": False,
                "Global.return_word_box": True,
                "Global.return_single_char_box": True,
                "EngineConfig.onnxruntime.intra_op_num_threads": 1,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": str(weights("detection")),
                "Det.limit_type": "max",
                "Det.limit_side_len": DETECTION_SIDE,
                "Rec.model_path": str(weights("recognition")),
            }
        )

    def recognise(self, image: Image.Image) -> list[Word]:
        """The lines of an upright page, in the order they were found; large sheets are read in parts."""
        return in_parts(image, self._read)

    def _read(self, image: Image.Image) -> list[Word]:
        pixels = cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)
        found: Any = self._reader(pixels)  # its type depends on the stages asked for
        if found.txts is None:
            return []
        height, width = pixels.shape[:2]
        placed = found.word_results if len(found.word_results) == len(found.txts) else ((),) * len(found.txts)
        return [
            _word(text, corners, score, single, width, height)
            for text, corners, score, single in zip(found.txts, found.boxes, found.scores, placed, strict=True)
            if text.strip()
        ]


def _word(text: str, corners: Any, score: float, single: Sequence[Any], width: int, height: int) -> Word:
    box = _box(corners, width, height)
    upright = box[2] * width >= box[3] * height
    return Word(text.strip(), box, float(score), _spans(text.strip(), single, width) if upright else ())


def _box(corners: Any, width: int, height: int) -> Box:
    xs, ys = np.clip(corners[:, 0] / width, 0, 1), np.clip(corners[:, 1] / height, 0, 1)
    return (float(xs.min()), float(ys.min()), float(np.ptp(xs)), float(np.ptp(ys)))


def _spans(text: str, single: Sequence[Any], width: int) -> tuple[Span, ...]:
    """Left and right of every character; a space, which is never placed, fills what lies between its neighbours."""
    placed = iter(single)
    spans: list[Span] = []
    for char in text:
        if char.isspace():
            spans.append((spans[-1][1], spans[-1][1]))
            continue
        found = next(placed, None)
        if found is None or found[0] != char:
            return ()
        xs = [point[0] / width for point in found[2]]
        spans.append((float(min(xs)), float(max(xs))))
    return tuple(spans)

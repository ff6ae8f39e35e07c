"""What the layout model makes out on a page image: headings, tables, figures, header and footer."""

import logging
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from PIL import Image
from rapid_layout import RapidLayout

from bianzhi.recognition.document import BlockKind, Box
from bianzhi.recognition.weights import weights

KINDS: dict[str, BlockKind] = {
    "text": "text",
    "title": "title",
    "figure": "figure",
    "figure_caption": "text",
    "table": "table",
    "table_caption": "text",
    "header": "header",
    "footer": "footer",
    "reference": "text",
    "equation": "text",
}

CHATTY = ("inference_engine.base", "inference_engine.onnxruntime.main", "model_handler.main")
"""Loggers of the package that tell on the console which file they load, whatever the level asked for."""


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the page and what it is, the surest first."""

    kind: BlockKind
    box: Box
    confidence: float


def _is_grave(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


@cache
def _model() -> RapidLayout:
    for name in CHATTY:
        logging.getLogger(f"rapid_layout.{name}").addFilter(_is_grave)
    return RapidLayout(
        model_dir_or_path=str(weights("layout")),
        engine_cfg={"intra_op_num_threads": 1, "inter_op_num_threads": 1},
    )


def regions(image: Image.Image) -> list[Region]:
    """The regions of an upright page, the surest first."""
    pixels = cv2.cvtColor(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)
    found = _model()(pixels)
    made = [
        Region(KINDS[name], _box(corners, image.width, image.height), float(score))
        for corners, name, score in zip(found.boxes or (), found.class_names or (), found.scores or (), strict=True)
    ]
    return sorted(made, key=lambda region: (-region.confidence, region.box))


def _box(corners: list[float], width: int, height: int) -> Box:
    left, top, right, bottom = corners
    return (left / width, top / height, (right - left) / width, (bottom - top) / height)

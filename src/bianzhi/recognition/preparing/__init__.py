"""A scan made ready for reading: turned, straightened, its paper whitened, its specks and seals taken off."""

from dataclasses import dataclass

from PIL import Image

from bianzhi.recognition.document import Box
from bianzhi.recognition.preparing.orientation import turn_needed, turned
from bianzhi.recognition.preparing.paper import is_blank, whitened
from bianzhi.recognition.preparing.seals import find_seals, without_seals
from bianzhi.recognition.preparing.specks import without_specks
from bianzhi.recognition.preparing.straightening import straightened, turn_to_straight

__all__ = ["Prepared", "prepare", "upright"]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page image as an engine should see it, and what was done to it (degrees clockwise, first `rotation`).

    Where `is_sure` is false, which way up the page belongs could not be told from its looks.
    """

    image: Image.Image
    rotation: int
    skew: float
    is_blank: bool
    seals: tuple[Box, ...] = ()
    is_sure: bool = True


def prepare(image: Image.Image, *, turn: int | None = None) -> Prepared:
    """Turn, straighten and clean a page; with `turn` it is turned by that and not asked. A blank one is left alone."""
    if is_blank(image):
        return Prepared(image, 0, 0.0, is_blank=True)
    needed = turn_needed(image) if turn is None else turn
    rotation = needed or 0
    white = without_specks(whitened(turned(image, rotation)))
    skew = turn_to_straight(white)
    straight = straightened(white, skew)
    seals = find_seals(straight)
    cleaned = without_seals(straight, seals)
    return Prepared(cleaned, rotation, skew, is_blank=False, seals=tuple(seals), is_sure=needed is not None)


def upright(image: Image.Image, rotation: int, skew: float) -> Image.Image:
    """The page as a person should see it, colours and seals untouched: the one boxes refer to."""
    return straightened(turned(image, rotation), skew)

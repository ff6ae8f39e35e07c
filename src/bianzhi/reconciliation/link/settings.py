"""What of linking an office may set."""

from dataclasses import dataclass
from typing import Literal

Scorer = Literal["declared", "splink"]


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """`scorer` weighs the residue: "splink" learns weights from the linked people where they are enough to learn from.

    "declared" always takes the weights written down in `link.weights`.
    """

    scorer: Scorer = "declared"
    least_people_to_train: int = 2_000

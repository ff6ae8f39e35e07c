"""The workshop's process: a request a line on standard input, events a line on standard output.

Run by `Workshop` as `python -m bianzhi.recognition.workshop.child`; it sets its own ceilings before it looks at a
byte of a file, sees no secret of the server, and a crash here takes nothing else with it.
"""

import json
import os
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from PIL import Image

from bianzhi.recognition.safety.refusal import LIMITS, Unacceptable
from bianzhi.recognition.workshop.ceilings import Ceilings, set_ceilings


def main() -> None:
    """Serve requests until the input ends, then end at once: a library's thread is not waited for."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # libraries print; answers have their own pipe
    set_ceilings(Ceilings(**json.loads(sys.stdin.readline())))
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = LIMITS.page_pixels // 2  # Pillow refuses twice as many

    def say(event: Mapping[str, Any]) -> None:
        answers.write(json.dumps(event, ensure_ascii=False) + "\n")
        answers.flush()

    for line in sys.stdin:
        say(_answer(json.loads(line), say))
    os._exit(0)


def _answer(request: Mapping[str, Any], say: Any) -> Mapping[str, Any]:
    from bianzhi.recognition.workshop.tasks import work  # noqa: PLC0415 - the libraries load below the ceilings

    try:
        return {"done": work(request["task"], request, say)}
    except Unacceptable as refusal:
        return {"refusal": refusal.reason}
    except MemoryError:
        return {"refusal": "", "fault": "memory"}
    except Exception as error:  # noqa: BLE001 - foreign libraries fail in any way; whoever asked is told
        return {"error": f"{type(error).__name__}: {error}"[:500]}


if __name__ == "__main__":
    main()

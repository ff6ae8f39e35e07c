"""Files at rest: writing and reading sealed against plain, a part of a large file, and the first page of a scan.

    python -m benchmarks.sealed_files [MEGABYTES] [PAGES]

Everything is measured in turn with its plain twin in the same run: only ratios mean something.
"""

import os
import random
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

MEGABYTES = int(sys.argv[1]) if len(sys.argv) > 1 else 128
PAGES = int(sys.argv[2]) if len(sys.argv) > 2 else 20
PARTS = 200
PIECE = os.urandom(1 << 20)
CONTEXT = "benchmark|file"
WIDTH, HEIGHT, DPI = 1654, 2339, 200


def main() -> None:
    """Print each pair: sealed, plain, ratio."""
    with tempfile.TemporaryDirectory(prefix="bianzhi-benchmark-") as folder:
        os.environ["BIANZHI_HOME"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bianzhi.config.settings")
        import django

        django.setup()
        from bianzhi.common import field_keys

        field_keys.establish(anything_sealed=lambda: False)
        for cipher in ("aes", "sm4"):
            _bulk(Path(folder), cipher)
        _first_page(Path(folder))


def _bulk(home: Path, cipher: str) -> None:
    from django.conf import settings

    from benchmarks.timing import compare

    settings.FIELD_CIPHER = cipher
    places = {on: home / "bulk" / f"{cipher}-{on}" for on in (True, False)}
    print(f"{cipher.upper()}: {MEGABYTES} MB")
    for label, way in (("write", _write), ("read", _read), (f"open and read 64 KiB, {PARTS} times", _parts)):
        sealed, plain = (lambda way=way, on=on: way(places[on], on) for on in (True, False))
        compare((f"{label}, sealed", sealed), (f"{label}, plain", plain))
    print(f"  larger on disk by {places[True].stat().st_size / places[False].stat().st_size - 1:.3%}")


def _write(place: Path, sealed: bool) -> None:
    from django.conf import settings

    from bianzhi.common import sealed_files

    settings.ENCRYPT_FILES = sealed
    sealed_files.write(place, (PIECE for _ in range(MEGABYTES)), CONTEXT)


def _read(place: Path, sealed: bool) -> None:
    from bianzhi.common import sealed_files

    with sealed_files.open_file(place, CONTEXT) as stream:
        while stream.read(len(PIECE)):
            pass


def _parts(place: Path, sealed: bool) -> None:
    from bianzhi.common import sealed_files

    drawn = random.Random(1)
    for _ in range(PARTS):
        with sealed_files.open_file(place, CONTEXT) as stream:
            stream.seek(drawn.randrange((MEGABYTES - 1) << 20))
            stream.read(1 << 16)


def _first_page(home: Path) -> None:
    """A page of a stack of scans drawn on demand: the original opened (and copied out), the page drawn and kept."""
    from django.conf import settings
    from PIL import Image

    from benchmarks.timing import compare
    from bianzhi.archives import derivatives
    from bianzhi.archives.storage import originals
    from bianzhi.recognition.identify import format_by_code
    from bianzhi.recognition.workshop import Workshop

    settings.FIELD_CIPHER = "aes"
    noise = random.Random(2)
    sheets = [
        Image.frombytes("L", (WIDTH // 4, HEIGHT // 4), noise.randbytes(WIDTH // 4 * (HEIGHT // 4))).resize(
            (WIDTH, HEIGHT)
        )
        for _ in range(2)
    ]
    scan = home / "scan.pdf"
    sheets[0].save(scan, "PDF", resolution=DPI, save_all=True, append_images=[sheets[i % 2] for i in range(1, PAGES)])
    pdf = format_by_code("pdf", PAGES)
    looks = {"rotation": 0, "skew": 0.0, "page_width": WIDTH, "page_dpi": DPI}

    def kept(on: bool) -> str:
        settings.ENCRYPT_FILES = on
        copy = home / f"scan-{on}.pdf"
        copy.write_bytes(scan.read_bytes() + (b"\n%sealed" if on else b"\n%plain"))
        return originals().keep(copy).sha256

    with Workshop() as shop:

        def drawn(on: bool) -> Callable[[], object]:
            sha256 = kept(on)

            def act() -> None:
                settings.ENCRYPT_FILES = on
                derivatives.forget(sha256)
                with originals().local(sha256) as path:
                    derivatives.draw(shop, path, pdf, sha256, 1, [derivatives.USUAL], looks)
                with derivatives.open_made(derivatives.image_path(sha256, 1, derivatives.USUAL)) as stream:
                    stream.read()

            return act

        print(f"First page of a scan, {PAGES} pages, {scan.stat().st_size / 2**20:.1f} MB")
        compare(("drawn from a sealed original", drawn(True)), ("drawn from a plain original", drawn(False)))


if __name__ == "__main__":
    main()

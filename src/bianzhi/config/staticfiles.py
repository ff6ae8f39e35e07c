"""Static files with hashed, compressed names, forgiving where the built assets are missing."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class TolerantManifestStorage(CompressedManifestStaticFilesStorage):
    """Names a file that was never collected by its plain path instead of failing the page.

    Without Node or a network the design layer can't be built; the pages must still open, unstyled.
    """

    manifest_strict = False

    def stored_name(self, name: str) -> str:
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name

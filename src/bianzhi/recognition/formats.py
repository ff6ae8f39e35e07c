"""What reading needs to know of a file's format."""

from typing import Protocol


class FileFormat(Protocol):
    """A format as :mod:`bianzhi.recognition.identify` names it; reading asks for nothing but its code."""

    @property
    def code(self) -> str:
        """``pdf``, ``tiff``, ``jpeg``, ``png``, ``docx``, ``xlsx``, ``doc``, ``xls``, ``wps``, ``ofd``, ``txt``."""
        ...

"""Uploads too large for memory, while a request is being answered."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from bianzhi.common import working_files


class PrivateUpload(TemporaryUploadedFile):
    """An upload in the working folder of this process: a killed server leaves nothing of it behind for long."""

    def __init__(
        self, name: str | None, content_type: str | None, size: int, charset: str | None, extra: Any = None
    ) -> None:
        file = tempfile.NamedTemporaryFile(prefix="upload-", dir=working_files.folder())  # noqa: SIM115 - Django closes it
        UploadedFile.__init__(self, file, name, content_type, size, charset, extra)


class PrivateUploadHandler(TemporaryFileUploadHandler):
    """Streams an upload into a `PrivateUpload`."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = PrivateUpload(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

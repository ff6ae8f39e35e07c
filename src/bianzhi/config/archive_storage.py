"""The bucket of the archive's originals as one variable: https://key:secret@host:port/bucket?region=name."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bianzhi.config.environment import BadSetting


def bucket(name: str, text: str) -> dict[str, Any]:
    """The options of django-storages' S3 storage for the address in the variable `name`; none for an empty one.

    Special characters in key and secret are written as %XX. Raises BadSetting.
    """
    if not text.strip():
        return {}
    example = f"环境变量 {name} 无法识别：请写成 https://访问密钥:私密密钥@主机:端口/存储桶?region=区域"
    try:
        parts = urlsplit(text.strip())
        host = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
    except ValueError as error:
        raise BadSetting(example) from error
    words = dict(parse_qsl(parts.query))
    path = parts.path.strip("/")
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or not path
        or "/" in path
        or set(words) - {"region"}
    ):
        raise BadSetting(example)
    return {
        "bucket_name": path,
        "endpoint_url": f"{parts.scheme}://{host}",
        "access_key": unquote(parts.username or "") or None,
        "secret_key": unquote(parts.password or "") or None,
        "region_name": words.get("region"),
        "file_overwrite": False,
        "default_acl": None,
        "addressing_style": "path",
    }

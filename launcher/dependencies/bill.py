"""The bill of materials (SBOM): CycloneDX 1.6 as JSON, of both lock files, with the hashes that stand in them."""

from __future__ import annotations

import ast
import uuid
from collections.abc import Sequence
from pathlib import Path

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from launcher.dependencies.licences import licences
from launcher.dependencies.locked import NPM, NPM_LOCK, File, Package
from launcher.places import LOCK, SOURCE, digest


def bill(packages: Sequence[Package]) -> str:
    """The SBOM of the product and everything its lock files hold."""
    root = Component(
        name="bianzhi",
        version=version(),
        type=ComponentType.APPLICATION,
        bom_ref="bianzhi",
        licenses=[DisjunctiveLicense(id="Apache-2.0")],
        description="编制通：机构编制管理平台",
    )
    bom = Bom(serial_number=uuid.uuid5(uuid.NAMESPACE_URL, digest([LOCK, NPM_LOCK])))
    bom.metadata.component = root
    carried = {licence.package.key: licence.text for licence in licences(packages)}
    components = {package.key: _component(package, carried[package.key]) for package in packages}
    bom.components = components.values()
    needed = {key for package in packages for key in package.needs}
    for package in packages:
        known = [components[key] for key in package.needs if key in components]
        bom.register_dependency(components[package.key], known)
    bom.register_dependency(root, [component for key, component in components.items() if key not in needed])
    return JsonV1Dot6(bom).output_as_string(indent=2)


def version() -> str:
    """The product's version, read without importing it."""
    tree = ast.parse((SOURCE / "bianzhi" / "__init__.py").read_text("utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__version__":
            return str(ast.literal_eval(node.value))
    return "0"


def _component(package: Package, licence: str) -> Component:
    namespace, _, name = package.name.rpartition("/")
    kind = "npm" if package.ecosystem == NPM else "pypi"
    return Component(
        name=name,
        group=namespace or None,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=package.key,
        purl=PackageURL(kind, namespace or None, name, package.version),
        scope=ComponentScope.REQUIRED if package.is_product else ComponentScope.EXCLUDED,
        licenses=[DisjunctiveLicense(name=licence)] if licence else None,
        hashes=[_hash(package.files[0])] if len(package.files) == 1 else None,
        external_references=[_reference(file) for file in package.files if file.url],
    )


def _hash(file: File) -> HashType:
    return HashType(alg=HashAlgorithm(file.algorithm), content=file.digest)


def _reference(file: File) -> ExternalReference:
    name = Path(file.url).name
    return ExternalReference(
        type=ExternalReferenceType.DISTRIBUTION, url=XsUri(file.url), comment=name, hashes=[_hash(file)]
    )

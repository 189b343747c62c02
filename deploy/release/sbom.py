"""The software bill of materials: every crate in a release, as CycloneDX."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from .crates import BINARIES, Crate, Key

# The space of names for the serial numbers of ours.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_OID, "mfa-enforcer")


def bill_of_materials(version: str, crates: Iterable[Crate], at: datetime) -> str:
    """The bill for these crates. The same crates at the same time give the same text."""
    crates = list(crates)
    whole = Component(
        name="mfa-enforcer",
        version=version,
        type=ComponentType.APPLICATION,
        bom_ref="release",
        licenses=[LicenseFactory().make_from_string("Apache-2.0")],
    )
    components: dict[Key, Component] = {crate.key: _component(crate) for crate in crates}
    bom = Bom(
        components=components.values(),
        metadata=BomMetaData(component=whole, timestamp=at),
        serial_number=uuid.uuid5(NAMESPACE, f"{version} {at.isoformat()}"),
    )
    bom.register_dependency(whole, [components[name, version] for name in BINARIES])
    libraries = [components[crate.key] for crate in crates if crate.origin == "toolchain"]
    for crate in crates:
        every_binary = libraries if crate.name in BINARIES else []
        required = [components[key] for key in crate.requires]
        bom.register_dependency(components[crate.key], required + every_binary)
    text = JsonV1Dot6(bom).output_as_string(indent=1)
    if error := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        raise ValueError(f"the bill of materials is not CycloneDX: {error}")
    return f"{text}\n"


def _component(crate: Crate) -> Component:
    from_registry = crate.origin == "registry"
    return Component(
        name=crate.name,
        version=crate.version,
        type=ComponentType.APPLICATION if crate.name in BINARIES else ComponentType.LIBRARY,
        bom_ref=f"{crate.name}@{crate.version}",
        purl=PackageURL("cargo", None, crate.name, crate.version) if from_registry else None,
        licenses=[LicenseFactory().make_from_string(crate.licence)] if crate.licence else [],
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=crate.checksum)] if crate.checksum else [],
    )

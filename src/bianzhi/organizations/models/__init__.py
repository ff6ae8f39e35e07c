"""Organisations, their bodies, names and lineage, each fact a period of days."""

from bianzhi.organizations.models.bodies import InternalBody, InternalBodyVersion
from bianzhi.organizations.models.lineage import Lineage, LineageKind, LineageRole, ReorganizationEvent
from bianzhi.organizations.models.names import Nameplate, OrganizationAlias
from bianzhi.organizations.models.organization import (
    Organization,
    OrganizationStatus,
    OrganizationVersion,
    Tier,
)

__all__ = [
    "InternalBody",
    "InternalBodyVersion",
    "Lineage",
    "LineageKind",
    "LineageRole",
    "Nameplate",
    "Organization",
    "OrganizationAlias",
    "OrganizationStatus",
    "OrganizationVersion",
    "ReorganizationEvent",
    "Tier",
]

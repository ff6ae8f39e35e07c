"""Names by which papers call the units of the district."""

from bianzhi.organizations.models import Nameplate, OrganizationAlias, OrganizationVersion


def unit_names() -> dict[str, int]:
    """Every name a unit has or had, full and short, nameplates and aliases included, with the unit's id.

    Where two units bore the same name the one that bears it now wins.
    """
    names: dict[str, int] = {}
    for name, unit in OrganizationAlias.objects.filter(withdrawn_at=None).values_list("name", "organization_id"):
        names[name] = unit
    versions = OrganizationVersion.objects.current().filter(is_grouping=False).order_by("valid_from", "pk")
    rows = versions.values_list("name", "short_name", "organization_id")
    for name, short, unit in rows:
        names.update({called: unit for called in (short, name) if called})
    for name, unit in Nameplate.objects.current().order_by("valid_from", "pk").values_list("name", "organization_id"):
        names.setdefault(name, unit)
    return names

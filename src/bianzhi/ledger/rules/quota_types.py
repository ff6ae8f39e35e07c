"""Quota types and their compatibility with organisations, read once from the data file (R05)."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class QuotaType:
    """One kind of quota and the rules it is bound to."""

    code: str
    id: str
    label: str
    short: str
    group: str
    organizations: tuple[str, ...]
    frozen: bool = False
    level_bound: bool = False
    baseline_bound: bool = False
    counts_as_quota: bool = True
    pool: str = "reserve"

    def allowed_in(self, org_type: str, institution_class: str = "") -> bool:
        """Whether an organisation of this type and institution class may use the quota (R05)."""
        return any(pattern in ("*", org_type, f"{org_type}:{institution_class}") for pattern in self.organizations)


@cache
def quota_types() -> dict[str, QuotaType]:
    """Every quota type by code, in the order of the data file."""
    text = resources.files("bianzhi.ledger.data").joinpath("quota_types.toml").read_text(encoding="utf-8")
    return {
        code: QuotaType(code=code, **{**fields, "organizations": tuple(fields["organizations"])})
        for code, fields in tomllib.loads(text).items()
    }


def quota_type(code: str) -> QuotaType:
    """One quota type; KeyError when the code is unknown."""
    return quota_types()[code]


def counted_types() -> list[QuotaType]:
    """The types that are 编制 proper: filed headcount and the non-quota cap are left out."""
    return [quota for quota in quota_types().values() if quota.counts_as_quota]


def choices() -> list[tuple[str, str]]:
    """(code, label) of every quota type."""
    return [(quota.code, quota.label) for quota in quota_types().values()]

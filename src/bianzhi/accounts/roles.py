"""Roles of the platform and what each may do (domain dossier §7), as data.

A permission is "app.verb". Whether a user sees everything or only a part of the tree is the data
scope of the role assignment, not of the role.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A named set of permissions; `whole_district` roles need no data scope."""

    code: str
    label: str
    permissions: frozenset[str]
    whole_district: bool = False


READ = frozenset(
    {
        "workbench.view",
        "organizations.view",
        "personnel.view",
        "ledger.view",
        "documents.view",
        "reports.view",
        "matters.view",
        "notices.view",
        "publications.view",
        "archives.view",
        "search.view",
    }
)
RECTIFY = READ | {"supervision.view", "supervision.answer", "exchange.findings"}
OFFICE_READ = READ | {
    "warnings.view",
    "approvals.view",
    "imports.view",
    "supervision.view",
    "matters.handle",
    "exchange.view",
    "exchange.sources",
    "exchange.findings",
    "archives.read",
    "archives.download",
}
WATCH = frozenset({"intrusion.view", "intrusion.close"})
EXCHANGE = frozenset({"exchange.deliver", "exchange.run", "exchange.decide", "exchange.confirm"})
LIAISON = READ | {"matters.handle", "exchange.view", "exchange.findings", "exchange.sources", "exchange.deliver"}
OFFICE_WRITE = OFFICE_READ | {
    "organizations.change",
    "documents.change",
    "ledger.post",
    "approvals.issue",
    "personnel.move",
    "personnel.change",
    "personnel.reveal",
    "personnel.reveal_contact",
    "personnel.reveal_sensitive",
    "personnel.direct",
    "matters.apply",
    "notices.publish",
    "publications.manage",
    "imports.run",
    "warnings.run",
    "reports.export",
    *EXCHANGE,
}

ROLES: dict[str, Role] = {
    role.code: role
    for role in [
        Role(
            "unit_clerk",
            "单位经办",
            RECTIFY | {"approvals.view", "warnings.view", "reports.export", "matters.apply", "matters.handle"},
        ),
        Role("unit_head", "单位负责人", RECTIFY | {"approvals.view", "warnings.view", "matters.handle"}),
        Role(
            "supervising_reviewer",
            "主管部门审核",
            RECTIFY | {"approvals.view", "warnings.view", "reports.export", "matters.apply", "matters.handle"},
        ),
        Role("office_clerk", "编办经办", OFFICE_WRITE, whole_district=True),
        Role(
            "office_supervision",
            "编办监督检查科",
            OFFICE_READ
            | {
                "reports.export",
                "personnel.reveal",
                "personnel.reveal_contact",
                "supervision.manage",
                "supervision.answer",
                "publications.manage",
                "matters.apply",
                "exchange.decide",
                "exchange.confirm",
            },
            whole_district=True,
        ),
        Role(
            "office_deputy",
            "编办副主任",
            OFFICE_WRITE | {"archives.appraise", "accounts.confirm", "exports.approve"},
            whole_district=True,
        ),
        Role(
            "office_director",
            "编办主任",
            OFFICE_WRITE
            | {
                "rules.override",
                "matters.intervene",
                "supervision.manage",
                "exchange.configure",
                "archives.appraise",
                "accounts.confirm",
                "exports.approve",
                "intrusion.view",
            },
            whole_district=True,
        ),
        Role("commission_secretary", "编委会议秘书", OFFICE_READ, whole_district=True),
        Role("liaison_organization", "组织部联络员", LIAISON, whole_district=True),
        Role("liaison_hr", "人社局联络员", LIAISON, whole_district=True),
        Role("liaison_finance", "财政局联络员", LIAISON, whole_district=True),
        Role(
            "archivist",
            "档案员",
            frozenset(
                {
                    "workbench.view",
                    "organizations.view",
                    "documents.view",
                    "ledger.view",
                    "notices.view",
                    "matters.view",
                    "matters.handle",
                    "archives.view",
                    "archives.read",
                    "archives.manage",
                    "archives.download",
                    "reports.export",
                    "search.view",
                }
            ),
            whole_district=True,
        ),
        Role(
            "system_admin",
            "系统管理员",
            frozenset(
                {
                    "workbench.view",
                    "system.manage",
                    "jobs.view",
                    "recovery.manage",
                    "matters.configure",
                    "notices.view",
                    "exchange.sources",
                    "exchange.configure",
                    "search.manage",
                }
            ),
            whole_district=True,
        ),
        Role(
            "security_admin",
            "安全管理员",
            frozenset({"workbench.view", "accounts.manage", "accounts.confirm", "notices.view"})
            | WATCH
            | {"intrusion.handle"},
            whole_district=True,
        ),
        Role(
            "audit_admin",
            "审计管理员",
            frozenset({"workbench.view", "audit.view", "notices.view"}) | WATCH,
            whole_district=True,
        ),
    ]
}

ADMINISTRATORS = frozenset({"system_admin", "security_admin", "audit_admin"})
"""三员: no account may hold two of these, nor one of these and a business role."""


def choices() -> list[tuple[str, str]]:
    """(code, label) of every role."""
    return [(role.code, role.label) for role in ROLES.values()]


def roles_granting(permission: str) -> list[str]:
    """Labels of the roles that hold a permission, for the page that explains a refusal."""
    return [role.label for role in ROLES.values() if permission in role.permissions]

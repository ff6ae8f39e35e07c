"""Every way the structure of the district may change. Each cites a document, leaves its event, and is on record."""

from bianzhi.organizations.services.abolition import abolish
from bianzhi.organizations.services.bodies import NewBody, add_bodies, add_body, change_body, close_body, move_body
from bianzhi.organizations.services.changes import (
    change_affiliation,
    change_duties,
    change_funding,
    change_nature,
    change_rank,
    rename,
    set_joint_office,
)
from bianzhi.organizations.services.corrections import correct_version, insert_version
from bianzhi.organizations.services.credit_codes import set_uscc
from bianzhi.organizations.services.establishment import NewOrganization, establish, establish_many
from bianzhi.organizations.services.locks import lock_organization, lock_structure
from bianzhi.organizations.services.names import add_alias, set_nameplate, withdraw_alias, withdraw_nameplate
from bianzhi.organizations.services.reorganizations import record_event

__all__ = [
    "NewBody",
    "NewOrganization",
    "abolish",
    "add_alias",
    "add_bodies",
    "add_body",
    "change_affiliation",
    "change_body",
    "change_duties",
    "change_funding",
    "change_nature",
    "change_rank",
    "close_body",
    "correct_version",
    "establish",
    "establish_many",
    "insert_version",
    "lock_organization",
    "lock_structure",
    "move_body",
    "record_event",
    "rename",
    "set_joint_office",
    "set_nameplate",
    "set_uscc",
    "withdraw_alias",
    "withdraw_nameplate",
]

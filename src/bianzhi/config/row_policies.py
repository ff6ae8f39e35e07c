"""Which tables are behind the second wall, and what a user of limited scope is shown of them (decision 0018).

Each condition lets through at least what the application shows, so that the wall is felt only where a filter was
forgotten. `all` is whoever works for the whole district; 三员 are not among them: they see no row of a unit.
A table that names a person or a unit and is not here is in OPEN with the reason; a test compares both with the models.
"""

from __future__ import annotations

from typing import Final

from bianzhi.common.db.row_policies import Function, Policy

SETTING: Final = "current_setting('bianzhi.{}', true)"
LIST: Final = "SELECT unnest(coalesce(nullif(" + SETTING + ", ''), '{{}}')::{}[])"

REACHED_PERSONS: Final = """
    SELECT person_id FROM personnel_occupancy WHERE organization_id IN (SELECT bianzhi_units())
    UNION SELECT person_id FROM personnel_engagement WHERE organization_id IN (SELECT bianzhi_units())
    UNION SELECT person_id FROM personnel_appointment WHERE organization_id IN (SELECT bianzhi_units())
    UNION SELECT person_id FROM personnel_secondment
          WHERE from_organization_id IN (SELECT bianzhi_units()) OR to_organization_id IN (SELECT bianzhi_units())
"""
REACHED_INSTANCES: Final = """
    WITH seen AS (
        SELECT i.id, i.root_id FROM workflow_flowinstance i
        WHERE i.unit_id IN (SELECT bianzhi_units()) OR i.initiator_id = bianzhi_user()
        UNION SELECT i.id, i.root_id FROM workflow_flowtask t JOIN workflow_flowinstance i ON i.id = t.instance_id
        WHERE t.assignee_id IN (SELECT bianzhi_users()) OR t.done_by_id IN (SELECT bianzhi_users())
           OR t.pool_role IN (SELECT bianzhi_anywhere())
           OR (t.pool_role IN (SELECT bianzhi_roles())
               AND (t.pool_unit_id IS NULL OR t.pool_unit_id IN (SELECT bianzhi_task_units())))
        UNION SELECT i.id, i.root_id FROM matters_case c JOIN workflow_flowinstance i ON i.id = c.instance_id
        WHERE c.organization_id IN (SELECT bianzhi_units()) OR c.counterpart_id IN (SELECT bianzhi_units())
    ), roots AS (SELECT coalesce(root_id, id) AS id FROM seen)
    SELECT i.id FROM workflow_flowinstance i WHERE i.id IN (SELECT id FROM roots) OR i.root_id IN (SELECT id FROM roots)
"""
REACHED_ITEMS: Final = """
    SELECT held.item_id FROM archives_loan_items held JOIN archives_loan l ON l.id = held.loan_id
    WHERE l.reader_id = bianzhi_user()
    UNION SELECT o.item_id FROM archives_itemorigin o JOIN archives_incomingfile f ON f.id = o.file_id
    JOIN archives_batch b ON b.id = f.batch_id WHERE b.brought_by_id = bianzhi_user()
"""
REACHED_EVENTS: Final = """
    SELECT id FROM office_calendarevent WHERE organizer_id = bianzhi_user()
    UNION SELECT event_id FROM office_eventparticipant WHERE user_id = bianzhi_user()
"""

FUNCTIONS: Final[tuple[Function, ...]] = (
    Function("bianzhi_system", "boolean", f"SELECT {SETTING.format('scope')} = 'system'"),
    Function("bianzhi_all", "boolean", f"SELECT {SETTING.format('scope')} IN ('system', 'all')"),
    Function("bianzhi_user", "bigint", f"SELECT nullif({SETTING.format('user_id')}, '')::bigint"),
    Function("bianzhi_units", "SETOF bigint", LIST.format("units", "bigint")),
    Function("bianzhi_users", "SETOF bigint", LIST.format("users", "bigint")),
    Function("bianzhi_roles", "SETOF text", LIST.format("roles", "text")),
    Function("bianzhi_anywhere", "SETOF text", LIST.format("anywhere", "text")),
    Function("bianzhi_task_units", "SETOF bigint", LIST.format("task_units", "bigint")),
    Function("bianzhi_persons", "SETOF bigint", REACHED_PERSONS, looks_past=True),
    Function("bianzhi_instances", "SETOF bigint", REACHED_INSTANCES, looks_past=True),
    Function("bianzhi_items", "SETOF bigint", REACHED_ITEMS, looks_past=True),
    Function("bianzhi_events", "SETOF bigint", REACHED_EVENTS, looks_past=True),
)


def _district(table: str, *conditions: str) -> Policy:
    """Shown to whoever works for the whole district, and where one of the conditions holds."""
    return Policy(table, " OR ".join(["(SELECT bianzhi_all())", *conditions]))


def _private(table: str, *conditions: str) -> Policy:
    """Shown to whoever it belongs to and to nobody else, however far their scope."""
    return Policy(table, " OR ".join(["(SELECT bianzhi_system())", *conditions]))


def _unit(column: str = "organization_id") -> str:
    return f"{column} IN (SELECT bianzhi_units())"


def _person(column: str = "person_id") -> str:
    return f"{column} IN (SELECT bianzhi_persons())"


def _instance(column: str = "instance_id") -> str:
    return f"{column} IN (SELECT bianzhi_instances())"


def _mine(column: str) -> str:
    return f"{column} = (SELECT bianzhi_user())"


def _through(table: str, column: str, upper: str) -> str:
    """The row of the upper table is shown: its own policy decides."""
    return f"EXISTS (SELECT FROM {upper} upper_row WHERE upper_row.id = {table}.{column})"


def _with(table: str, column: str, upper: str) -> Policy:
    return _district(table, _through(table, column, upper))


OBJECTION_OF_A_CASE: Final = (
    "EXISTS (SELECT 1 FROM matters_publication p JOIN matters_case c ON c.id = p.case_id"
    " WHERE p.id = matters_publicationobjection.publication_id)"
)

POLICIES: Final[tuple[Policy, ...]] = (
    # personnel
    _district("personnel_person", _person("id")),
    _district("personnel_personchange", _person()),
    _district("personnel_occupancy", _unit(), _person()),
    _district("personnel_appointment", _unit(), _person()),
    _district("personnel_engagement", _unit(), _person()),
    _district("personnel_secondment", _unit("from_organization_id"), _unit("to_organization_id"), _person()),
    _district("personnel_dutyperiod", _person()),
    _district("personnel_movement", _person()),
    _district("personnel_staffingapproval", _unit()),
    _district("personnel_approvalslot", _unit()),
    _district("personnel_planitem", _unit()),
    # cases and their opinions
    _district("matters_case", _unit(), _unit("counterpart_id"), _mine("applicant_id"), _instance()),
    _with("matters_casesubmission", "case_id", "matters_case"),
    _with("matters_caseattachment", "case_id", "matters_case"),
    _with("matters_issuedpaper", "case_id", "matters_case"),
    _with("matters_casefeedback", "case_id", "matters_case"),
    _district("matters_publicationobjection", OBJECTION_OF_A_CASE),
    _district("workflow_flowinstance", _unit("unit_id"), _mine("initiator_id"), _instance("id")),
    _district("workflow_flowopinion", _instance()),
    _with("workflow_opinionpaper", "opinion_id", "workflow_flowopinion"),
    _district("workflow_commandexecution", _instance()),
    # supervision and warnings
    _district("supervision_problem", _unit()),
    _district("supervision_inspection", _unit()),
    _district("supervision_rectificationorder", _unit()),
    _with("supervision_rectificationstep", "order_id", "supervision_rectificationorder"),
    _district("supervision_supervisionitem", _unit(), _mine("holder_id")),
    _district("reports_standingwarning", _unit()),
    # the hub
    _district("exchange_finding", _unit(), _mine("assignee_id")),
    _with("exchange_findingstep", "finding_id", "exchange_finding"),
    _district("exchange_change", _unit("from_organization_id"), _unit("to_organization_id")),
    _district("exchange_delivery"),
    _district("exchange_run"),
    _district("exchange_run_deliveries"),
    _district("exchange_identityevent"),
    _district("exchange_unitalias"),
    _district("exchange_linkreview"),
    _district("exchange_linkdecision"),
    _district("exchange_message"),
    _district("exchange_dispatch"),
    # the archive
    _district("archives_item", _unit(), "id IN (SELECT bianzhi_items())"),
    _with("archives_itemfile", "item_id", "archives_item"),
    _with("archives_page", "item_id", "archives_item"),
    _with("archives_relation", "item_id", "archives_item"),
    _with("archives_candidate", "item_id", "archives_item"),
    _with("archives_itemorigin", "item_id", "archives_item"),
    _with("archives_fourpropertycheck", "item_id", "archives_item"),
    _with("archives_appraisalline", "item_id", "archives_item"),
    _district("archives_batch", _unit(), _mine("brought_by_id")),
    _with("archives_incomingfile", "batch_id", "archives_batch"),
    _with("archives_stagerecord", "file_id", "archives_incomingfile"),
    _district("archives_loan", _mine("reader_id")),
    _with("archives_loan_items", "loan_id", "archives_loan"),
    _district("archives_opening", _mine("user_id")),
    # files brought in
    _district("imports_importbatch", _mine("created_by_id")),
    _with("imports_importfinding", "batch_id", "imports_importbatch"),
    _with("imports_importchange", "batch_id", "imports_importbatch"),
    # what is addressed to somebody
    _district(
        "office_notice",
        _mine("author_id"),
        "id IN (SELECT notice_id FROM office_noticerecipient WHERE user_id = (SELECT bianzhi_user()))",
    ),
    _district("office_noticerecipient", _mine("user_id")),
    _with("office_noticefile", "notice_id", "office_notice"),
    _private("office_message", _mine("recipient_id")),
    _private("office_mail", _through("office_mail", "message_id", "office_message")),
    _private("office_calendarevent", _mine("organizer_id"), "id IN (SELECT bianzhi_events())"),
    _private("office_eventparticipant", _mine("user_id"), "event_id IN (SELECT bianzhi_events())"),
    _private("office_contactpreference", _mine("user_id")),
    _private("office_calendarfeed", _mine("user_id")),
    _private("search_savedsearch", _mine("owner_id")),
    _private("common_savedview", _mine("user_id")),
)

OPEN: Final[dict[str, str]] = {
    "organizations_organization": "机构是全区公开的目录",
    "organizations_organizationversion": "机构是全区公开的目录，也是范围本身的依据",
    "organizations_internalbodyversion": "机构是全区公开的目录",
    "organizations_nameplate": "机构是全区公开的目录",
    "organizations_organizationalias": "机构是全区公开的目录",
    "organizations_lineage": "机构是全区公开的目录",
    "ledger_account": "编制数到单位，不到人；周转池须看到上级账户",
    "archives_fonds": "全宗目录，不含档案内容",
    "archives_volume": "案卷目录只到年度、门类；件在 archives_item",
    "accounts_rolegrant": "范围本身的依据",
    "accounts_accountchange": "待复核的授权，范围本身的依据；只有安全管理员能打开",
    "workflow_flowtask": "任务不含人员信息，归谁办由办件（workflow_flowinstance）决定看不看得到；范围本身的依据",
}
"""Tables that point to a unit or a person and are not behind the wall, with the reason."""

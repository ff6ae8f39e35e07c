"""What matters contribute to the platform at start: commands, the handler of cases, relations of units, proofs."""

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from bianzhi.common import agenda, integrity, jobs
from bianzhi.documents import visibility
from bianzhi.matters import definitions, publishing, supervising
from bianzhi.matters.flow import RELATIONS, CaseHandler
from bianzhi.matters.jobs.closing import close_cases
from bianzhi.matters.models import SUBJECT_KIND, Case
from bianzhi.matters.search_source import SOURCE
from bianzhi.matters.selectors import integrity as proofs
from bianzhi.matters.selectors.agenda import publication_ends
from bianzhi.search import sources
from bianzhi.workflow.registries import register_command, register_handler, register_relation


def register() -> None:
    """Put everything in its place; called once at start."""
    for matter in definitions.ALL:
        for name, command in matter.commands.items():
            register_command(name, command)
    for name, command in {**publishing.COMMANDS, **supervising.COMMANDS}.items():
        register_command(name, command)
    register_handler(SUBJECT_KIND, CaseHandler())
    for name, (label, relation) in RELATIONS.items():
        register_relation(name, label, relation)
    visibility.register(cited_documents)
    sources.register(SOURCE)
    agenda.register_source("matters.publications", publication_ends)
    jobs.daily("matters.close_unrated", close_cases, title="逾期未评价的办件办结")
    integrity.register("matters.flows", "办件、申请表与流程一一对应", proofs.cases_and_flows)
    integrity.register("matters.numbers", "业务编号不缺号", proofs.numbers_without_gaps)
    integrity.register("matters.submissions", "申请表次序与附件摘要", proofs.submissions_in_order)
    integrity.register("matters.files", "附件文件与登记的摘要一致", proofs.files_as_kept)
    integrity.register("matters.effects", "办结的办件都有办理结果", proofs.effects_carried_out)
    integrity.register("matters.holds", "预占的名额都有在办的申请", proofs.holds_belong_to_cases)
    integrity.register("matters.papers", "文书与签发环节一一对应", proofs.papers_fit)


def cited_documents(user: Any) -> Iterable[QuerySet[Any, Any]]:
    """Documents by which rules were set aside for cases the user may see, as a subquery of ids."""
    yield Case.objects.visible_to(user).filter(override_document__isnull=False).values("override_document_id")

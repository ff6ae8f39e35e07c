"""The commands with which a case's flow opens and closes its 公示."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final

from bianzhi.matters import catalogue
from bianzhi.matters.commands import Carried, CaseCommand, ReversibleCommand
from bianzhi.matters.declarations import CaseAct, PaperContent
from bianzhi.matters.rules.publications import lines_of
from bianzhi.matters.services.publishing import close_publication, open_publication, withdraw_publication
from bianzhi.organizations.selectors.units import names_on


def content_of(act: CaseAct) -> PaperContent:
    """What the matter publishes; the unit and the title where it says nothing of its own."""
    case = act.draft.case
    publication = catalogue.matter(case.matter).publication
    if publication is not None:
        return publication(act.draft)
    name = names_on([case.organization_id], act.today).get(case.organization_id, "")
    return PaperContent([("申请单位", name), ("事项", case.title)])


class OpenPublication(ReversibleCommand):
    """Open the publication of a case for as many working days as its version says."""

    label = "公示"
    is_rehearsed: ClassVar[bool] = False

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `open_publication` does."""
        content = content_of(act)
        publication = open_publication(
            actor=act.actor,
            case_id=act.draft.case.pk,
            lines=lines_of(content.lines, content.head, content.rows),
            days=act.draft.case.version.publication_days,
            today=act.today,
        )
        words = f"{publication.number} 公示至 {publication.closes_on}"
        return Carried(words, {"publication": publication.pk, "number": publication.number})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Take it down, where it is still on show."""
        withdraw_publication(actor=act.actor, case_id=act.draft.case.pk, reason="办件退回，公示撤下")


class ClosePublication(ReversibleCommand):
    """Close the publication whose days are over."""

    label = "公示期满"
    is_rehearsed: ClassVar[bool] = False

    def carry_out(self, act: CaseAct) -> Carried:
        """Raises Refused as `close_publication` does."""
        publication = close_publication(actor=act.actor, case_id=act.draft.case.pk)
        if publication is None:
            return Carried("没有需要结束的公示")
        heard = publication.objections.count()
        words = f"{publication.number} 公示期满，" + (f"处理异议 {heard} 项" if heard else "没有异议")
        return Carried(words, {"publication": publication.pk, "number": publication.number})

    def take_back(self, act: CaseAct, result: Mapping[str, Any]) -> None:
        """Nothing: that it was published to the end stays true; a case that comes by again is published anew."""


COMMANDS: Final[Mapping[str, CaseCommand]] = {
    "publication.open": OpenPublication(),
    "publication.close": ClosePublication(),
}
"""Names by which flows call them."""

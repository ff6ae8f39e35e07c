"""Every file that leaves is one row and one audit entry, before it is sent; what is over the day's limit stays."""

import secrets

from bianzhi.accounts.models import User
from bianzhi.accounts.services.users import locked
from bianzhi.audit.exporting import note_export
from bianzhi.audit.unit_of_work import unit_of_work
from bianzhi.common.web.releasing import Mark, TooManyRows, Wanted
from bianzhi.disclosure.models import ExportRequest, Release
from bianzhi.disclosure.selectors.totals import limits_of, taken_today
from bianzhi.kernel import clock


@unit_of_work
def note_release(
    *, actor: User, wanted: Wanted, mark: Mark, rows: int, request: ExportRequest | None = None
) -> Release:
    """Put on record that a file leaves, with its watermark and the rows really written.

    Raises TooManyRows when it goes without approval and the day's limit is used up by now: writing took time, and
    others of the account's exports may have left meanwhile.
    """
    if request is None and wanted.of_persons:
        _keep_to_the_day(actor, rows)
    release = Release.objects.create(
        number=mark.number,
        user=actor,
        list_key=wanted.key,
        title=wanted.title[:200],
        format=wanted.format,
        rows=rows,
        of_persons=wanted.of_persons,
        request=request,
    )
    facts = {
        "number": mark.number,
        "request": request.number if request else None,
        "purpose": request.purpose if request else None,
        "in_clear": sorted(each.label for each in wanted.classes),
    }
    note_export(actor=actor, exported=wanted, rows=rows, more=facts, wrote=[release])
    return release


def _keep_to_the_day(actor: User, rows: int) -> None:
    locked(actor.pk)
    if taken_today(actor) + rows > limits_of(actor, of_persons=True).a_day:
        raise TooManyRows


def new_number(prefix: str) -> str:
    """A number nobody can guess the next of: DC20261127-7f3a9c01 (导出), SQ… (申请)."""
    return f"{prefix}{clock.now():%Y%m%d}-{secrets.token_hex(4)}"


def mark_for(user: User, number: str) -> Mark:
    """The watermark of a file: who, when, which number."""
    moment = clock.now().strftime("%Y-%m-%d %H:%M")
    return Mark(number, f"{user.display_name}（{user.username}）{moment} 导出，编号 {number}")

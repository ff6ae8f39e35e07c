"""People a task may go to: those who handle matters, offered to one another."""

from typing import Final

from bianzhi.accounts.web.people import people_lookup

LOOKUP: Final = "flow-person"
HANDLERS: Final = people_lookup(LOOKUP, holding="matters.handle", asked_by="matters.handle", oneself=False)

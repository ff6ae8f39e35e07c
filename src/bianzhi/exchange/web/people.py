"""People a finding may be given to: those who see findings, offered to whoever decides about them."""

from typing import Final

from bianzhi.accounts.web.people import people_lookup

LOOKUP: Final = "exchange-person"
READERS: Final = people_lookup(LOOKUP, holding="exchange.findings", asked_by="exchange.decide")

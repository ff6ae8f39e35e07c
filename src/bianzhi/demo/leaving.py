"""Requests for exports in the demo: one that waits for approval, one that was refused."""

from bianzhi.accounts.models import User
from bianzhi.common.web.releasing import Wanted
from bianzhi.disclosure.services import requests
from bianzhi.disclosure.web.gates import MeasuringGate, why_held_back
from bianzhi.disclosure.web.replaying import replay
from bianzhi.organizations.models import Organization

ROSTER = "/personnel/people/?export=xlsx&cols=name&cols=id_number&cols=unit&clear=identity&unit={}"


def ask_for_exports(accounts: dict[str, User], unit: Organization) -> None:
    """Both ask for whole ID numbers of one unit, which needs approval whatever their number."""
    path = ROSTER.format(unit.pk)
    inspection = requests.Purpose("inspection", "区委巡察组调阅，巡察办〔2026〕18号")
    _ask(accounts["ducha"], path, inspection)
    refused = _ask(accounts["jingban"], path, requests.Purpose("other", "留作科室备查"))
    requests.reject(actor=accounts["shenhe"], request_id=refused, reason="没有具体用途，系统中可随时查阅")


def _ask(asker: User, path: str, purpose: requests.Purpose) -> int:
    wanted = _measured(asker, path)
    why = why_held_back(asker, wanted)
    return int(requests.ask(actor=asker, path=path, wanted=wanted, why=why, purpose=purpose).pk)


def _measured(asker: User, path: str) -> Wanted:
    gate = MeasuringGate()
    replay(path, user=asker, gate=gate)
    if gate.wanted is None:
        raise LookupError(path)
    return gate.wanted

"""Ten pages behind row-level security and before it: time and statements, for the office, a subtree and one unit.

    python -m benchmarks.row_security [small|full]

The peer is the same page on the same rows by a role that is not bound; the two take turns, so that whatever else the
machine does meets both alike. It starts a PostgreSQL server of its own.
"""

import os
import statistics
import sys
from typing import Any

from benchmarks.timing import seconds

PAGES = {
    "workbench": "/",
    "unit page": "/organizations/{unit}/",
    "organisations": "/organizations/",
    "roster": "/personnel/people/",
    "roster, a name": "/personnel/people/?q=王",
    "person": "/personnel/people/{person}/",
    "movements": "/personnel/movements/",
    "cases": "/matters/cases/",
    "warnings": "/warnings/",
    "ledger": "/ledger/",
}
USERS = {"the office": "zhuren", "a subtree (education)": "jiaoyu", "one unit": "caizheng"}
ROUNDS = 9


def main() -> None:
    """Load, then print one line for each user and page."""
    from benchmarks.database import throwaway
    from tests.postgres import throwaway_cluster

    with throwaway_cluster() as url:
        os.environ["DATABASE_URL"] = url
        with throwaway():
            from django.db import connection

            from bianzhi.common.db import row_scope

            row_scope.act_as_system()
            _measure(sys.argv[1] if len(sys.argv) > 1 else "small")
            connection.close()


def _measure(size: str) -> None:
    from django.db import connection

    from benchmarks.pages_parts import load
    from bianzhi.common.db import walls
    from bianzhi.common.db.rights import Roles

    load(size)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        walls.apply(cursor, Roles())
    print(f"{'user':<24}{'page':<16}{'bound ms':>9}{'not bound':>10}{'ratio':>7}{'told':>6}")
    for label, username in USERS.items():
        ratios = []
        for page, path in PAGES.items():
            bound, free, told = _in_turn(username, path)
            ratios.append(bound / free)
            figures = f"{bound * 1000:>9.0f}{free * 1000:>10.0f}{ratios[-1]:>7.2f}{told:>6}"
            print(f"{label:<24}{page:<16}{figures}", flush=True)
        print(f"{label:<24}{'median ratio':<16}{statistics.median(ratios):>26.2f}", flush=True)


def _in_turn(username: str, path: str) -> tuple[float, float, int]:
    """Median seconds bound and not bound, and how often the server was told a scope for one page."""
    from django.test import Client

    from bianzhi.accounts.models import User
    from bianzhi.kernel.clock import today
    from bianzhi.organizations.scopes import visible_organization_ids
    from bianzhi.personnel.models import Occupancy

    user = User.objects.get(username=username)
    client = Client(headers={"host": "localhost"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    stays = Occupancy.objects.as_of(today())
    ids = visible_organization_ids(user, today())
    stay = (stays if ids is None else stays.filter(organization__in=ids)).order_by("pk")[0]
    address = path.format(unit=stay.organization_id, person=stay.person_id)
    times: dict[bool, list[float]] = {True: [], False: []}
    told = 0
    for bound in (True, False) * (ROUNDS + 1):
        _become(bound)
        told = _told_during(lambda: client.get(address, follow=True)) if bound and not times[True] else told
        times[bound].append(seconds(lambda: _ok(client.get(address, follow=True))))
    _become(False)
    return statistics.median(times[True][1:]), statistics.median(times[False][1:]), told


def _become(bound: bool) -> None:
    """Take a role on the kept connection."""
    from django.db import connection

    kept: Any = connection
    kept.ensure_connection()
    kept.connection.execute("SET ROLE bianzhi_app" if bound else "RESET ROLE")
    kept.is_bound = bound


def _told_during(act: Any) -> int:
    from django.db import connection

    kept: Any = connection
    tell, count = kept._tell, [0]

    def counted(scope: Any) -> None:
        count[0] += 1
        tell(scope)

    kept._tell = counted
    act()
    del kept._tell
    return count[0]


def _ok(answer: Any) -> None:
    if answer.status_code != 200:
        raise SystemExit(f"{answer.request['PATH_INFO']}: {answer.status_code}")


if __name__ == "__main__":
    main()

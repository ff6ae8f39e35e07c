"""Django's PostgreSQL, which tells the server whose rows it may show before each statement that needs to know.

Only a role bound by row-level security is told anything. What was told is remembered for the connection and told anew
when the scope changes, after a rollback (which takes settings back as well) and on a new connection. The check of a
kept connection at the start of a request wipes it, so that nothing of one request is there for the next.
Statements must reach the server through one session: pooling by transaction (PgBouncer's `transaction` mode) may not
stand between (docs/howto/PostgreSQL.md).
"""

from typing import Any, Final

from django.db.backends.postgresql import base
from psycopg import Error, sql
from psycopg.pq import TransactionStatus

from bianzhi.common.db import row_scope
from bianzhi.common.db.row_scope import NOTHING, RowScope

TELL: Final = sql.SQL("SELECT {}").format(
    sql.SQL(", ").join(
        sql.SQL("set_config({}, {}, false)").format(sql.Literal(name), sql.Placeholder()) for name in NOTHING.settings()
    )
)
IS_BOUND: Final = "SELECT NOT (rolsuper OR rolbypassrls) FROM pg_catalog.pg_roles WHERE rolname = current_user"


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that knows what the server was told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: RowScope | None = None
        self.is_bound = False
        self.execute_wrappers.append(self._told_first)

    def init_connection_state(self) -> None:
        """On a new connection: whether its role is bound at all."""
        super().init_connection_state()
        self._told = None
        found = self.connection.execute(IS_BOUND).fetchone()
        self.is_bound = bool(found and found[0])

    def is_usable(self) -> bool:
        """Whether a kept connection still works; on the way it forgets whom it served."""
        if not self.is_bound or self.connection is None:
            return bool(super().is_usable())
        try:
            self._tell(NOTHING)
        except Error:
            return False
        return True

    def _told_first(self, execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
        if self.is_bound and self._takes_another_statement(statement):
            wanted = row_scope.wanted()
            if wanted != self._told:
                self._tell(wanted)
        return execute(statement, params, many, context)

    def _takes_another_statement(self, statement: Any) -> bool:
        """Not a transaction that failed (it takes its rollback only), nor one whose kind is about to be set."""
        is_setting_kind = isinstance(statement, str) and statement.startswith("SET TRANSACTION")
        return not is_setting_kind and self.connection.info.transaction_status != TransactionStatus.INERROR

    def _tell(self, scope: RowScope) -> None:
        self._told = None
        self.connection.execute(TELL, list(scope.settings().values()))
        self._told = scope

    def _rollback(self) -> Any:
        self._told = None
        return super()._rollback()  # type: ignore[misc]

    def _savepoint_rollback(self, sid: str) -> None:
        super()._savepoint_rollback(sid)  # type: ignore[misc]
        self._told = None

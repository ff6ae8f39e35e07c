"""amcheck of a restored database."""

from __future__ import annotations

from typing import Any

import psycopg


def examine(server: psycopg.Connection[Any]) -> None:
    """amcheck: every index agrees with its table, and every table is readable to its last row."""
    server.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
    looked_at = server.execute(
        "SELECT count(bt_index_check(c.oid, true)) FROM pg_class c JOIN pg_am a ON a.oid = c.relam "
        "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.amname = 'btree' AND c.relkind = 'i' "
        "AND n.nspname = 'public'"
    ).fetchone()
    assert looked_at is not None
    assert looked_at[0] > 100
    damaged = server.execute(
        "SELECT c.relname, v.msg FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, "
        "LATERAL verify_heapam(c.oid) v WHERE c.relkind = 'r' AND n.nspname = 'public'"
    ).fetchall()
    assert damaged == []

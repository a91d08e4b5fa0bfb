"""PostgreSQL behind the port of :mod:`core.store`: the only door to its driver.

``psycopg2`` waits inside libpq with the interpreter's lock released, so a commit or a read that runs
in a native thread beside an event loop stalls nobody. Its hook for event loops (``set_wait_callback``)
is never used: nothing green may enter those threads.
"""

from core.postgres.store import PostgresStore

__all__ = ["PostgresStore"]

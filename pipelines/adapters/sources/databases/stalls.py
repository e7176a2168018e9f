"""A database that says nothing any more: its connection is cut, for it would never be missed."""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from pipelines.adapters.sources.databases import connections

# The first row of a query may take its time; a server that is alive answers within this.
PATIENCE_SECONDS = 900.0


@dataclass
class Watch:
    """
    How long somebody has been waiting for a row.

    Attributes:
        since: When that began; None while nobody waits.
        is_cut: Whether it was too long.
    """

    since: float | None = None
    is_cut: bool = False

    def begin(self) -> None:
        """Wait from now on."""
        self.since = time.monotonic()

    def end(self) -> None:
        """Wait no longer."""
        self.since = None


@contextlib.contextmanager
def watched(connection: sa.Connection, patience_seconds: float) -> Iterator[Watch]:
    """
    Cut *connection* where somebody waits for longer than *patience_seconds* within the block.

    Whoever waits is then told by the driver that it was lost. A file, as of SQLite, is not watched.
    """
    watch = Watch()
    server = getattr(connections.driver_connection(connection), "pgconn", None)
    if server is None:
        yield watch
        return
    ended = threading.Event()
    arguments = (os.dup(server.socket), watch, ended, patience_seconds)
    thread = threading.Thread(target=_cut, args=arguments, daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        ended.set()
        thread.join()


def _cut(descriptor: int, watch: Watch, ended: threading.Event, patience_seconds: float) -> None:
    """Shut the socket once somebody has waited too long."""
    with socket.socket(fileno=descriptor) as line:
        while not ended.wait(min(1.0, patience_seconds / 4)):
            since = watch.since
            if since is not None and time.monotonic() - since > patience_seconds:
                watch.is_cut = True
                with contextlib.suppress(OSError):  # it is lost already
                    line.shutdown(socket.SHUT_RDWR)
                return

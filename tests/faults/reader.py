"""Someone who reads one date all the time."""

import threading
from datetime import date

import psycopg

from tests.faults.business import POPULATION, SEEN, Business, Seen

POLL_SECONDS = 0.02


class Reader(threading.Thread):
    """
    Polls what people read of one date, through a connection of its own.

    Attributes:
        polls: What was read, in order.
        outages: How often the server was away.
    """

    def __init__(self, business: Business, as_of: date) -> None:
        super().__init__(daemon=True)
        self.url, self.as_of = business.url, as_of
        self.polls: list[Seen] = []
        self.outages = 0
        self.is_over = threading.Event()

    def run(self) -> None:
        """Poll until told to stop; a server that is away is asked again."""
        while not self.is_over.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                    while not self.is_over.wait(POLL_SECONDS):
                        row = connection.execute(SEEN, [POPULATION, self.as_of]).fetchone()
                        self.polls.append(row)  # type: ignore[arg-type]
            except psycopg.OperationalError:
                self.outages += 1
                self.is_over.wait(POLL_SECONDS)

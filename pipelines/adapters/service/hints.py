"""Hints of the database that what is served has changed: heard at once, and never relied on."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import structlog

from pipelines.adapters.service import now_functions
from pipelines.adapters.tables import promotions

# So often a listener looks whether it is to end, and after so long it connects again.
LOOK_SECONDS = 0.5
AGAIN_SECONDS = 10.0
# A champion has moved; features are asked by other functions.
CHANNELS = (promotions.CHANNEL, now_functions.CHANNEL)

log = structlog.get_logger(__name__)


@dataclass
class Hints:
    """
    Listens on a connection and a thread of its own.

    Attributes:
        url: `postgresql://…` with the role to work as.
        again_seconds: From a lost connection to the next.
    """

    url: str = field(repr=False)
    again_seconds: float = AGAIN_SECONDS
    _stopped: threading.Event = field(default_factory=threading.Event, init=False, repr=False)

    def start(self, heard: Callable[[], None]) -> None:
        """Call *heard* from a thread of its own at every hint, and whenever some may be missed."""
        threading.Thread(target=self._listen, args=(heard,), name="hints", daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self._stopped.set()

    def _listen(self, heard: Callable[[], None]) -> None:
        """Listen until told to stop, on one connection after the other."""
        is_told = False
        while not self._stopped.is_set():
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                    for channel in CHANNELS:
                        connection.execute(f"listen {channel}")
                    is_told = False
                    heard()
                    while not self._stopped.is_set():
                        for _ in connection.notifies(timeout=LOOK_SECONDS, stop_after=1):
                            heard()
            except psycopg.Error as error:
                # All is looked up all the same, as often as without hints.
                if not is_told:
                    log.info("hints_not_heard", kind=type(error).__name__)
                is_told = True
                self._stopped.wait(self.again_seconds)

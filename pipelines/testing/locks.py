"""Locks in one process."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipelines.errors import RunLocked


@dataclass
class MemoryLocks:
    """
    Locks nobody outside of this object knows.

    Attributes:
        held: Names that are held now; a test may add some that another process holds.
        taken: Every name that was ever taken, in order.
    """

    held: set[str] = field(default_factory=set)
    taken: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold *name* for the block; RunLocked if it is held."""
        if name in self.held:
            raise RunLocked(
                f"there can be one {name} at a time, and now it is somebody else",
                next_step="wait until that has ended, then run the command again",
            )
        self.held.add(name)
        self.taken.append(name)
        try:
            yield
        finally:
            self.held.discard(name)

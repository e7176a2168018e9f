"""Locks between processes."""

from contextlib import AbstractContextManager
from typing import Protocol


class Locks(Protocol):
    """Locks that end with their holder."""

    def lock(self, name: str) -> AbstractContextManager[None]:
        """Hold *name* for the block; RunLocked, saying who holds it, if somebody else does."""

"""What a step asks of its collaborators, in the order it asks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pipelines.testing.locks import MemoryLocks

Double = TypeVar("Double")


@dataclass(frozen=True)
class Call:
    """
    One call of a method.

    Attributes:
        name: The method.
        args: Its arguments by position.
        kwargs: Its arguments by name.
        held: Locks that were held then.
    """

    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    held: frozenset[str]


@dataclass
class Journal:
    """
    Calls of the doubles it watches, oldest first.

    Attributes:
        locks: The locks looked at when a call comes.
        calls: Every call of a method.
    """

    locks: MemoryLocks = field(default_factory=MemoryLocks)
    calls: list[Call] = field(default_factory=list)

    def watch(self, double: Double) -> Double:
        """Return *double*, its calls written down before it answers."""
        return _Watched(double, self)  # type: ignore[return-value]

    def order(self, *names: str) -> list[str]:
        """Return the methods called, in their order; only those of *names*, if there are any."""
        return [call.name for call in self.calls if not names or call.name in names]

    def of(self, name: str) -> list[Call]:
        """Return every call of one method."""
        return [call for call in self.calls if call.name == name]


class _Watched:
    """A double whose calls are written down."""

    def __init__(self, double: object, journal: Journal) -> None:
        self._double, self._journal = double, journal

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the double; a method writes its calls down."""
        found = getattr(self._double, name)

        return self._noting(name, found) if callable(found) else found

    def _noting(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        """Return *method*, with each call written down first."""

        def noted(*args: Any, **kwargs: Any) -> Any:
            held = frozenset(self._journal.locks.held)
            self._journal.calls.append(Call(name, args, kwargs, held))

            return method(*args, **kwargs)

        return noted

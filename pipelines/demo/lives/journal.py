"""The journal of a generated business: what happened to its subscribers, week by week."""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from pipelines.demo.lives.subscribers import Subscribers
from pipelines.demo.timeline import Bools, Floats, Ints


@dataclass(frozen=True, slots=True)
class States:
    """States that subscriptions entered, ordered by row and time; the first is the start."""

    row: Ints
    at: Floats
    plan: Ints
    contract: Ints
    method: Ints
    fee_eur: Floats
    term_ends: Floats


@dataclass(frozen=True, slots=True)
class Tickets:
    """Support tickets; `is_bad` ones are answered slowly and badly, or never."""

    row: Ints
    at: Floats
    category: Ints
    is_bad: Bools


@dataclass(frozen=True, slots=True)
class Defaults:
    """Spells in which invoices are not paid before `until`; inf means never."""

    row: Ints
    since: Floats
    until: Floats


Notes = TypeVar("Notes", States, Tickets, Defaults)


@dataclass(slots=True)
class Journal:
    """
    What is written down while subscribers live, and read out at the end.

    Attributes:
        rates: `(rows, weeks of the history)` usage events expected in the week.
    """

    rates: npt.NDArray[np.float32]
    _states: list[States] = field(default_factory=list)
    _tickets: list[Tickets] = field(default_factory=list)
    _defaults: list[Defaults] = field(default_factory=list)

    def note_states(self, subscribers: Subscribers, rows: Ints, at: Floats) -> None:
        """Write down what *rows* are from *at* on."""
        self._states.append(
            States(
                row=rows,
                at=at,
                plan=subscribers.plan[rows],
                contract=subscribers.contract[rows],
                method=subscribers.method[rows],
                fee_eur=subscribers.fee_eur[rows],
                term_ends=subscribers.term_ends[rows],
            )
        )

    def note_tickets(self, tickets: Tickets) -> None:
        """Write down a week's tickets."""
        self._tickets.append(tickets)

    def note_defaults(self, defaults: Defaults) -> None:
        """Write down the spells that begin in a week."""
        self._defaults.append(defaults)

    def states(self) -> States:
        """Return all states."""
        states = _joined(self._states)

        return _reordered(states, np.lexsort((states.at, states.row)))

    def tickets(self) -> Tickets:
        """Return all tickets, ordered by week."""
        return _joined(self._tickets)

    def defaults(self) -> Defaults:
        """Return all spells, ordered by row and time."""
        defaults = _joined(self._defaults)

        return _reordered(defaults, np.lexsort((defaults.since, defaults.row)))


def _joined(notes: Sequence[Notes]) -> Notes:
    """Return *notes*, of which there is at least one, as one."""
    kind = type(notes[0])

    return kind(
        **{
            column.name: np.concatenate([getattr(note, column.name) for note in notes])
            for column in fields(kind)
        }
    )


def _reordered(notes: Notes, order: Ints) -> Notes:
    """Return *notes* in *order*."""
    kind = type(notes)

    return kind(**{column.name: getattr(notes, column.name)[order] for column in fields(kind)})

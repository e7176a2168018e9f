"""A customer as the warehouse has them now, or as records of a request tell it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class NotAskedNow(Exception):
    """
    The features of a population cannot be asked of one customer, between two nights.

    No command ends by it: a night does without, and the service says so to who asks.

    Args:
        message: Why not.
        next_step: What to change, or to run.
    """

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step


class BeyondRange(ArithmeticError):
    """A value of a record is beyond what its column, or what is made of it, can hold."""


@dataclass(frozen=True, slots=True)
class AskedNow:
    """
    A customer whose features are asked for.

    Attributes:
        customer_id: Who.
        records: What is told of them besides what the warehouse has, as rows of its tables.
        is_alone: Whether these are all there is to know of them.
    """

    customer_id: str
    records: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    is_alone: bool = False

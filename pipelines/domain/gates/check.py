"""One expectation of a batch, called as Great Expectations calls it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

CheckSeverity = Literal["fail", "warn"]


@dataclass(frozen=True, slots=True)
class Check:
    """
    One expectation of one batch.

    Attributes:
        expectation: Type as Great Expectations names it: `expect_…`.
        kwargs: Its arguments.
        origin: Where it is written, for the error when it is not legal.
        severity: Whether a failure stops the night or is only recorded.
        owner: Who is asked when it fails.
        context: Where its bounds come from; kept beside its arguments.
    """

    expectation: str
    kwargs: Mapping[str, Any]
    origin: str
    severity: CheckSeverity = "fail"
    owner: str = "data"
    context: Mapping[str, Any] = field(default_factory=dict)

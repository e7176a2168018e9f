"""How long answers take at a rate of requests: what an open loop found, as docs keep it."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from tests.benchmarks.api_load import Found

# An answer that takes longer is one somebody waits for.
MOST_P95_MS: Final = 100.0


@dataclass(frozen=True, slots=True)
class Rate:
    """
    What became of requests that came at a rate.

    Attributes:
        kind: Which route was asked.
        connections: Over how many connections.
        rate: Requests a second.
        answered: How many were answered 200.
        errors: How many were not.
        p50_ms: Milliseconds from when a request was due, of half of those that were answered.
        p95_ms: Of 95 in 100.
        p99_ms: Of 99 in 100.
    """

    kind: str
    connections: int
    rate: int
    answered: int
    errors: int
    p50_ms: float
    p95_ms: float
    p99_ms: float

    @classmethod
    def of(cls, kind: str, connections: int, rate: int, found: Found) -> "Rate":
        """Return what an open loop has found; of no answer at all the times are 0."""
        errors = sum(found.errors.values())
        times = np.percentile(found.seconds or [0.0], [50, 95, 99]) * 1000
        p50, p95, p99 = (round(float(each), 1) for each in times)

        return cls(kind, connections, rate, len(found.seconds), errors, p50, p95, p99)

    @property
    def is_kept(self) -> bool:
        """Whether every request was answered, and soon."""
        return self.answered > 0 and not self.errors and self.p95_ms <= MOST_P95_MS


def read(path: Path) -> list[Rate]:
    """Return what was written to a file."""
    return [Rate(**each) for each in json.loads(path.read_text("utf-8"))]


def write(path: Path, rates: Iterable[Rate]) -> None:
    """Write what was found to a file, a line each."""
    lines = ",\n".join(json.dumps(asdict(each)) for each in rates)
    path.write_text(f"[\n{lines}\n]\n", "utf-8")


def kinds(rates: Iterable[Rate]) -> dict[str, list[Rate]]:
    """Return rates by kind, the slowest rate first."""
    found: dict[str, list[Rate]] = {}
    for each in sorted(rates, key=lambda each: each.rate):
        found.setdefault(each.kind, []).append(each)

    return found


def knee(rates: Iterable[Rate]) -> int:
    """Return the highest rate up to which every one of a kind was kept; 0 where none was."""
    highest = 0
    for each in sorted(rates, key=lambda each: each.rate):
        if not each.is_kept:
            break
        highest = each.rate

    return highest

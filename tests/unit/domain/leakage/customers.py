"""Customers who leave for reasons that are known before, to plant leaks among."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from pipelines.domain.columns import column as table_column
from pipelines.domain.columns.column import Column
from pipelines.domain.leakage import probe
from pipelines.domain.leakage.finding import Finding
from pipelines.domain.leakage.probe import MOST_ROWS

DAY = date(2026, 11, 1)


class Customers:
    """
    A table whose honest columns follow a risk nobody sees.

    Args:
        rows: How many.
        rate: Share that leaves.
        seed: The same seed gives the same customers.
    """

    def __init__(self, *, rows: int = 3000, rate: float = 0.2, seed: int = 1) -> None:
        self.rows = rows
        self.random = np.random.default_rng(seed)
        self.risk = self.random.normal(size=self.rows)
        contract = self.risk + self.random.normal(size=self.rows) > 0.3
        tenure = np.exp(3 - 0.5 * self.risk + 0.6 * self.random.normal(size=self.rows)) // 1
        odds = 1.2 * self.risk + 0.8 * contract + 0.8 * self.random.logistic(size=self.rows)
        self.is_churned = odds > np.quantile(odds, 1 - rate)
        fee = 20 + 15 * self.random.gamma(2, 1, self.rows)
        self.columns: dict[str, Sequence[Any]] = {
            "tenure": tenure.astype(int),
            "contract": np.where(contract, "month", self.random.choice(["one", "two"], self.rows)),
            "fee": fee.round(2),
            "town": [f"town {n}" for n in self.random.zipf(1.3, self.rows) % 300],
            "last_invoice": [
                None if months < 3 else round(value, 2)
                for months, value in zip(tenure, fee, strict=True)
            ],
        }

    def chosen(self, of_left: float, of_stayed: float) -> np.ndarray:
        """Return `(n_rows,)`, a share of those who left, and one of the others."""
        share = np.where(self.is_churned, of_left, of_stayed)

        return self.random.random(self.rows) < share

    def flipped(self, share: float) -> np.ndarray:
        """Return who left, wrong for a share of them."""
        return self.is_churned ^ (self.random.random(self.rows) < share)

    @cached_property
    def honest(self) -> dict[str, Column]:
        """Return the honest columns by name, as a file of text is read."""
        return {name: _read(name, values) for name, values in self.columns.items()}

    def findings(self, *, most_rows: int = MOST_ROWS, **more: Sequence[Any]) -> list[Finding]:
        """Return what is suspect, with more columns among the honest ones."""
        columns = self.honest | {name: _read(name, values) for name, values in more.items()}
        is_judged = np.ones(self.rows, np.bool_)
        found = probe.of_table([*columns.values()], is_judged, self.is_churned, most_rows=most_rows)

        return [*found.findings]

    def kinds(
        self, *, most_rows: int = MOST_ROWS, **more: Sequence[Any]
    ) -> dict[tuple[str, ...], str]:
        """Return the kind of each suspicion, by its columns."""
        return {
            finding.columns: finding.kind for finding in self.findings(most_rows=most_rows, **more)
        }


def _read(name: str, values: Sequence[Any]) -> Column:
    """Return a column of a file of text."""
    texts = [None if value is None else str(value) for value in values]

    return table_column.read(name, pa.chunked_array([texts]))

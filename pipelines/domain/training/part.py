"""Rows of a training: encoded all of them, and as the warehouse holds them a sample."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pipelines.domain.arrays import Flags, Matrix
from pipelines.domain.features.splits import customer_shares


@dataclass(frozen=True, slots=True)
class Sample:
    """
    Some rows of a part as the warehouse holds them.

    Attributes:
        rows: `(n_sampled,)` positions in the part, ascending.
        features: Their features and attributes.
    """

    rows: npt.NDArray[np.intp]
    features: pa.Table

    def taken(self, rows: npt.NDArray[np.intp]) -> Self:
        """Return those among *rows*, which ascend, by their positions there."""
        places = np.searchsorted(rows, self.rows)
        is_there = rows[np.minimum(places, len(rows) - 1)] == self.rows if len(rows) else rows == 1
        found = np.flatnonzero(is_there)

        return type(self)(places[found], self.features.take(pa.array(found)))


@dataclass(frozen=True, slots=True)
class Part:
    """
    The rows of one part.

    Attributes:
        keys: as_of and customer_id.
        matrix: `(n_customers, n_features)`, encoded.
        is_churned: `(n_customers,)`.
        sample: Some of them, not encoded: of a large set all of them take too much memory.
    """

    keys: pa.Table
    matrix: Matrix
    is_churned: Flags
    sample: Sample

    def taken(self, rows: npt.NDArray[np.intp]) -> Self:
        """Return the rows at these positions, which ascend; neighbours are not copied."""
        is_stretch = len(rows) > 0 and rows[-1] - rows[0] + 1 == len(rows)
        where = slice(rows[0], rows[-1] + 1) if is_stretch else rows

        return type(self)(
            self.keys.take(pa.array(rows)),
            self.matrix[where],
            self.is_churned[where],
            self.sample.taken(rows),
        )

    def thinned(self, most_rows: int, *, least_churners: int, seed: int) -> Self:
        """
        Return about *most_rows*, all rows of a share of the customers; itself if it has no more.

        Args:
            most_rows: How many are enough.
            least_churners: So many of them are kept, though it takes more rows.
            seed: Seed of the choice of customers.
        """
        enough = max(
            most_rows / max(1, len(self.is_churned)),
            least_churners / max(1, int(self.is_churned.sum())),
        )
        if enough >= 1:
            return self
        shares = customer_shares(self.keys.column("customer_id"), seed)

        return self.taken(np.flatnonzero(shares < enough))


def joined(*parts: Part) -> Part:
    """Return the rows of several parts as one."""
    begins = np.cumsum([0, *(len(part.is_churned) for part in parts)])

    return Part(
        pa.concat_tables([part.keys for part in parts]),
        np.concatenate([part.matrix for part in parts]),
        np.concatenate([part.is_churned for part in parts]),
        Sample(
            np.concatenate(
                [begin + part.sample.rows for begin, part in zip(begins, parts, strict=False)]
            ),
            pa.concat_tables([part.sample.features for part in parts]),
        ),
    )

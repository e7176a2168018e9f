"""The values of one column, each distinct one once, as text whatever its source holds."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Codes = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]

# What stands for nothing in the files people send, in lower case.
NOTHING = frozenset(
    {
        *("-", "--", ".", "...", "?", "??", "#n/a", "#na", "#null!", "(blank)", "(null)", "blank"),
        *("empty", "missing", "n.a.", "n/a", "na", "nan", "nil", "none", "null", "undefined"),
        *("unknown", "not available", "not given", "not known", "k.a.", "k. a.", "unbekannt"),
    }
)
# The same, where a declaration says so: loads of before have taken them for what is written, and
# rows of a log are known by that.
NOTHING_IF_DECLARED = frozenset(
    {
        # What MySQL and Hive, databases' tools, pandas and Excel write.
        *(
            "\\n",
            "[null]",
            "<null>",
            "<na>",
            "nat",
            "#value!",
            "#ref!",
            "#div/0!",
            "#num!",
            "#name?",
        ),
        *("not provided", "not specified", "unspecified", "keine angabe", "ohne angabe", "n.d."),
        *("inconnu", "non renseigné", "desconocido", "sconosciuto"),
    }
)
# Every whole number below is one float64, and its digits are exact.
WHOLE_BELOW = 2.0**53


@dataclass(frozen=True)
class Values:
    """
    One column, encoded.

    Attributes:
        codes: `(n_rows,)`, positions in `levels`; -1 where there is nothing, not even a blank.
        levels: `(n_levels,)`, distinct texts without outer blanks, in the order they appear.
    """

    codes: Codes
    levels: pd.Series

    @cached_property
    def counts(self) -> Counts:
        """`(n_levels,)`, rows of each level."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.levels)).astype(np.int64)

    @cached_property
    def is_nothing(self) -> npt.NDArray[np.bool_]:
        """`(n_levels,)`, whether a level is blank or a word for nothing, such as `N/A`."""
        words = {"", *NOTHING, *NOTHING_IF_DECLARED}

        return np.asarray(self.levels.str.lower().isin(words), dtype=np.bool_)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.codes)

    def row_mask(self, is_level: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Return `(n_rows,)`, where the level of a row is one of those marked."""
        mask = np.zeros(self.rows, dtype=np.bool_)
        there = self.codes >= 0
        mask[there] = is_level[self.codes[there]]

        return mask


def encode(column: pa.ChunkedArray) -> Values:
    """
    Encode a column of any plain type.

    Numbers and times are taken as they are written: a source with types and one without, of the
    same table, are the same column.
    """
    values = column.combine_chunks()
    encoded = as_text(values).dictionary_encode()
    codes = pc.fill_null(encoded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int32)

    return Values(codes, encoded.dictionary.to_pandas().astype(str))


def as_text(values: pa.Array) -> pa.Array:
    """
    Return *values* as they are written, without outer blanks; a whole number without a point.

    NaN is NULL. Arrow writes a float of eleven digits as 1.2e+10, which no csv does.

    Raises:
        pa.ArrowInvalid: Values of a nested or binary type.
        pa.ArrowNotImplementedError: The same, of other types.
    """
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if not pa.types.is_floating(values.type):
        return pc.utf8_trim_whitespace(pc.cast(values, pa.string()))
    numbers = pc.cast(values, pa.float64())
    numbers = pc.if_else(pc.is_nan(numbers), None, numbers)
    is_whole = pc.and_(pc.equal(numbers, pc.floor(numbers)), pc.less(pc.abs(numbers), WHOLE_BELOW))
    whole = pc.cast(pc.if_else(is_whole, numbers, None), pa.int64())

    return pc.coalesce(pc.cast(whole, pa.string()), pc.cast(numbers, pa.string()))

"""The mess of real records: late, sent twice, or typed by hand."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.demo.timeline import Bools, Floats

LATE_SHARE = 0.025
LATE_DAYS = (1.0, 10.0)
USUAL_LAG_DAYS = 0.02
LONGEST_USUAL_LAG_DAYS = 0.75

REPEATED_SHARE = 0.006
REPEATED_DAYS = (0.004, 0.12)
# A later state is loaded after the repetitions of an earlier one, or it would be taken back.
NEXT_STATE_DAYS = 0.15

MISTYPED_SHARE = 0.03


def known_on(rng: np.random.Generator, happened: Floats) -> Floats:
    """Return the day each record is loaded: minutes to hours after it happened, or days if late."""
    size = len(happened)
    usual = np.minimum(USUAL_LAG_DAYS * rng.lognormal(0, 1, size), LONGEST_USUAL_LAG_DAYS)
    is_late = rng.random(size) < LATE_SHARE

    return happened + np.where(is_late, rng.uniform(*LATE_DAYS, size), usual)


def repeated(rng: np.random.Generator, loaded: Floats) -> tuple[Bools, Floats]:
    """Return which records are sent twice, and the days those are loaded again."""
    is_repeated = rng.random(len(loaded)) < REPEATED_SHARE
    again = loaded[is_repeated]

    return is_repeated, again + rng.uniform(*REPEATED_DAYS, len(again))


def mistyped(rng: np.random.Generator, column: pa.Array) -> pa.Array:
    """Return *column* with a few values in capitals, capitalised or padded with blanks."""
    luck = pa.array(rng.random(len(column)))
    third = MISTYPED_SHARE / 3
    in_capitals = pc.if_else(pc.less(luck, third), pc.utf8_upper(column), column)
    padded = pc.binary_join_element_wise(" ", column, " ", "")
    padded = pc.if_else(pc.less(luck, 2 * third), padded, pc.utf8_capitalize(column))
    is_other = pc.and_(pc.greater_equal(luck, third), pc.less(luck, 3 * third))

    return pc.if_else(is_other, padded, in_capitals)

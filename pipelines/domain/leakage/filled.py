"""Columns that were written once it was over: filled, or changed, for those who left alone."""

from collections.abc import Iterator

import numpy as np

from pipelines.domain.arrays import Flags
from pipelines.domain.columns.names import LEAVING_STEMS, begins_with, words
from pipelines.domain.leakage.finding import Finding
from pipelines.domain.leakage.shares import (
    LEAST_SHARE,
    LEAST_SHARE_OF_ENDINGS,
    LIKELIHOOD_RATIO,
    LIKELIHOOD_RATIO_OF_ENDINGS,
    LIKELIHOOD_RATIO_OF_STAYING,
    Condition,
    is_only_of,
    percent,
)
from pipelines.domain.leakage.told import Codes, Told

# Of those who stayed: what so many have is what a column holds until something is written.
USUAL = 0.95
# Of those who left; a level that fewer have is a rare risk, and may be known.
COVERED = 0.10
LEVEL_SHARE = 0.9
# Numbers are levels where there are few of them.
MOST_LEVELS = 50
# Of those who left: risk grows by and by, so that few of them are where all have left.
COVERED_BY_TAIL = 0.25
TAIL_SHARE = 0.95
LEAST_SHARE_OF_DATED = 0.95
FILLED = "is filled"
# Of headers beside the words for leaving: what is written down when somebody does.
ENDING_WORDS = frozenset({"end", "ended", "ending", "reason", "refund", "refunded", "winback"})


def filled(
    told: Told, is_churned: Flags, *, independent: float = 1.0, is_dated: bool = False
) -> Finding | None:
    """
    Return the suspicion that a column was filled, or changed, after the outcome.

    Args:
        told: The column.
        is_churned: `(n_rows,)`, with enough of both.
        independent: As of a `Condition`.
        is_dated: Whether it is of a day before the outcome, on which those who are about to leave
            may have nothing any more: only what they alone have is suspect then.
    """
    base = float(is_churned.mean())
    is_ending = begins_with(told.name, LEAVING_STEMS) or bool(ENDING_WORDS & {*words(told.name)})
    ratio = LIKELIHOOD_RATIO_OF_ENDINGS if is_ending else LIKELIHOOD_RATIO
    least = LEAST_SHARE_OF_ENDINGS if is_ending else LEAST_SHARE
    patterns = [*_patterns(told, is_churned)]
    if is_dated:
        ratio, least = LIKELIHOOD_RATIO, LEAST_SHARE_OF_DATED
        patterns = [(is_written, said) for is_written, said in patterns if said == FILLED]
    for is_written, said in patterns:
        rows, left = int(is_written.sum()), int((is_written & is_churned).sum())
        of_left, of_stayed = left / is_churned.sum(), (rows - left) / (~is_churned).sum()
        if is_only_of(Condition(left, rows, base, independent), ratio, least):
            reason = (
                f"{said} for {percent(of_left)} of those who left and {percent(of_stayed)} of the "
                "others: written afterwards?"
            )
            return Finding((told.name,), "filled", reason)

    return None if is_dated else _of_stayers(told, is_churned, independent)


def level(told: Told, is_churned: Flags, *, independent: float = 1.0) -> Finding | None:
    """
    Return the suspicion that a value is given to those who left, and to hardly anybody else.

    Args:
        told: The column.
        is_churned: `(n_rows,)`, with enough of both.
        independent: As of a `Condition`.
    """
    is_known = told.is_known
    if told.scale == "own" or not is_known.any():
        return None
    rows = np.bincount(told.codes[is_known])
    if told.scale != "word" and (rows > 0).sum() > MOST_LEVELS:
        return None
    left = np.bincount(told.codes[is_known], is_churned[is_known]).astype(np.int64)
    base, churners = float(is_churned.mean()), is_churned.sum()
    for code in np.argsort(-left, kind="stable"):
        if left[code] < COVERED * churners:
            return None
        condition = Condition(int(left[code]), int(rows[code]), base, independent)
        if is_only_of(condition, LIKELIHOOD_RATIO, LEVEL_SHARE):
            of_stayed = (rows[code] - left[code]) / (~is_churned).sum()
            reason = (
                f"has a value that {percent(left[code] / churners)} of those who left have and "
                f"{percent(of_stayed)} of the others: given afterwards?"
            )
            return Finding((told.name,), "level", reason)

    return None


def tail(
    told: Told, groups: Codes, is_churned: Flags, *, independent: float = 1.0
) -> Finding | None:
    """
    Return the suspicion that many who left, and nobody else, have more or less than a bound.

    Args:
        told: The column.
        groups: Its bins, as `grouped` returns them.
        is_churned: `(n_rows,)`, with enough of both.
        independent: As of a `Condition`.
    """
    if told.measures is None:
        return None
    counts = np.bincount(groups)[1:]
    left = np.bincount(groups, is_churned)[1:]
    base, churners = float(is_churned.mean()), int(is_churned.sum())
    for step, said in ((-1, "more"), (1, "less")):
        rows_so_far = np.cumsum(counts[::step])
        for rows, of_left in zip(rows_so_far, np.cumsum(left[::step]), strict=True):
            if of_left < COVERED_BY_TAIL * churners:
                continue
            condition = Condition(int(of_left), int(rows), base, independent)
            if not is_only_of(condition, LIKELIHOOD_RATIO, TAIL_SHARE):
                break
            of_stayed = (rows - of_left) / (~is_churned).sum()
            reason = (
                f"is {said} than a bound for {percent(of_left / churners)} of those who left and "
                f"{percent(of_stayed)} of the others: counted afterwards?"
            )
            return Finding((told.name,), "tail", reason)

    return None


def _patterns(told: Told, is_churned: Flags) -> Iterator[tuple[Flags, str]]:
    """Yield where something was written, or taken away, and how that is said."""
    is_known = told.is_known
    if not is_known.any():
        return
    if not is_known.all():
        yield is_known, FILLED
        yield ~is_known, "is empty"
    if told.scale == "own":
        return
    stayed = told.codes[~is_churned]
    counts = np.bincount(stayed[stayed >= 0], minlength=1)
    usual = int(counts.argmax())
    if counts[usual] >= USUAL * len(stayed):
        yield np.asarray(is_known & (told.codes != usual), dtype=np.bool_), "is not as usual"


def _of_stayers(told: Told, is_churned: Flags, independent: float) -> Finding | None:
    """Return the suspicion that a column is filled, or empty, for those who stayed alone."""
    is_known = told.is_known
    base = float((~is_churned).mean())
    for is_written, said in ((is_known, FILLED), (~is_known, "is empty")):
        rows, stayed = int(is_written.sum()), int((is_written & ~is_churned).sum())
        if rows == len(is_churned):
            return None
        condition = Condition(stayed, rows, base, independent)
        if is_only_of(condition, LIKELIHOOD_RATIO_OF_STAYING):
            of_stayed, of_left = stayed / (~is_churned).sum(), (rows - stayed) / is_churned.sum()
            reason = (
                f"{said} for {percent(of_stayed)} of those who stayed and {percent(of_left)} of "
                "those who left: written afterwards?"
            )
            return Finding((told.name,), "filled", reason)

    return None

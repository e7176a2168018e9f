"""How many levels of a category count by themselves."""

import pytest

from pipelines.domain.columns.kinds import COMMONEST, LEAST_ROWS, MOST_LEVELS, learnable

RARE, ENOUGH = LEAST_ROWS - 1, LEAST_ROWS


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([], 0),
        ([ENOUGH, 1], 2),
        ([RARE] * COMMONEST, COMMONEST),
        ([RARE] * (COMMONEST + 1), COMMONEST),
        ([ENOUGH] * (COMMONEST + 1), COMMONEST + 1),
        ([ENOUGH] * 100 + [RARE] * 9, 100),
        ([ENOUGH] * MOST_LEVELS, MOST_LEVELS - 1),
    ],
)
def test_levels_count_by_themselves_where_enough_rows_have_them(
    counts: list[int], expected: int
) -> None:
    """Few do whatever they have; of many those that can be learned from, and never all too many."""
    assert expected == learnable(counts)

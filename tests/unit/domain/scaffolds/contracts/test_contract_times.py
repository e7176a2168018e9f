"""When contracts begin and end, as far as their columns tell."""

import numpy as np
import pytest

from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.contracts.contract_times import contract_times, ends_of
from pipelines.errors import ImportRefused
from tests.contract_file import TODAY, contracts, looked_at, with_columns

FILE = contracts(120)
LOOKED_AT = looked_at(FILE)
BEGINS = np.asarray(FILE["start_date"].to_pylist(), dtype="datetime64[D]")


def told(found: Inspected, *said: str) -> tuple[str, str]:
    """Return the headers of begin and end."""
    times = contract_times(found, said)

    return times.begin.name, times.end.name


@pytest.mark.parametrize("said", [(), ("end_date",), ("start_date",), ("end_date", "start_date")])
def test_the_one_end_there_is_is_taken(said: tuple[str, ...]) -> None:
    """Whether somebody has named it, its begin, both or nothing."""
    assert ("start_date", "end_date") == told(LOOKED_AT, *said)


def test_what_came_before_or_between_is_neither_begin_nor_end() -> None:
    """When somebody was born, when an offer was made, when a bill was paid last."""
    born = [f"19{60 + number % 30}-05-01" for number in range(len(FILE))]
    offered = [str(day - number % 20) for number, day in enumerate(BEGINS)]
    paid = [str(day + 5) if number % 7 else "" for number, day in enumerate(BEGINS)]

    assert ("start_date", "end_date") == told(
        with_columns(LOOKED_AT, birthday=born, offer=offered, last_paid=paid)
    )


def test_an_end_that_all_rows_have_may_lie_ahead() -> None:
    """Then they are known to run until then; those that are over are told by the day it is."""
    ends = [str(day + 300) for day in BEGINS]
    times = contract_times(with_columns(LOOKED_AT, end_date=ends), ())

    assert ("start_date", "end_date") == (times.begin.name, times.end.name)
    assert [end < str(TODAY) for end in ends] == times.is_over.tolist()


def test_of_two_ends_one_has_to_be_named() -> None:
    """Unless one alone is called so; the error says how."""
    ends = FILE["end_date"].to_pylist()
    assert ("start_date", "end_date") == told(with_columns(LOOKED_AT, told_on=ends))

    with pytest.raises(ImportRefused, match="2 columns of contracts may say") as refused:
        told(with_columns(LOOKED_AT, closed_on=ends))
    assert (
        "name it: --time contracts.end_date, or --time contracts.closed_on"
        == refused.value.next_step
    )


def test_no_end_is_refused() -> None:
    """With what to do instead."""
    with pytest.raises(ImportRefused, match="every customer has rows in 'contracts'") as refused:
        told(with_columns(LOOKED_AT, end_date=[]))
    assert "--gone 'no contracts in 90d'" in refused.value.next_step
    assert "--time contracts.COLUMN" in refused.value.next_step


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (("plan",), "plan of contracts holds no dates or times"),
        (("start_date", "offer"), "start_date and offer of contracts do not say when"),
    ],
)
def test_a_named_time_that_ends_nothing_is_refused(said: tuple[str, ...], fault: str) -> None:
    """Rather than taken for something else."""
    offered = [str(day + number % 20 - 10) for number, day in enumerate(BEGINS)]
    with pytest.raises(ImportRefused, match=fault) as refused:
        told(with_columns(LOOKED_AT, offer=offered), *said)
    assert "--time contracts.COLUMN" in refused.value.next_step


def test_a_named_begin_is_no_end() -> None:
    """Of several tables it says when rows happened, as of any log."""
    assert ends_of(LOOKED_AT, ())
    assert ends_of(LOOKED_AT, ("end_date",))
    assert not ends_of(LOOKED_AT, ("start_date",))
    assert not ends_of(with_columns(LOOKED_AT, end_date=[]), ())

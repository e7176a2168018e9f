"""What a file of contracts knows of them that nobody knew when they began."""

from collections.abc import Sequence

import numpy as np

from pipelines.domain.scaffolds.contracts.contract_leaks import contract_leaks
from pipelines.domain.scaffolds.contracts.contract_times import contract_times
from tests.contract_file import TODAY, contracts, looked_at, with_columns

FILE = contracts(200)
LOOKED_AT = looked_at(FILE)
ROWS = FILE.to_pylist()
RANDOM = np.random.default_rng(4)


def leaks(**more: Sequence[object]) -> dict[str, str]:
    """Return the reasons, of the file with columns of the test; one without values is gone."""
    table = with_columns(LOOKED_AT, **more)

    return dict(contract_leaks(table, contract_times(table, ())))


def test_what_was_written_when_it_ended_is_found() -> None:
    """The end, a status, a reason, and the days it has lasted; not the plan nor the fee."""
    assert {
        "end_date": "it says who left, and when: not known before",
        "status": "tells whether end_date is known (AUC 1.00): written later?",
        "reason": "known only where end_date is: written later?",
        "days_lasted": "goes with how long a contract has lasted: written later?",
    } == leaks()


def test_what_adds_up_while_it_runs_is_found() -> None:
    """A sum of payments goes with the days, though not exactly."""
    paid = [int(row["days_lasted"]) * RANDOM.uniform(8, 12) for row in ROWS]

    assert "goes with how long" in leaks(paid=paid)["paid"]


def test_a_term_that_was_agreed_on_was_known() -> None:
    """It goes with the days of contracts that are over, but not with the age of others."""
    begins = np.asarray([row["start_date"] for row in ROWS], dtype="datetime64[D]")
    terms = RANDOM.choice([12, 24, 36], len(ROWS))
    ends = [str(day) if str(day) < str(TODAY) else "" for day in begins + 30 * terms]

    assert "term" not in leaks(end_date=ends, term=terms, days_lasted=[], status=[], reason=[])


def test_a_time_after_the_begin_was_not_known_then() -> None:
    """When it was paid last; one before the begin was."""
    begins = np.asarray([row["start_date"] for row in ROWS], dtype="datetime64[D]")
    found = leaks(paid_on=[*(begins + 30)], offered_on=[*(begins - 30)])

    assert "comes after start_date: written later?" == found["paid_on"]
    assert "offered_on" not in found


def test_a_status_tells_an_end_that_lies_ahead() -> None:
    """Where every contract has an end, those that are over are told by the day it is."""
    begins = np.asarray([row["start_date"] for row in ROWS], dtype="datetime64[D]")
    ends = begins + 365
    states = ["over" if str(day) < str(TODAY) else "runs" for day in ends]
    found = leaks(end_date=ends, state=states, days_lasted=[], status=[], reason=[])

    assert {"state", "end_date"} == {*found}

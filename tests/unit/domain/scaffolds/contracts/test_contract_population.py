"""What a file of contracts is made of."""

import functools
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest

from pipelines.adapters.scaffolds import contract_models
from pipelines.domain.inspection.report import Inspection
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.contracts.contract_population import ContractPopulation
from pipelines.domain.scaffolds.summary import summary
from pipelines.errors import ConfigError, ImportRefused
from pipelines.steps.data.new_population import new_population
from tests.contract_file import contracts, looked_at, with_columns

ANSWERS = Answers("firm", gone=("contracts in 60d",))


@functools.cache
def file() -> pa.Table:
    """Return the contracts of a firm."""
    return contracts(600)


@functools.cache
def inspected() -> Inspected:
    """Return them looked at."""
    return looked_at(file())


def decided(answers: Answers = ANSWERS, found: Inspected | None = None) -> ContractPopulation:
    """Decide on the file, or on another."""
    inspection = Inspection([found or inspected()], [])
    made = new_population(answers=answers, inspection=inspection, house={})
    assert isinstance(made, ContractPopulation)

    return made


def names(found: ContractPopulation) -> list[str]:
    """Return the names of the features."""
    return [each.name for each in found.features]


def test_begins_and_ends_are_loaded_of_one_file() -> None:
    """What lies ahead, of either, has not happened; of the ends whose and when is enough."""
    found = decided()
    begun, ended = found.tables

    assert ("contracts", "start_date", True) == (begun.name, begun.happened_at, begun.is_open)
    assert ("contracts_ended", "end_date", True) == (ended.name, ended.happened_at, ended.is_open)
    assert begun.origin == ended.origin
    assert [
        ("customer_id", "customer_id"),
        ("end_date", "end_date"),
        ("contract_no", "contract_no"),
    ] == [(column.name, column.header) for column in ended.columns]
    assert {"end_date", "days_lasted", "status", "reason"} == {*begun.dropped}


def test_everybody_with_a_contract_that_runs_is_scored() -> None:
    """However long ago it began; a person may say otherwise."""
    assert decided().log.eligible_days is None
    assert 400 == decided(replace(ANSWERS, eligible="contracts in 400d")).log.eligible_days
    assert 60 == decided().log.horizon_days


def test_the_contract_that_runs_and_those_before_are_features() -> None:
    """No windows of weeks, which hold none of most customers."""
    found = names(decided())

    assert {"days_since_start_date", "plan", "monthly_fee", "days_to_anniversary"} <= {*found}
    assert {"contracts_total", "change_monthly_fee", "distinct_plan", "days_since_last_end"} <= {
        *found
    }
    assert [] == [name for name in found if "84d" in name]


def test_nobody_has_a_second_one() -> None:
    """Then there is nothing to say of those before."""
    found = decided(found=looked_at(contracts(200, renews=False)))

    assert () == found.history
    assert ["days_since_start_date", "plan", "monthly_fee", "is_sepa", "days_to_anniversary"] == (
        names(found)
    )


def test_contracts_without_a_number_are_told_apart_by_their_begin() -> None:
    """A number of rows is none: it is another one in the next export."""
    rows = [f"r{number}" for number in range(inspected().rows)]
    numbered = with_columns(inspected(), contract_no=[], row=rows)
    found = decided(found=numbered)

    assert "start_date" == found.log.row_key
    assert ["customer_id", "end_date", "start_date"] == [
        column.name for column in found.ended.columns
    ]
    assert "contract_no" == decided().log.row_key


def test_a_column_that_was_written_later_is_taken_with_a_reason() -> None:
    """But never the end."""
    accepted = replace(ANSWERS, accepts={"status": "asked at the begin", "end_date": "a term"})

    assert {"status"} == {*names(decided(accepted))} & {"status", "days_since_end_date"}


def test_what_knew_who_would_leave_is_left_out() -> None:
    """A flag on all contracts of who has left of late, which does not go with the ends of each."""
    rows = file().to_pylist()
    runs = {row["customer_id"] for row in rows if row["status"] == "active"}
    late = {row["customer_id"] for row in rows if row["end_date"] >= "2026-07-01"} - runs
    flags = ["yes" if row["customer_id"] in late else "no" for row in rows]
    in_120_days = replace(ANSWERS, gone=("contracts in 120d",))
    table = decided(in_120_days, with_columns(inspected(), flag=flags)).table

    assert table.dropped["flag"].startswith("its last value tells alone who left later (AUC ")
    assert "plan" not in table.dropped


def test_the_table_is_whole_until_the_last_thing_that_happened() -> None:
    """What lies ahead says nothing of that."""
    assert date(2026, 10, 1) < decided().ends <= date(2026, 11, 1)
    assert (12, 64) == (decided().snapshots, decided().snapshot_every_days)


def test_a_contract_ends_and_is_not_silent() -> None:
    """Silence beside the end is refused, and so is a table nobody brought."""
    with pytest.raises(ConfigError, match="a customer without a new one is not silent"):
        decided(replace(ANSWERS, gone=("contracts in 60d", "no contracts in 60d")))
    with pytest.raises(ConfigError, match="there is no table 'deals'"):
        decided(replace(ANSWERS, gone=("deals in 60d",)))


def test_a_file_too_short_to_learn_from_is_refused() -> None:
    """As any log is."""
    with pytest.raises(ImportRefused, match=r"contracts spans 1,?\d\d\d days"):
        decided(replace(ANSWERS, gone=("contracts in 600d",)))


def test_a_column_called_as_a_feature_costs_none_its_name() -> None:
    """They are told apart by a number."""
    more = with_columns(inspected(), contracts_total=[n % 7 for n in range(inspected().rows)])
    found = names(decided(found=more))

    assert {"contracts_total", "contracts_total_2"} <= {*found}
    assert len({*found}) == len(found)


def test_no_week_has_to_have_a_contract() -> None:
    """The gate asks nothing of how many came in last week."""
    files = contract_models.render(decided())
    suites = {path: text for path, text in files.items() if path.startswith("expectations/")}

    assert 2 == len(suites)
    assert [] == [path for path, text in suites.items() if "known_within_days" in text]


def test_it_is_said_in_words() -> None:
    """When they begin and end, who left, and what is left out."""
    (section,) = summary(decided(replace(ANSWERS, eligible="contracts in 400d")))

    assert section.title.startswith("firm, contracts: ")
    assert (
        "whose a row is: customer_id; begins: start_date; ends: end_date; contracts are told apart "
        "by contract_no",
        "who left: no contract that runs, 60 days later",
        "who is scored: with a contract that runs, begun in the last 400 days",
    ) == section.items[:3]

"""What contracts say of a customer: the one that runs, and those there were before."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import partial

from pipelines.domain.features.contract import Feature
from pipelines.domain.scaffolds import names
from pipelines.domain.scaffolds.events.declaration import Declaration, call, declared
from pipelines.domain.scaffolds.facts import FactFeature

# Contracts are as old as years, so that windows of weeks hold none of most customers.
YEAR = 365


def current(facts: Sequence[FactFeature], begin: str) -> tuple[FactFeature, ...]:
    """
    Declare what the contract that runs says, the latest begun where several do.

    Args:
        facts: A feature of each column of it.
        begin: Raw column that says when it began.
    """
    found = {each.name: _of_the_one_that_runs(each) for each in facts}
    name = _name("days_to_anniversary", found)
    found[name] = FactFeature(
        Feature(
            name,
            "numeric",
            "days to the next anniversary of the contract",
            unit="days",
            family="contract",
            minimum=1,
            maximum=YEAR + 1,
            watch_drift=False,
        ),
        "{{ churn.days_to_anniversary('occurred_date') }}",
        f"Days from as_of to the next anniversary of {names.header_words(begin)} of the contract "
        "that runs, at least 1.",
    )

    return tuple(found.values())


def changes(amounts: Sequence[str], taken: Collection[str]) -> tuple[FactFeature, ...]:
    """
    Declare how each amount of the contract that runs differs from that of the one before.

    Args:
        amounts: Raw columns of amounts.
        taken: Names of other features.
    """
    found: dict[str, FactFeature] = {}
    for column in amounts:
        name = _name(f"change_{column}", [*taken, *found])
        told = names.header_words(column)
        found[name] = FactFeature(
            Feature(
                name,
                "numeric",
                f"{told} less that of the contract before",
                family="history",
                nullable=True,
            ),
            "{{ " + call("change_to_previous", column) + " }}",
            f"{told.capitalize()} of the contract that runs less that of the one begun before it; "
            "NULL without one.",
        )

    return tuple(found.values())


def history(
    kinds: Sequence[str], amounts: Sequence[str], taken: Collection[str]
) -> tuple[Declaration, ...]:
    """
    Declare what all contracts of a customer say, so far.

    Args:
        kinds: Raw columns of kinds.
        amounts: Raw columns of amounts.
        taken: Names of other features.
    """
    found: dict[str, Declaration] = {}
    for each in (*_counts(), *_of_kinds(kinds), *_of_amounts(amounts)):
        name = _name(each.name, [*taken, *found])
        found[name] = replace(each, feature=replace(each.feature, name=name))

    return tuple(found.values())


def _of_the_one_that_runs(fact: FactFeature) -> FactFeature:
    """Return a column of the contract that runs as a feature."""
    is_age = fact.feature.unit == "days"
    feature = replace(fact.feature, family="contract", watch_drift=not is_age)

    return replace(
        fact, feature=feature, description=f"{fact.description[:-1]}, of the contract that runs."
    )


def _name(wanted: str, taken: Collection[str]) -> str:
    """Return a name of a feature that is not taken."""
    return names.slug(wanted, longest=names.LONGEST_NAME, taken=taken)


def _counts() -> Iterator[Declaration]:
    """Declare how many contracts there were, and when."""
    of = partial(declared, family="history", watch_drift=False, unit="contracts", minimum=1)
    yield of("contracts_running", call("count_ever", "active"), "contracts that run")
    yield of("contracts_total", call("count_ever", "events"), "contracts so far")
    yield of(
        f"contracts_{YEAR}d",
        call("count_in", "events", YEAR),
        f"contracts that began in the last {YEAR} days",
        minimum=0,
    )
    yield of(
        "days_since_first_contract",
        call("days_since_first"),
        "days since the first contract began",
        unit="days",
    )
    yield of(
        "days_since_last_end",
        call("days_since_latest", "last_date"),
        "days since a contract ended last",
        description="Days from the last end of a contract to as_of; NULL where none has ended.",
        unit="days",
        nullable=True,
    )
    yield of(
        "mean_contract_days",
        call("mean_days_lasted"),
        "days that contracts lasted, on average",
        description="Mean days from begin to end of the contracts that have ended; NULL where none "
        "has.",
        unit="days",
        data_type="double precision",
        nullable=True,
        minimum=0,
    )


def _of_kinds(kinds: Sequence[str]) -> Iterator[Declaration]:
    """Declare how many different values there were."""
    for column in kinds:
        yield declared(
            f"distinct_{column}",
            call("distinct_kinds", column),
            f"different kinds of {names.header_words(column)} so far",
            family="history",
            unit="kinds",
            watch_drift=False,
        )


def _of_amounts(amounts: Sequence[str]) -> Iterator[Declaration]:
    """Declare how much there was."""
    for column in amounts:
        told = names.header_words(column)
        of = partial(
            declared,
            family="history",
            watch_drift=False,
            data_type="double precision",
            minimum=None,
            nullable=True,
        )
        yield of(
            f"{column}_running",
            call("exact_running", column),
            f"{told} of all contracts that run",
        )
        yield of(f"{column}_total", call("exact_total", column), f"{told} of all contracts so far")
        yield of(
            f"mean_{column}", call("exact_mean", column), f"{told} of a contract so far, on average"
        )
        yield of(
            f"largest_{column}",
            call("largest_ever", column),
            f"largest {told} of a contract so far",
        )

"""Which matured lists are measured, in which order, and what is kept of them."""

from collections.abc import Sequence

import pyarrow as pa
import structlog.testing

from pipelines.domain.nights.performance import ListPerformance, MaturedList
from pipelines.steps.night.outcomes import outcomes
from pipelines.testing.outcomes import MemoryOutcomes
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import NIGHT, POPULATION, before, configured

RATES = ["mean_predicted", "observed_rate"]
OLDER, OLD = MaturedList(before(31), 4, 1), MaturedList(before(30), 5, 2)
YOUNG = MaturedList(before(29), 6, 2)


def listed(probabilities: Sequence[float], is_churned: Sequence[bool]) -> pa.Table:
    """Return a list beside its outcomes."""
    return pa.table(
        {
            "churn_probability": pa.array(probabilities, pa.float64()),
            "is_churned": pa.array(is_churned, pa.bool_()),
        }
    )


def measured(store: MemoryOutcomes) -> list[ListPerformance]:
    """Measure what is due on the night."""
    settings = configured(training={"bootstrap_resamples": 20}).training

    return outcomes(population=POPULATION, as_of=NIGHT, settings=settings, store=store)


def test_every_list_that_matured_is_measured_and_recorded() -> None:
    """Oldest first; the one that is due tomorrow is left alone; each is kept before the next."""
    some = listed([0.9, 0.6, 0.2, 0.1], [True, False, True, False])
    store, journal = MemoryOutcomes(lists={OLD: some, YOUNG: some, OLDER: some}), Journal()
    found = measured(journal.watch(store))

    assert [OLDER, OLD] == [performance.matured for performance in found]
    assert {OLDER: (NIGHT, found[0]), OLD: (NIGHT, found[1])} == store.measured
    assert ["due", "matured", "record", "matured", "record"] == journal.order()


def test_a_list_is_measured_by_its_rates_and_by_its_ranking() -> None:
    """Customers, churners, and every metric with an interval around it."""
    store = MemoryOutcomes(lists={OLD: listed([0.9, 0.6, 0.2, 0.1], [True, False, True, False])})
    (found,) = measured(store)
    metrics = {item.metric: item for item in found.metrics}

    assert (4, 2) == (found.customers, found.churners)
    assert [*RATES, "auc", "pr_auc", "lift_10pct", "log_loss", "brier"] == [*metrics]
    assert (0.45, 0.5, 0.75) == (
        round(metrics["mean_predicted"].value, 9),
        metrics["observed_rate"].value,
        metrics["auc"].value,
    )
    assert all(item.lower <= item.value <= item.upper for item in found.metrics[:3])


def test_where_everybody_stayed_or_left_there_is_no_ranking() -> None:
    """The two rates are all that can be said."""
    store = MemoryOutcomes(
        lists={
            OLDER: listed([0.2, 0.4], [False, False]),
            OLD: listed([0.2, 0.4], [True, True]),
        }
    )
    found = measured(store)

    assert [RATES, RATES] == [[item.metric for item in each.metrics] for each in found]
    assert [0, 2] == [each.churners for each in found]


def test_a_list_that_is_gone_is_passed_over() -> None:
    """Pruned before its horizon had passed: nothing is recorded of nobody, and the log says so."""
    kept = listed([0.9, 0.1], [True, False])
    store = MemoryOutcomes(lists={OLDER: listed([], []), OLD: kept})
    with structlog.testing.capture_logs() as logs:
        found = measured(store)

    assert [OLD] == [performance.matured for performance in found] == [*store.measured]
    assert {
        "event": "list_is_gone",
        "log_level": "warning",
        "score_date": "2026-05-30",
        "run_id": 4,
    } == logs[0]


def test_again_measures_nothing() -> None:
    """A re-run finds nothing due, says so, and leaves what was measured."""
    store = MemoryOutcomes(lists={OLD: listed([0.9, 0.1], [True, False])})
    measured(store)
    kept = dict(store.measured)
    with structlog.testing.capture_logs() as logs:
        assert [] == measured(store)

    assert kept == store.measured
    assert ["no_list_matured"] == [entry["event"] for entry in logs]


def test_the_same_list_is_measured_alike_each_time() -> None:
    """Intervals come from the seed of churn.toml."""
    lists = {OLD: listed([0.9, 0.6, 0.2, 0.1], [True, False, True, False])}

    assert measured(MemoryOutcomes(lists=lists)) == measured(MemoryOutcomes(lists=lists))

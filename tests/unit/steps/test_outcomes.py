"""Which matured lists are measured, in which order, and what is kept of them."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pytest
import structlog.testing

from pipelines.domain.nights.performance import ListPerformance, MaturedList
from pipelines.steps.night.outcomes import outcomes
from pipelines.testing.alerts import MemoryOutbox
from pipelines.testing.models import MemoryRegistry
from pipelines.testing.outcomes import MemoryOutcomes
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import NIGHT, POPULATION, before, configured, model

RATES = ["mean_predicted", "observed_rate"]
OLDER, OLD = MaturedList(before(31), 4, 1), MaturedList(before(30), 5, 2)
YOUNG = MaturedList(before(29), 6, 2)


def tier_of(probability: float) -> str:
    """Return the tier of churn.toml for a score."""
    thresholds = {"critical": 0.8, "high": 0.6, "medium": 0.3}

    return next((tier for tier, low in thresholds.items() if probability >= low), "low")


def listed(
    probabilities: Sequence[float], is_churned: Sequence[bool], tiers: Sequence[str] = ()
) -> pa.Table:
    """Return a list beside its outcomes."""
    return pa.table(
        {
            "churn_probability": pa.array(probabilities, pa.float64()),
            "risk_tier": pa.array(tiers or [*map(tier_of, probabilities)], pa.string()),
            "is_churned": pa.array(is_churned, pa.bool_()),
        }
    )


def measured(
    store: MemoryOutcomes,
    *,
    models: MemoryRegistry | None = None,
    outbox: MemoryOutbox | None = None,
) -> list[ListPerformance]:
    """Measure what is due on the night."""
    return outcomes(
        population=POPULATION,
        as_of=NIGHT,
        settings=configured(training={"bootstrap_resamples": 20}),
        store=store,
        models=models or MemoryRegistry(),
        outbox=outbox or MemoryOutbox(),
    )


def promised(lower: float, upper: float, **more: float) -> MemoryRegistry:
    """Return a registry whose only model promised of its highest tier a share between two."""
    models = MemoryRegistry()
    tier = {"tier": "critical", "rows": 900, "churners": 800, "lower": lower, "upper": upper}
    tier |= more
    kept = replace(model({"fee_eur": 1.0}), evaluation={"tiers": [tier]})
    models.add(kept, tags={"population": POPULATION})

    return models


def many(share_that_leaves: float, rows: int = 400) -> pa.Table:
    """Return a list of as many at 0.9 as at 0.05, of whom nobody left and a share of those did."""
    leave = round(share_that_leaves * rows)
    return listed([0.9] * rows + [0.05] * rows, [True] * leave + [False] * (2 * rows - leave))


def test_every_list_that_matured_is_measured_and_recorded() -> None:
    """Oldest first; the one that is due tomorrow is left alone; each is kept before the next."""
    some = listed([0.9, 0.6, 0.2, 0.1], [True, False, True, False])
    store, journal = MemoryOutcomes(lists={OLD: some, YOUNG: some, OLDER: some}), Journal()
    found = measured(journal.watch(store))

    assert [OLDER, OLD] == [performance.matured for performance in found]
    assert {OLDER: (NIGHT, found[0]), OLD: (NIGHT, found[1])} == store.measured
    assert [
        "due",
        "matured",
        "earlier",
        "record",
        "matured",
        "earlier",
        "record",
    ] == journal.order()


def test_a_list_is_measured_by_its_rates_and_by_its_ranking() -> None:
    """Customers, churners, and every metric with an interval around it."""
    store = MemoryOutcomes(lists={OLD: listed([0.9, 0.6, 0.2, 0.1], [True, False, True, False])})
    (found,) = measured(store)
    metrics = {item.metric: item for item in found.metrics}

    assert (4, 2) == (found.customers, found.churners)
    wanted = {*RATES, "observed_to_expected", "auc", "brier", "calibration_in_the_large"}
    wanted |= {f"observed_to_expected_{tier}" for tier in ("low", "high", "critical")}
    wanted |= {
        f"{metric}_{where}"
        for metric in ("precision", "recall", "lift")
        for where in ("from_high", "from_critical", "at_capacity")
    }
    assert set() == wanted - set(metrics)
    assert "observed_to_expected_medium" not in metrics  # nobody is in it
    assert (0.45, 0.5, 0.75) == (
        round(metrics["mean_predicted"].value, 9),
        metrics["observed_rate"].value,
        metrics["auc"].value,
    )
    assert all(
        item.lower is not None and item.upper is not None and item.lower <= item.value <= item.upper
        for item in found.metrics[:3]
    )


def test_where_everybody_stayed_or_left_there_is_no_ranking() -> None:
    """The two rates are all that can be said."""
    store = MemoryOutcomes(
        lists={
            OLDER: listed([0.2, 0.4], [False, False]),
            OLD: listed([0.2, 0.4], [True, True]),
        }
    )
    found = measured(store)

    for each in found:
        names = [item.metric for item in each.metrics]
        assert [*RATES, "observed_to_expected"] == names[:3]
        assert not {"auc", "precision"} & set(names)
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


def test_a_tier_is_beside_what_the_model_promised_of_it() -> None:
    """Marked where promise and interval do not meet; without a promise nothing is marked."""
    outcomes_of = {}
    for name, models in {
        "kept": promised(0.85, 0.95),
        "broken": promised(0.95, 0.99),
        "none": MemoryRegistry(),
    }.items():
        (found,) = measured(MemoryOutcomes(lists={OLDER: many(0.9)}), models=models)
        tier = found.metric("observed_rate_critical")
        assert tier is not None
        outcomes_of[name] = (tier.customers, tier.churners, tier.is_as_promised)

    assert {
        "kept": (400, 360, True),
        "broken": (400, 360, False),
        "none": (400, 360, None),
    } == outcomes_of


@pytest.mark.parametrize(
    ("left", "spread", "is_kept"), [(0.9, 0, True), (0.8, 0, False), (0.8, 0.05, True)]
)
def test_a_promise_is_of_as_many_customers_as_the_list_has(
    left: float, spread: float, *, is_kept: bool
) -> None:
    """Whatever it was of the lists the model was tried on: chance and their spread decide."""
    models = promised(0.1, 0.2, lists=5, spread=spread)
    (found,) = measured(MemoryOutcomes(lists={OLDER: many(left)}), models=models)
    tier = found.metric("observed_rate_critical")
    assert tier is not None
    assert tier.promised_lower is not None
    assert tier.promised_upper is not None

    assert is_kept == tier.is_as_promised
    assert is_kept == (tier.promised_lower <= tier.value <= tier.promised_upper)
    assert 0.7 < tier.promised_lower < 800 / 900 < tier.promised_upper < 1


def test_what_did_not_come_true_is_told_once_and_kept() -> None:
    """Half of those expected left: one alert; the list that is as expected again ends it."""
    store, outbox = MemoryOutcomes(lists={OLDER: many(0.45)}), MemoryOutbox()
    measured(store, models=promised(0.85, 0.95), outbox=outbox)
    (recorded,) = outbox.unresolved(POPULATION, NIGHT, NIGHT)

    assert ("outcomes", "warning", "science") == (
        recorded.alert.kind,
        recorded.alert.severity,
        recorded.alert.owner,
    )
    assert "180 left where 360 were expected: 0.50 of them" in recorded.alert.body
    assert "outside the range the model promised: critical" in recorded.alert.body
    findings = store.latest_findings(POPULATION, 1, NIGHT)
    assert {"observed_rate", "observed_rate_critical"} == {each.metric for each in findings}

    store.lists[OLD] = many(0.9)
    measured(store, outbox=outbox)
    assert [] == outbox.unresolved(POPULATION, NIGHT, NIGHT)
    assert [] == store.latest_findings(POPULATION, 1, NIGHT)


def test_what_was_told_lasts_while_it_is_likely() -> None:
    """A list that is nearly as bad, or of too few, is no news and ends nothing; a good one does."""
    night = [MaturedList(before(40 - number), number, 1) for number in range(5)]
    store, outbox = MemoryOutcomes(lists={night[0]: many(0.69)}), MemoryOutbox()
    measured(store, outbox=outbox)
    assert [] == outbox.unresolved(POPULATION, NIGHT, NIGHT)

    for matured, table, lasting in (
        (night[1], many(0.45), 1),
        (night[2], many(0.69), 1),
        (night[3], many(0.9, rows=20), 1),
        (night[4], many(0.9), 0),
    ):
        store.lists[matured] = table
        measured(store, outbox=outbox)
        assert lasting == len(outbox.unresolved(POPULATION, NIGHT, NIGHT))
        assert (matured is night[1]) == bool(store.latest_findings(POPULATION, 1, NIGHT))


def test_a_floor_of_churn_toml_is_evidence() -> None:
    """Only where the interval says so."""
    store, outbox = MemoryOutcomes(lists={OLDER: many(0.9)}), MemoryOutbox()
    settings = configured(
        training={"bootstrap_resamples": 20}, outcomes={"floors": {"accuracy": 0.99, "auc": 0.5}}
    )
    outcomes(
        population=POPULATION,
        as_of=NIGHT,
        settings=settings,
        store=store,
        models=MemoryRegistry(),
        outbox=outbox,
    )

    assert ["accuracy"] == [each.metric for each in store.latest_findings(POPULATION, 1, NIGHT)]


def test_tiers_are_those_that_were_published() -> None:
    """Not those churn.toml would cut today: of another size, or gone since."""
    scores, left = [0.9, 0.7, 0.5, 0.1], [True, False, True, False]
    (found,) = measured(
        MemoryOutcomes(lists={OLDER: listed(scores, left, ["critical", "low", "low", "low"])})
    )
    sizes = {item.metric: (item.customers, item.churners) for item in found.metrics}

    assert (1, 1) == sizes["observed_rate_critical"] == sizes["precision_from_critical"]
    assert (3, 1) == sizes["observed_rate_low"]
    (renamed,) = measured(
        MemoryOutcomes(lists={OLDER: listed(scores, left, ["hot", "hot", "hot", "cold"])})
    )
    sizes = {item.metric: (item.customers, item.churners) for item in renamed.metrics}
    assert (3, 2) == sizes["observed_rate_hot"] == sizes["precision_from_hot"] == sizes["precision"]

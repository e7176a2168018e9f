"""Which rows each gate looks at, and which earlier nights say what is usual there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from pipelines.domain.gates.batch import Batch
from pipelines.domain.gates.check import Check
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.tier_bounds import Bound, TierBounds
from pipelines.errors import ConfigError, FeaturesMissing
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.gates import MemoryGateHistory
from pipelines.testing.scores import MemoryScores
from tests.unit.steps.gate_nights import BY_HAND, LOOKUPS, look, medians, observed
from tests.unit.steps.journal import Journal
from tests.unit.steps.subscribers import CONTRACT, NIGHT, POPULATION, before, configured, stage


def test_sources_are_every_raw_table_of_the_population_as_it_was_known() -> None:
    """In the order of churn.toml, with what is written by hand; rows of tonight do not count."""
    batches = look().sources()

    assert [
        ("landing", "customers", NIGHT, None, (), "rows"),
        ("landing", "usage_events", NIGHT, 7, LOOKUPS, "rows"),
    ] == [
        (
            batch.schema,
            batch.table,
            batch.known_before,
            batch.known_within_days,
            batch.lookups,
            batch.label,
        )
        for batch in batches
    ]
    assert [BY_HAND, BY_HAND] == [batch.checks[0] for batch in batches]


def test_a_raw_table_without_a_suite_is_refused() -> None:
    """Nothing that models are fed with goes unlooked at."""
    with pytest.raises(ConfigError, match="invoices"):
        replace(look(), settings=configured(subscribers={"sources": ["invoices"]})).sources()


def test_what_the_last_night_knew_is_counted_again() -> None:
    """Its rows, by the date it knew them at, beside the bounds of a loss."""
    past = MemoryGateHistory(
        {
            ("sources", POPULATION): observed("landing.customers", "rows", (3, 90), (1, 100)),
            ("sources", "trial"): observed("landing.customers", "rows", (1, 5)),
        }
    )
    limits = {"source_rows_kept": {"fail_below": 0.9}, "source_rows": {"fail_below": 0.5}}
    batches = look(past, **limits).sources()
    (kept,) = [batch for batch in batches if batch.label == "rows the last night knew"]

    assert ("customers", before(1)) == (kept.table, kept.known_before)
    assert [(90.0, 100, before(1))] == [
        (check.kwargs["min_value"], check.context["rows_known"], check.context["at"])
        for check in kept.checks
    ]
    assert [95.0] == medians(batches, "rows")


def test_history_is_the_nights_from_its_first_day_to_the_one_before() -> None:
    """28 days ago counts, 29 days ago and tonight do not."""
    nights = observed("landing.customers", "rows", (29, 1), (28, 10), (1, 20), (0, 1000))
    past = MemoryGateHistory({("sources", POPULATION): nights})

    assert [15.0] == medians(look(past).sources(), "rows")
    assert [10] == medians(look(past, history_days=29).sources(), "rows")


def test_too_few_nights_are_no_history() -> None:
    """Without bounds the number is only recorded, so that tomorrow has a past."""
    nights = observed("landing.customers", "rows", (2, 10), (1, 20))
    past = MemoryGateHistory({("sources", POPULATION): nights})

    assert [15.0] == medians(look(past).sources(), "rows")
    batches = look(past, minimum_nights=3).sources()
    assert [] == medians(batches, "rows")
    (counted,) = [c for c in batches[0].checks if c.context == {"measure": "rows"}]
    assert ("warn", {}) == (counted.severity, counted.kwargs)


def test_nights_before_a_change_that_was_meant_are_forgotten() -> None:
    """From `history_from` on, that night included, and never further back than history goes."""
    nights = observed("landing.customers", "rows", (29, 1), (9, 10), (8, 20), (7, 30))
    past = MemoryGateHistory({("sources", POPULATION): nights})

    assert [25.0] == medians(look(past, history_from=before(8)).sources(), "rows")
    assert [20.0] == medians(look(past, history_from=before(300)).sources(), "rows")


@pytest.mark.parametrize(
    ("history_from", "days"),
    [
        (None, 35),
        (before(36), 35),
        (before(35), 35),
        (before(34), 34),
        (before(1), 1),
        (NIGHT, 0),
        (date(2026, 12, 31), 0),
    ],
)
def test_arrivals_are_counted_for_the_last_week_and_the_history_before(
    history_from: date | None, days: int
) -> None:
    """Seven days and 28 before them, of each table; no row from before a change that was meant."""
    journal, looking = Journal(), look(history_from=history_from)
    replace(looking, past=journal.watch(looking.past)).sources()

    assert [
        ("landing", "customers", NIGHT, days),
        ("landing", "usage_events", NIGHT, days),
    ] == [call.args for call in journal.of("arrivals")]


def test_the_last_week_and_the_last_day_stand_beside_those_before() -> None:
    """Four weeks and four weekdays of the past, which need no earlier night."""
    weeks = [[70] * 7, [10] * 7, [20] * 7, [30] * 7, [40] * 7]
    past = MemoryGateHistory(arrived={"customers": [rows for week in weeks for rows in week]})
    batches = look(past).sources()
    spans = {batch.label: batch.known_within_days for batch in batches if batch.label != "rows"}

    assert {"rows of the last week": 7, "rows of the last day": 1} == spans
    assert ([175.0], [25.0]) == (medians(batches, "week"), medians(batches, "day"))


def test_features_are_those_of_the_date() -> None:
    """As many as the build reported, each as its contract promises."""
    (batch,) = look().features_built()

    assert ("marts", "fct_customer_features", {"as_of": NIGHT}) == (
        batch.schema,
        batch.table,
        batch.equals,
    )
    expected = ("expect_table_row_count_to_equal", {"value": 200})
    assert BY_HAND == batch.checks[0]
    assert expected == (batch.checks[1].expectation, batch.checks[1].kwargs)
    assert {*CONTRACT.names} == {check.kwargs["column"] for check in batch.checks[2:]}


def test_null_rates_and_levels_stand_beside_those_of_earlier_nights() -> None:
    """A nullable feature may lose, and a level be unknown, so much more often than usual."""
    subject = "marts.fct_customer_features.plan"
    past = MemoryGateHistory(
        {
            ("features", POPULATION): [
                *observed(subject, "missing", (2, 0.02), (1, 0.04)),
                *observed(subject, "unknown levels", (2, 0.0), (1, 0.2)),
            ],
            ("sources", POPULATION): observed(subject, "missing", (1, 0.9)),
        }
    )
    points = {"feature_nulls": {"fail": 10}, "unknown_levels": {"fail": 5}}
    (batch,) = look(past, **points).features_built()
    bounded = {
        check.context["measure"]: round(check.kwargs["mostly"], 9)
        for check in batch.checks
        if "trailing_median" in check.context
    }

    assert {"missing": 0.87, "unknown levels": 0.85} == bounded


@pytest.mark.parametrize("gate", ["features_built", "scores"])
def test_what_was_never_built_cannot_be_looked_at(gate: str) -> None:
    """Both gates need the rows the build reported."""
    looking = replace(look(), features=MemoryFeatures())
    run = stage(MemoryScores(), [0.5])
    with pytest.raises(FeaturesMissing, match="2026-06-30"):
        looking.scores(run) if gate == "scores" else looking.features_built()


def test_scores_are_those_of_the_run() -> None:
    """As many as there are features, in the tiers and with the actions of churn.toml."""
    run = stage(MemoryScores(), [0.1, 0.9])
    (batch,) = look().scores(run)
    values = {c.kwargs["column"]: c.kwargs["value_set"] for c in batch.checks[1:] if _is_set(c)}

    assert ("churn", "scores", {"score_date": NIGHT, "run_id": 1}) == (
        batch.schema,
        batch.table,
        batch.equals,
    )
    assert BY_HAND == batch.checks[0]
    assert {"value": 200} == batch.checks[1].kwargs
    assert ["low", "medium", "high", "critical"] == values["risk_tier"]
    assert {"none", "call within two working days"} < {*values["recommended_action"]}
    assert batch.bands is not None
    assert TierBounds.of(configured().tiers) == batch.bands.bounds
    assert ["low", "medium", "high", "critical"] == [each.value for each in batch.indicators]


def test_a_list_stands_beside_those_of_its_model() -> None:
    """Where that model has made enough of them; else those of all models, to warn only."""
    run = stage(MemoryScores(), [0.1, 0.9], version=2)
    subject = "churn.scores.churn_probability"
    old = observed(subject, "mean", (4, 0.1), (3, 0.3))
    one = observed(subject, "mean", (2, 0.8), version=2)
    two = observed(subject, "mean", (2, 0.8), (1, 0.6), version=2)
    own = look(MemoryGateHistory({("scores", POPULATION): [*old, *two]})).scores(run)
    others = look(MemoryGateHistory({("scores", POPULATION): [*old, *one]})).scores(run)

    assert ([0.7], {"fail", "warn"}) == (medians(own, "mean"), _severities(own, "mean"))
    assert ([0.3], {"warn"}) == (medians(others, "mean"), _severities(others, "mean"))


def test_the_riskiest_stand_beside_those_of_the_list_before() -> None:
    """A twentieth of the customers, or a least number of them; the last list that is history."""
    scores = MemoryScores()
    lists = [stage(scores, [0.5], as_of=before(days)) for days in (0, 2, 3, 29)]
    run, last, *_ = lists
    past = MemoryGateHistory(lists=lists)
    limit = {"riskiest_pct": 5, "warn_below": 0.5, "fail_below": 0.3}
    share = look(past, riskiest_overlap={**limit, "at_least_customers": 1}).scores(run)
    least = look(past, riskiest_overlap={**limit, "at_least_customers": 20}).scores(run)

    assert ["rows", "riskiest"] == [batch.label for batch in share]
    assert [10, 20] == [_riskiest(batches).customers for batches in (share, least)]
    assert (before(2), last.run_id) == (_riskiest(share).score_date, _riskiest(share).run_id)
    assert share[0].equals == share[1].equals
    assert [("fail", 0.3), ("warn", 0.5)] == [
        (check.severity, check.kwargs["mostly"]) for check in share[1].checks
    ]


def test_the_riskiest_of_another_model_only_warn() -> None:
    """A new champion may rank as it likes."""
    scores = MemoryScores()
    past = MemoryGateHistory(lists=[stage(scores, [0.5], as_of=before(1), version=1)])
    batches = look(past).scores(stage(scores, [0.5], version=2))

    assert ["warn"] == [check.severity for check in batches[1].checks]


@pytest.mark.parametrize("days", [0, 29])
def test_without_a_list_before_there_is_nobody_to_stand_beside(days: int) -> None:
    """Tonight's own list is none, nor is one older than history."""
    scores = MemoryScores()
    run = stage(scores, [0.5])
    lists: list[ScoreRun] = [stage(scores, [0.5], as_of=before(days))]

    assert ["rows"] == [batch.label for batch in look(MemoryGateHistory(lists=lists)).scores(run)]


def _is_set(check: Check) -> bool:
    """Tell whether a check lists legal values."""
    return check.expectation == "expect_column_values_to_be_in_set"


def _severities(batches: Sequence[Batch], measure: str) -> set[str]:
    """Return how severe the bounds of a measure are."""
    return {c.severity for b in batches for c in b.checks if c.context.get("measure") == measure}


def _riskiest(batches: Sequence[Batch]) -> Any:
    """Return how the riskiest are chosen."""
    return batches[1].riskiest


@pytest.mark.parametrize(
    ("changes", "is_as_found"),
    [({}, False), ({"critical": {"customers": 9}}, True), ({"hold_log_odds": 0.1}, True)],
)
def test_tiers_begin_where_churn_toml_has_them_or_where_they_were_found(
    changes: dict[str, Any], is_as_found: bool
) -> None:
    """What a run says of itself is taken only where it depends on the list."""
    tiers = configured(tiers=changes).tiers
    found = replace(TierBounds.of(tiers), new=(Bound(0.11), Bound(0.22), Bound(0.33, "ab")))
    run = replace(stage(MemoryScores(), [0.1, 0.9]), tier_bounds=found.to_dict())
    looking = replace(look(), settings=configured(tiers=changes))
    (batch,), (of_before,) = looking.scores(run), looking.scores(replace(run, tier_bounds=None))

    assert batch.bands is not None
    assert of_before.bands is not None
    assert (found if is_as_found else TierBounds.of(tiers)) == batch.bands.bounds
    assert TierBounds.of(tiers) == of_before.bands.bounds

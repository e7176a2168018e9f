"""What an engine gives back of a list, wherever it scores."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.ports.models import Model
from pipelines.domain.ports.scores import ScoringEngine
from pipelines.domain.scoring.recipe import Recipe
from pipelines.domain.scoring.runs import ScoreRun
from pipelines.domain.scoring.scoring import SCHEMA, Before
from pipelines.domain.scoring.tier_bounds import TierBounds
from pipelines.domain.scoring.tiers import TierPolicy
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.errors import ContractMismatch
from pipelines.testing.contracts.models.customers import CONTRACT, DAY, customers

VERSION = ModelVersion("churn-subscribers", 2, "run", {})
TIERS = TierPolicy(
    {"medium": 0.3, "high": 0.6},
    {"low": "none", "medium": "write", "high": "call"},
    {"use": {"high": "ask"}},
    hold_log_odds=0.5,
)
BEFORE = ScoreRun(
    run_id=1,
    population="subscribers",
    as_of=date(2025, 12, 31),
    status="published",
    model_name=VERSION.name,
    model_version=1,
    contract_fingerprint="",
    rows=1,
    scores_hash="",
    reason=None,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    published_at=None,
)


def recipe_of(model: Model) -> Recipe:
    """Return how a list is scored by *model*, if it was the model of the list before as well."""
    return Recipe(
        VERSION,
        model.spec,
        model.predictors,
        TIERS,
        TierBounds.of(TIERS, BEFORE),
        is_for_everyone=True,
        before=Before(1, model.spec, model.predictors),
        tiers_before=_every_other_was_high,
    )


def _every_other_was_high(customer_ids: pa.Array) -> dict[str, str]:
    """Return the tiers before of those with an even number."""
    return {name: "high" for name in customer_ids.to_pylist() if int(name[1:]) % 2 == 0}


def in_order(batches: list[pa.RecordBatch]) -> pa.Table:
    """Return scores by customer."""
    return pa.Table.from_batches(batches, SCHEMA).sort_by("customer_id").combine_chunks()


class ScoringEngineContract:
    """
    Tests of an engine, which a subclass provides as the fixture `engine`, and `recipe` it can do.

    Of scope "class": an engine may be processes of its own, and is asked as seldom as will do.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def rows(cls) -> list[pa.RecordBatch]:
        """Customers in batches of several sizes, some of them empty."""
        table = customers().select(["customer_id", *CONTRACT.names])
        assert table["plan"].null_count

        return [
            table.slice(begin, rows).combine_chunks().to_batches()[0]
            if rows
            else pa.RecordBatch.from_pylist([], schema=table.schema)
            for begin, rows in ((0, 1), (1, 0), (1, 250), (251, table.num_rows - 251))
        ]

    def test_everyone_is_scored_once_and_as_by_the_recipe(
        self, engine: ScoringEngine, recipe: Recipe, rows: list[pa.RecordBatch]
    ) -> None:
        """Every column in every bit: probability, tier of who is held, action, and reasons."""
        expected = in_order([recipe.scores_of(batch) for batch in rows])
        found = in_order([*engine.scored(iter(rows), recipe)])

        assert {*TIERS.names} == {*expected["risk_tier"].to_pylist()}
        held = replace(recipe, tiers_before=None)
        assert expected != in_order([held.scores_of(batch) for batch in rows])
        assert expected == found

    def test_nobody_is_nobody(
        self, engine: ScoringEngine, recipe: Recipe, rows: list[pa.RecordBatch]
    ) -> None:
        """With batches that are empty, and with none at all."""
        for nobody in ([rows[1]], []):
            assert 0 == sum(batch.num_rows for batch in engine.scored(iter(nobody), recipe))

    def test_rows_the_model_does_not_take_are_refused(
        self, engine: ScoringEngine, recipe: Recipe, rows: list[pa.RecordBatch]
    ) -> None:
        """One row of many has an infinite fee; nobody's score comes back."""
        fees = rows[-1]["fee_eur"].to_numpy().copy()
        fees[-1] = np.inf
        names = rows[-1].schema.names
        columns = [pa.array(fees) if name == "fee_eur" else rows[-1][name] for name in names]
        wild = pa.RecordBatch.from_arrays(columns, names=names)

        with pytest.raises(ContractMismatch, match="fee_eur is infinite in 1 of"):
            next(engine.scored(iter([*rows[:-1], wild]), recipe))

    def test_what_rows_raise_passes_through(
        self, engine: ScoringEngine, recipe: Recipe, rows: list[pa.RecordBatch]
    ) -> None:
        """A database that goes away in the middle is told as such."""

        def broken() -> pa.RecordBatch:
            yield rows[0]
            raise KeyError(DAY)

        with pytest.raises(KeyError):
            next(engine.scored(broken(), recipe))

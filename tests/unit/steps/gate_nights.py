"""What the gates of a night look at, and earlier nights made up for them."""

from collections.abc import Sequence
from typing import Any

from pipelines.domain.gates.batch import Batch, KeyLookup
from pipelines.domain.gates.check import Check
from pipelines.domain.gates.history import Observation
from pipelines.domain.gates.suite import Suite
from pipelines.steps.night.gate_batches import GateBatches
from pipelines.testing.features import MemoryFeatures
from pipelines.testing.gates import MemoryGateHistory, MemorySuites
from tests.unit.steps.subscribers import CONTRACT, NIGHT, POPULATION, before, configured, customers

BY_HAND = Check("expect_column_to_exist", {"column": "customer_id"}, "by hand")
LOOKUPS = (KeyLookup("is_customer", "customer_id", "customers"),)
SUITES = MemorySuites(
    {
        "customers": Suite((BY_HAND,)),
        "usage_events": Suite((BY_HAND,), known_within_days=7, lookups=LOOKUPS),
    },
    Suite((BY_HAND,)),
    Suite((BY_HAND,)),
)
SOURCES = {"sources": ["customers", "usage_events"]}


def look(past: MemoryGateHistory | None = None, **gates: Any) -> GateBatches:
    """Return what the gates of the night look at; *gates* are keys of that table of churn.toml."""
    features = MemoryFeatures()
    features.add(NIGHT, customers(), CONTRACT)

    return GateBatches(
        population=POPULATION,
        as_of=NIGHT,
        settings=configured(
            subscribers=SOURCES,
            warehouse={"raw_schema": "landing", "models_schema": "marts"},
            gates={"history_days": 28, "minimum_nights": 2, **gates},
        ),
        suites=SUITES,
        features=features,
        past=MemoryGateHistory() if past is None else past,
    )


def observed(subject: str, measure: str, *nights: tuple[int, float], version: int = 1) -> Any:
    """Return what was observed so many days before the night."""
    return [Observation(before(days), subject, measure, value, version) for days, value in nights]


def medians(batches: Sequence[Batch], measure: str) -> list[float]:
    """Return the trailing medians of the bounded checks of one measure, each once."""
    found = [
        check.context["trailing_median"]
        for batch in batches
        for check in batch.checks
        if check.context.get("measure") == measure and "trailing_median" in check.context
    ]

    return sorted({*found})

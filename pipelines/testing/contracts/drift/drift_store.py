"""What becomes of verdicts on drift, wherever they are kept."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import date, timedelta
from typing import Generic, TypeVar

from pipelines.domain.drift.check import DriftCheck
from pipelines.domain.drift.distribution import Distribution
from pipelines.domain.drift.report import DriftReport
from pipelines.domain.drift.source_nulls import SourceNulls
from pipelines.domain.ports.drift import DriftStore

T = TypeVar("T", bound=DriftStore)

POPULATION = "subscribers"
NIGHT = date(2026, 3, 10)
BEFORE, AFTER = NIGHT - timedelta(days=1), NIGHT + timedelta(days=1)

SPREAD = Distribution(
    kind="numeric", edges=(0.0, 1.5, 3.0), reference=(0.25, 0.75), current=(0.5, 0.5)
)
USAGE = DriftCheck(
    feature="usage_7d",
    statistic=0.2,
    p_value=1e-9,
    effect_name="wasserstein_sd",
    effect=0.39,
    missing_reference_pct=0.0,
    missing_current_pct=0.5,
    importance=0.12,
    verdict="drifted",
    finding="moved by 0.39 sd",
    owner="data",
    nights=2,
    distribution=SPREAD,
)
PLAN = DriftCheck(
    feature="plan",
    missing_reference_pct=0.0,
    missing_current_pct=100.0,
    finding="has no value tonight",
    owner="data",
)
REPORT = DriftReport(
    population=POPULATION,
    as_of=NIGHT,
    model_version=4,
    engine="scipy",
    verdict="drifted",
    reason="drifted: usage_7d (moved by 0.39 sd)",
    checks=(USAGE, PLAN),
)
QUIET = replace(REPORT, verdict="quiet", checks=(PLAN,))


class DriftStoreContract(ABC, Generic[T]):
    """Tests of a store without a night, which a subclass provides as the fixture `store`."""

    @abstractmethod
    def kept(self, store: T, as_of: date) -> tuple[str, set[tuple[str, str]]] | None:
        """Return the verdict on a night, and feature and verdict of each check; None without."""

    @abstractmethod
    def told(self, store: T) -> list[tuple[date, str]]:
        """Return night and kind of every alert."""

    @abstractmethod
    def sources_gate_counted(
        self, store: T, as_of: date, column: str, *, rows: int, nulls: int, is_tolerated: bool
    ) -> None:
        """Let the sources gate have counted a column of data's for the first time."""

    def test_at_first_nothing_is_known(self, store: T) -> None:
        """No source was counted."""
        assert [] == store.source_nulls(POPULATION, NIGHT)

    def test_a_report_is_kept_with_its_checks(self, store: T) -> None:
        """Of its night, and of no other."""
        store.record(REPORT)

        expected = ("drifted", {("usage_7d", "drifted"), ("plan", "quiet")})
        assert [None, expected] == [self.kept(store, as_of) for as_of in (BEFORE, NIGHT)]

    def test_a_night_judged_again_is_replaced(self, store: T) -> None:
        """Checks that are not made any more do not stay behind; other nights do."""
        store.record(replace(REPORT, as_of=BEFORE))
        store.record(REPORT)
        store.record(QUIET)

        assert ("quiet", {("plan", "quiet")}) == self.kept(store, NIGHT)
        assert self.kept(store, BEFORE) is not None

    def test_a_quiet_night_is_told_to_nobody(self, store: T) -> None:
        """A loud one is, once, however often it is judged."""
        store.record(replace(QUIET, as_of=BEFORE))
        assert [] == self.told(store)

        for _ in range(2):
            store.record(REPORT)
        assert [(NIGHT, "drift")] == self.told(store)

    def test_what_drifted_before_is_told_night_by_night(self, store: T) -> None:
        """Of the last two judged nights, the last first; a quiet one had none."""
        store.record(replace(REPORT, as_of=BEFORE - timedelta(days=5)))
        store.record(REPORT)
        store.record(replace(QUIET, as_of=BEFORE))

        two = [frozenset({"usage_7d"}), frozenset()]
        assert two == store.drifted_before(POPULATION, AFTER, 4)
        assert [frozenset(), two[0]] == store.drifted_before(POPULATION, NIGHT, 4)
        assert [two[0]] == store.drifted_before(POPULATION, BEFORE, 4)
        assert [] == store.drifted_before("trial", AFTER, 4)
        assert [] == store.drifted_before(POPULATION, AFTER, 5)

    def test_nights_four_weeks_ago_say_nothing_of_tonight(self, store: T) -> None:
        """Twenty-eight days are the last that count."""
        store.record(REPORT)
        expected = [[frozenset({"usage_7d"})], []]

        assert expected == [
            store.drifted_before(POPULATION, NIGHT + timedelta(days=days), 4) for days in (28, 29)
        ]

    def test_what_the_sources_gate_counted_is_told_by_column(self, store: T) -> None:
        """Of that night; without nights before there is nothing usual."""
        columns = ("raw.customers.country", "raw.invoices.amount_eur")
        for column, nulls in zip(columns, (0, 40), strict=True):
            self.sources_gate_counted(
                store, NIGHT, column, rows=50, nulls=nulls, is_tolerated=nulls == 0
            )

        assert [
            SourceNulls(columns[0], 50, 0, None, None, is_tolerated=True, owner="data"),
            SourceNulls(columns[1], 50, 40, None, None, is_tolerated=False, owner="data"),
        ] == store.source_nulls(POPULATION, NIGHT)
        assert [] == store.source_nulls(POPULATION, BEFORE)
        assert [] == store.source_nulls("trial", NIGHT)

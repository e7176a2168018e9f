"""What becomes of a gate's results, wherever they are kept."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import date
from typing import Generic, TypeVar

from pipelines.domain.gates.report import GateReport, GateResult
from pipelines.domain.ports.gates import GateResults

T = TypeVar("T", bound=GateResults)

NIGHT, NEXT_NIGHT = date(2026, 3, 1), date(2026, 3, 2)

MET = GateResult(
    subject="raw.invoices",
    expectation="expect_table_row_count_to_be_between",
    severity="fail",
    is_passed=True,
    expected={"min_value": 10, "measure": "rows", "at": "2026-02-28"},
    observed={"value": 12},
    owner="data",
)
FAILED = GateResult(
    subject="raw.invoices.amount_eur",
    expectation="expect_column_values_to_not_be_null",
    severity="fail",
    is_passed=False,
    expected={},
    observed={"rows": 12, "unexpected": 3, "unexpected_pct": 25.0},
    owner="engineer",
)
WARNED = replace(FAILED, severity="warn", subject="raw.invoices.paid_at")
PASSED = GateReport("sources", "subscribers", NIGHT, None, (MET, WARNED))
REFUSED = replace(PASSED, results=(MET, FAILED, WARNED))


class GateResultsContract(ABC, Generic[T]):
    """Tests of a store without a result, which a subclass provides as the fixture `store`."""

    @abstractmethod
    def kept(self, store: T, report: GateReport) -> list[GateResult]:
        """Return what is kept of the gate, population and night of *report*, in order."""

    @abstractmethod
    def told(self, store: T) -> list[tuple[date, str]]:
        """Return night and kind of every alert."""

    def test_every_result_is_kept_whole(self, store: T) -> None:
        """Those that were met, too; of their gate, population and night."""
        store.record(REFUSED)

        assert [MET, FAILED, WARNED] == self.kept(store, REFUSED)
        for other in (
            replace(REFUSED, gate="features"),
            replace(REFUSED, population="trial"),
            replace(REFUSED, as_of=NEXT_NIGHT),
        ):
            assert [] == self.kept(store, other)

    def test_a_gate_that_looks_again_adds_to_what_it_found(self, store: T) -> None:
        """Nothing is replaced: what was refused, and when, stays on record."""
        store.record(REFUSED)
        store.record(PASSED)

        assert [*REFUSED.results, *PASSED.results] == self.kept(store, PASSED)

    def test_a_gate_that_passes_tells_nobody(self, store: T) -> None:
        """A warning is recorded and stops nothing; nothing to check is no failure."""
        store.record(PASSED)
        store.record(replace(PASSED, results=()))

        assert [] == self.told(store)
        assert [MET, WARNED] == self.kept(store, PASSED)

    def test_a_gate_that_refuses_tells_so_once_a_night(self, store: T) -> None:
        """Of each gate and night, however often it looks."""
        store.record(REFUSED)
        store.record(REFUSED)
        store.record(replace(REFUSED, gate="features"))
        store.record(replace(REFUSED, as_of=NEXT_NIGHT))

        assert [
            (NIGHT, "gate_sources"),
            (NIGHT, "gate_features"),
            (NEXT_NIGHT, "gate_sources"),
        ] == self.told(store)

    def test_failures_can_be_asked_for(self, store: T) -> None:
        """The query names the gate, the population and the night."""
        query = store.failures_query(REFUSED)

        assert [] == [
            word for word in ("sources", "subscribers", "2026-03-01") if word not in query
        ]

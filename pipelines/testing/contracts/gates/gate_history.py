"""What gates know of earlier nights, wherever it is kept."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Generic, TypeVar

from pipelines.domain.gates.history import Observation
from pipelines.domain.ports.gates import GateHistory
from pipelines.domain.scoring.runs import ScoreRun

T = TypeVar("T", bound=GateHistory)

POPULATION = "subscribers"
NIGHT = date(2026, 3, 10)


def before(days: int) -> date:
    """Return the date that many days before the night."""
    return NIGHT - timedelta(days=days)


class GateHistoryContract(ABC, Generic[T]):
    """
    Tests of a past without a night, which a subclass provides as the fixture `history`.

    It knows the raw table `usage_events`, of which there is no row.
    """

    @abstractmethod
    def looked(
        self,
        history: T,
        gate: str,
        observations: Sequence[Observation],
        *,
        population: str = POPULATION,
        is_passed: bool = True,
        run: ScoreRun | None = None,
    ) -> None:
        """Let a gate have looked at the night of *observations* once more."""

    @abstractmethod
    def arrived(self, history: T, days: Sequence[int]) -> None:
        """Let so many rows of usage_events have become known on each day before the night."""

    @abstractmethod
    def published(self, history: T, as_of: date, *, population: str = POPULATION) -> ScoreRun:
        """Publish a list over the one of its date."""

    def test_at_first_nothing_is_usual(self, history: T) -> None:
        """No observation, and of a table that is not there not even days without a row."""
        assert [] == history.observations("sources", POPULATION, before(28), NIGHT)
        assert [] == history.arrivals("raw", "unknown_table", NIGHT, 3)

    def test_nights_are_from_the_first_to_the_one_before(self, history: T) -> None:
        """In their order; a night outside is none of them, the one that is asked for neither."""
        for days in (1, 29, 0, 28):
            self.looked(history, "sources", [_rows(before(days), 100 + days)])

        assert [_rows(before(28), 128), _rows(before(1), 101)] == history.observations(
            "sources", POPULATION, before(28), NIGHT
        )

    def test_gates_and_populations_have_a_past_of_their_own(self, history: T) -> None:
        """What another observed says nothing here."""
        self.looked(history, "features", [_rows(before(1), 7)])
        self.looked(history, "sources", [_rows(before(1), 8)], population="trial")

        assert [] == history.observations("sources", POPULATION, before(28), NIGHT)

    def test_everything_a_gate_observed_comes_back(self, history: T) -> None:
        """Each subject of the night with each of its numbers."""
        observed = [
            _rows(before(1), 100),
            Observation(before(1), "raw.usage_events.quantity", "null_share", 0.25),
            Observation(before(1), "raw.invoices", "rows", 40.0),
        ]
        self.looked(history, "sources", observed)
        found = history.observations("sources", POPULATION, before(28), NIGHT)

        assert {*observed} == {*found}
        assert len(observed) == len(found)

    def test_what_was_refused_is_no_example(self, history: T) -> None:
        """It is the last look that counts, the refused and the passed alike."""
        self.looked(history, "sources", [_rows(before(3), 1)], is_passed=False)
        self.looked(history, "sources", [_rows(before(2), 2)], is_passed=False)
        self.looked(history, "sources", [_rows(before(2), 90)])
        self.looked(history, "sources", [_rows(before(1), 100)])
        self.looked(history, "sources", [_rows(before(1), 3)], is_passed=False)

        assert [_rows(before(2), 90)] == history.observations(
            "sources", POPULATION, before(28), NIGHT
        )

    def test_what_was_observed_of_a_list_says_which_model_made_it(self, history: T) -> None:
        """Tiers of another model are another thing."""
        run = self.published(history, before(1))
        observed = Observation(
            before(1), "churn.scores.churn_probability", "mean", 0.2, run.model_version
        )
        self.looked(history, "scores", [observed], run=run)

        assert [observed] == history.observations("scores", POPULATION, before(28), NIGHT)

    def test_arrivals_are_counted_by_day_latest_first(self, history: T) -> None:
        """As many days as are asked for; a day without a row is 0."""
        assert [0, 0, 0] == history.arrivals("raw", "usage_events", NIGHT, 3)

        self.arrived(history, [3, 0, 2])
        assert [[], [3], [3, 0], [3, 0, 2, 0, 0]] == [
            history.arrivals("raw", "usage_events", NIGHT, days) for days in (0, 1, 2, 5)
        ]

    def test_the_list_before_is_the_latest_of_an_earlier_night(self, history: T) -> None:
        """Of the population, and as it is now, not as it was before it was superseded."""
        self.published(history, before(29))
        self.published(history, before(3))
        earlier = self.published(history, before(3))
        self.published(history, before(2), population="trial")
        tonight = self.published(history, NIGHT)

        assert earlier == history.previous_list(tonight, before(28))
        assert earlier == history.previous_list(tonight, before(3))
        assert history.previous_list(tonight, before(2)) is None
        assert history.previous_list(earlier, before(28)) is None


def _rows(as_of: date, rows: float) -> Observation:
    """Return how many usage events a night knew."""
    return Observation(as_of, "raw.usage_events", "rows", float(rows))

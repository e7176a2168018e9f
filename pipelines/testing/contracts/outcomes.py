"""What became of the customers of published lists, wherever it is kept."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Generic, TypeVar

from pipelines.domain.nights.outcome_evidence import Finding
from pipelines.domain.nights.performance import ListPerformance, MaturedList, Measured
from pipelines.domain.ports.outcomes import Outcomes

T = TypeVar("T", bound=Outcomes)

POPULATION = "subscribers"
LABEL_DAYS = 30
SCORED = date(2026, 3, 1)
DUE = SCORED + timedelta(days=LABEL_DAYS)
LEFT = {"b": True, "A": False, "c": None}


class OutcomesContract(ABC, Generic[T]):
    """
    Tests of lists whose labels are due 30 days after they were scored.

    A subclass provides a store without a list or a label, in which labels were built before, as the
    fixture `outcomes`. Customers have the probability `probability` says.
    """

    @abstractmethod
    def publish(self, outcomes: T, score_date: date, customers: list[str]) -> MaturedList:
        """Publish a list of *customers* over the one of its date; say which it is."""

    @abstractmethod
    def forget(self, outcomes: T, matured: MaturedList) -> None:
        """Delete the scores of a list, as `churn prune` does."""

    @abstractmethod
    def label(self, outcomes: T, score_date: date, left: Mapping[str, bool | None]) -> None:
        """Make known who left after *score_date*; None is not known yet."""

    def test_without_a_list_nothing_is_due(self, outcomes: T) -> None:
        """Labels alone are no list."""
        self.label(outcomes, SCORED, LEFT)

        assert [] == outcomes.due(POPULATION, DUE)

    def test_a_list_is_due_when_its_labels_are(self, outcomes: T) -> None:
        """On the day and after it, not the day before; of its own population."""
        matured = self.publish(outcomes, SCORED, ["A", "b", "c"])
        self.label(outcomes, SCORED, LEFT)

        assert [] == outcomes.due(POPULATION, DUE - timedelta(days=1))
        assert [matured] == outcomes.due(POPULATION, DUE)
        assert [matured] == outcomes.due(POPULATION, DUE + timedelta(days=90))
        assert [] == outcomes.due("trial", DUE)

    def test_lists_are_due_oldest_first(self, outcomes: T) -> None:
        """In whatever order they were published."""
        dates = [SCORED + timedelta(days=days) for days in (2, 0, 1)]
        lists = {day: self.publish(outcomes, day, ["A"]) for day in dates}
        for day in dates:
            self.label(outcomes, day, {"A": False})

        assert [lists[day] for day in sorted(dates)] == outcomes.due(
            POPULATION, DUE + timedelta(days=2)
        )

    def test_a_list_of_which_nothing_is_known_is_not_due(self, outcomes: T) -> None:
        """NULL is not 'stayed'."""
        self.publish(outcomes, SCORED, ["A", "b"])
        self.label(outcomes, SCORED, {"A": None, "b": None})

        assert [] == outcomes.due(POPULATION, DUE)

    def test_customers_come_with_what_they_did(self, outcomes: T) -> None:
        """By customer id, capitals first; who has no label, or one that is not known, does not."""
        matured = self.publish(outcomes, SCORED, ["d", "b", "A", "c"])
        self.label(outcomes, SCORED, LEFT)

        assert {
            "churn_probability": [probability("A"), probability("b")],
            "risk_tier": ["low", "low"],
            "is_churned": [False, True],
        } == outcomes.matured(matured).to_pydict()

    def test_of_a_list_that_is_gone_nobody_comes(self, outcomes: T) -> None:
        """It is due, as its labels are, and has no customer to measure."""
        matured = self.publish(outcomes, SCORED, ["A", "b"])
        self.forget(outcomes, matured)
        self.label(outcomes, SCORED, LEFT)

        assert [matured] == outcomes.due(POPULATION, DUE)
        nobody = outcomes.matured(matured)
        names = ["churn_probability", "risk_tier", "is_churned"]
        assert (0, names) == (nobody.num_rows, nobody.column_names)

    def test_a_list_is_measured_once(self, outcomes: T) -> None:
        """Once recorded it is not due again, and another list still is."""
        first, second = (
            self.publish(outcomes, SCORED + timedelta(days=day), ["A", "b"]) for day in (0, 1)
        )
        for matured in (first, second):
            self.label(outcomes, matured.score_date, LEFT)
        for _ in range(2):
            outcomes.record(POPULATION, DUE, _performance(first))

        assert [second] == outcomes.due(POPULATION, DUE + timedelta(days=1))

    def test_a_list_that_was_superseded_since_is_measured_again(self, outcomes: T) -> None:
        """It is the new one that is due; recorded in the place of the old, it no longer is."""
        first = self.publish(outcomes, SCORED, ["A", "b"])
        self.label(outcomes, SCORED, LEFT)
        outcomes.record(POPULATION, DUE, _performance(first))
        second = self.publish(outcomes, SCORED, ["A"])

        assert [second] == outcomes.due(POPULATION, DUE)
        outcomes.record(POPULATION, DUE, _performance(second))
        assert [] == outcomes.due(POPULATION, DUE)

    def test_earlier_lists_of_the_same_model_come_back_as_they_were_measured(
        self, outcomes: T
    ) -> None:
        """Oldest first, with their metrics by name; not the list itself, and not of before any."""
        lists = [
            self.publish(outcomes, SCORED + timedelta(days=day), ["A", "b"]) for day in (0, 1, 2)
        ]
        for matured in (lists[1], lists[0], lists[2]):
            outcomes.record(POPULATION, DUE, _performance(matured))

        assert [_performance(matured) for matured in lists[:2]] == outcomes.earlier(
            POPULATION, lists[2]
        )
        assert [] == outcomes.earlier(POPULATION, lists[0])
        assert [] == outcomes.earlier("trial", lists[2])

    def test_findings_are_those_of_the_list_measured_last(self, outcomes: T) -> None:
        """Of its model only; a list that says nothing ends what the one before it said."""
        first, second = (
            self.publish(outcomes, SCORED + timedelta(days=day), ["A", "b"]) for day in (0, 1)
        )
        found = [Finding("observed_rate", "half of them left; 'so'"), Finding("precision", "fell")]
        assert [] == outcomes.latest_findings(POPULATION, 4, DUE)
        outcomes.record(POPULATION, DUE, _performance(first), found)

        assert found == outcomes.latest_findings(POPULATION, 4, DUE)
        assert [] == outcomes.latest_findings(POPULATION, 5, DUE)
        assert [] == outcomes.latest_findings(POPULATION, 4, DUE - timedelta(days=1))
        assert [] == outcomes.latest_findings("trial", 4, DUE)

        outcomes.record(POPULATION, DUE + timedelta(days=1), _performance(second))
        assert [] == outcomes.latest_findings(POPULATION, 4, DUE + timedelta(days=1))
        assert found == outcomes.latest_findings(POPULATION, 4, DUE)


def probability(customer: str) -> float:
    """Return the churn probability lists of these tests have of a customer."""
    return {"A": 0.25, "b": 0.75}.get(customer, 0.5)


def _performance(matured: MaturedList) -> ListPerformance:
    """Return what may be measured of a list of two, of whom one left."""
    metrics = (
        Measured("auc", 1.0, customers=2, churners=1),
        Measured("observed_rate", 0.5, 0.0, 1.0, 2, 1, 0.1, 0.6, True),
    )

    return ListPerformance(matured, customers=2, churners=1, metrics=metrics)

"""What is told of a night, whatever adds it up."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Generic, TypeVar

from pipelines.domain.ports.nights import Nights

T = TypeVar("T", bound=Nights)

NIGHT, NEXT_NIGHT = date(2026, 3, 1), date(2026, 3, 2)


class NightsContract(ABC, Generic[T]):
    """Tests of nights nothing is known of, which a subclass provides as the fixture `nights`."""

    @abstractmethod
    def published(self, nights: T, population: str, as_of: date) -> None:
        """Let a list be known that model version 4 made: `C1` low at 0.25, `C2` high at 0.75."""

    def test_of_an_unknown_night_there_is_nothing(self, nights: T) -> None:
        """No list, no gate, no drift, no outcomes and no alert, and that is no fault."""
        night = nights.summary("subscribers", NIGHT)

        assert ("subscribers", NIGHT) == (night.population, night.as_of)
        assert (None, None, None, None) == (
            night.tonight,
            night.before,
            night.drift,
            night.performance,
        )
        assert ([], []) == ([*night.gates], [*night.alerts])
        assert (0, 0, 0) == (night.risen, night.fallen, night.risen_to_top)
        assert "No list was published for this night." in night.text

    def test_a_published_list_is_that_of_its_night(self, nights: T) -> None:
        """Its model, customers by tier and mean; of no other population, and of no night before."""
        self.published(nights, "subscribers", NEXT_NIGHT)
        found = nights.summary("subscribers", NEXT_NIGHT).tonight

        assert found is not None
        assert (NEXT_NIGHT, "churn-subscribers", 4) == (
            found.as_of,
            found.model_name,
            found.model_version,
        )
        assert ({"low": 1, "high": 1}, 0.5) == (found.tiers, found.mean_probability)
        assert nights.summary("subscribers", NIGHT).tonight is None
        assert nights.summary("trial", NEXT_NIGHT).tonight is None

"""What making features askable of one customer does, whatever it makes."""

from abc import ABC, abstractmethod
from datetime import date
from typing import Generic, TypeVar

import pytest

from pipelines.domain.features.compiled import CompiledModel
from pipelines.domain.features.contract import Feature, FeatureContract
from pipelines.domain.ports.features import NowFunctions
from pipelines.domain.serving.now import NotAskedNow

T = TypeVar("T", bound=NowFunctions)

POPULATION, NIGHT = "players", date(2026, 3, 1)
CONTRACT = FeatureContract(
    "fct_seen", (Feature("usage_events", "numeric", "Events", unit="events"),)
)


class NowFunctionsContract(ABC, Generic[T]):
    """
    Tests of functions of a night of POPULATION.

    A subclass provides them as the fixture `functions`, and what the night was compiled to.
    """

    compiled: CompiledModel

    @abstractmethod
    def other(self, functions: T) -> None:
        """Let the night have other features than its SQL says."""

    @abstractmethod
    def can_be_asked(self, functions: T) -> bool:
        """Tell whether there is something to ask by."""

    def test_they_are_made_of_what_a_night_was_compiled_to(self, functions: T) -> None:
        """And stay, however often that is done."""
        assert not self.can_be_asked(functions)
        for _ in range(2):
            functions.renew(POPULATION, self.compiled, CONTRACT, NIGHT)
            assert self.can_be_asked(functions)

    def test_they_are_gone_when_they_say_something_else_than_the_night(self, functions: T) -> None:
        """Until they say the same again."""
        functions.renew(POPULATION, self.compiled, CONTRACT, NIGHT)
        self.other(functions)
        with pytest.raises(NotAskedNow):
            functions.renew(POPULATION, self.compiled, CONTRACT, NIGHT)

        assert not self.can_be_asked(functions)

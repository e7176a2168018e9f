"""What a builder of features does, whatever it builds with."""

from abc import ABC, abstractmethod
from datetime import date, timedelta
from typing import Any, ClassVar, Generic, TypeVar

import pytest

from pipelines.domain.ports.features import FeatureBuilder
from pipelines.errors import DbtFailed

T = TypeVar("T", bound=FeatureBuilder)

FIRST = date(2026, 1, 2)
SECOND = FIRST + timedelta(days=3)


def variables(*as_ofs: date) -> dict[str, Any]:
    """Return what a build of some dates is given."""
    return {
        "as_ofs": [as_of.isoformat() for as_of in as_ofs],
        "label_as_ofs": [],
        "known_at": SECOND.isoformat(),
        "horizon_days": 0,
        "gap_days": 0,
    }


class FeatureBuilderContract(ABC, Generic[T]):
    """
    Tests of a builder to whom ann and bob are known before FIRST.

    A subclass provides it as the fixture `fresh`, of scope "class" because a build takes seconds.

    Attributes:
        features: The feature model there is.
        labels: The label model there is; it declares no feature.
    """

    features: ClassVar[str]
    labels: ClassVar[str]

    @pytest.fixture(scope="class")
    @classmethod
    def builder(cls, fresh: T) -> T:
        """The builder, after it has built FIRST and SECOND."""
        fresh.build(f"+{cls.features} +{cls.labels}", variables(FIRST, SECOND))

        return fresh

    @abstractmethod
    def customers(self, builder: T, as_of: date) -> list[str]:
        """Return whom the features of *as_of* know, ascending."""

    @abstractmethod
    def join(self, builder: T, customer: str) -> None:
        """Let another customer become known between FIRST and SECOND."""

    @abstractmethod
    def know_the_future(self, builder: T, as_of: date) -> str:
        """Let one feature of *as_of* use what became known later; return its name."""

    def test_every_date_asked_for_is_built(self, builder: T) -> None:
        """One build may make many, and none that nobody asked for."""
        assert ["ann", "bob"] == self.customers(builder, FIRST)
        assert [] == self.customers(builder, FIRST + timedelta(days=1))

    def test_a_date_built_again_is_replaced_whole(self, builder: T) -> None:
        """With what is known of it by now; the others stay as they are."""
        self.join(builder, "cat")
        builder.build(f"+{self.features} +{self.labels}", variables(SECOND))

        assert ["ann", "bob", "cat"] == self.customers(builder, SECOND)
        assert ["ann", "bob"] == self.customers(builder, FIRST)

    def test_a_selection_of_nothing_is_refused(self, builder: T) -> None:
        """A name nobody gave a model builds nothing, and that is told."""
        with pytest.raises(DbtFailed, match="nothing to do"):
            builder.build("fct_nothing", variables(FIRST))

        assert ["ann", "bob"] == self.customers(builder, FIRST)

    def test_a_feature_model_declares_its_contract(self, builder: T) -> None:
        """The same each time it is asked for."""
        contract = builder.contract(self.features)

        assert self.features == contract.table
        assert contract.features
        assert contract == builder.contract(self.features)

    def test_a_model_without_features_has_no_contract(self, builder: T) -> None:
        """A label model, and one that is not there; the message names it."""
        for model in (self.labels, "fct_nothing"):
            with pytest.raises(DbtFailed, match=f"{model} declares no feature"):
                builder.contract(model)

    def test_what_knows_the_future_is_named_and_nothing_else(self, builder: T) -> None:
        """The other features of the date are what they were when they were built."""
        leaking = self.know_the_future(builder, FIRST)

        assert [leaking] == builder.replay_differences(model=self.features, as_of=FIRST)

    def test_what_features_cost_is_told_in_the_order_asked(self, builder: T) -> None:
        """Of all and of none of them; what stands stays as it is, and what is no model has none."""
        before = self.customers(builder, FIRST)
        names = builder.contract(self.features).names
        found = builder.build_seconds(model=self.features, as_of=FIRST, without=[(), names])

        assert 2 == len(found)
        assert all(seconds > 0 for seconds in found)
        assert before == self.customers(builder, FIRST)
        with pytest.raises(DbtFailed):
            builder.build_seconds(model="fct_nothing", as_of=FIRST, without=[()])

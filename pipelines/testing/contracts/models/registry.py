"""What a registry of models does, whatever keeps its versions."""

from abc import ABC, abstractmethod
from dataclasses import replace
from datetime import timedelta
from typing import Generic, TypeVar

import numpy as np
import pytest

from pipelines.domain.ports.models import Registry
from pipelines.domain.scoring.versions import ModelVersion
from pipelines.domain.training.package import ModelPackage
from pipelines.errors import ArtefactDamaged, RegistryUnavailable
from pipelines.testing.contracts.models.customers import DAY

T = TypeVar("T", bound=Registry)

PARAMS = {"family": "logistic", "rounds": 10, "rate": 0.1}


class RegistryContract(ABC, Generic[T]):
    """
    Tests of a registry, each of which uses a population of its own.

    A subclass provides it as the fixture `registry`, and a trained model as the fixture `package`;
    both may be of scope "class".
    """

    @abstractmethod
    def damage(self, registry: T, version: ModelVersion) -> None:
        """Let what is kept of *version* not be what was registered."""

    def test_of_a_population_without_models_nothing_is_known(self, registry: T) -> None:
        """No champion, no challenger; a number is refused by name."""
        assert registry.champion("nobody") is None
        assert registry.version("nobody", "challenger") is None
        with pytest.raises(RegistryUnavailable, match="churn-nobody"):
            registry.numbered("nobody", 1)

    def test_versions_are_numbered_by_population(self, registry: T, package: ModelPackage) -> None:
        """From 1; what is asked for by its number is what was registered."""
        first, second = (_register(registry, package, "numbered") for _ in range(2))
        other = _register(registry, package, "numbered_otherwise")

        assert [("churn-numbered", 1), ("churn-numbered", 2), ("churn-numbered_otherwise", 1)] == [
            (version.name, version.version) for version in (first, second, other)
        ]
        assert [first, second] == [registry.numbered("numbered", number) for number in (1, 2)]
        assert 3 == len({version.run_id for version in (first, second, other)})
        with pytest.raises(RegistryUnavailable, match="3"):
            registry.numbered("numbered", 3)

    def test_a_version_is_found_by_what_it_was_trained_on(
        self, registry: T, package: ModelPackage
    ) -> None:
        """Its tags; it is nothing yet, before an alias says so."""
        version = _register(registry, package, "tagged")
        expected = {**package.tags(), "population": "tagged", "as_of": "2026-01-01"}

        assert expected == {name: version.tags[name] for name in expected}
        assert registry.champion("tagged") is None

    def test_an_alias_moves_and_goes(self, registry: T, package: ModelPackage) -> None:
        """Each of its own accord; to drop one that means nothing is no fault."""
        first, second = (_register(registry, package, "moving") for _ in range(2))
        registry.set_alias(first, "champion")
        registry.set_alias(second, "challenger")
        assert first == registry.champion("moving") == registry.version("moving", "champion")
        assert second == registry.version("moving", "challenger")

        registry.set_alias(second, "champion")
        assert second == registry.champion("moving")
        for _ in range(2):
            registry.drop_alias(second, "challenger")
        assert registry.version("moving", "challenger") is None
        assert second == registry.champion("moving")

        registry.set_alias(first, "champion")
        assert first == registry.champion("moving")

    def test_a_version_that_is_not_there_is_given_no_alias(
        self, registry: T, package: ModelPackage
    ) -> None:
        """The champion stays who it was."""
        version = _register(registry, package, "unmoved")
        registry.set_alias(version, "champion")
        with pytest.raises(RegistryUnavailable):
            registry.set_alias(replace(version, version=2), "champion")

        assert version == registry.champion("unmoved")

    def test_what_is_loaded_is_what_was_registered(
        self, registry: T, package: ModelPackage
    ) -> None:
        """Each version its own, whatever was registered since."""
        later = replace(package, spec=replace(package.spec, as_of=DAY + timedelta(days=7)))
        versions = [_register(registry, each, "loaded") for each in (package, later)]
        loaded = [registry.load(version) for version in versions]

        assert [DAY, DAY + timedelta(days=7)] == [model.spec.as_of for model in loaded]
        assert replace(package.spec, population="loaded") == loaded[0].spec
        for model in loaded:
            assert package.reference.equals(model.reference())
            np.testing.assert_array_equal(
                package.reference["churn_probability"].to_numpy(),
                model.probabilities(package.reference),
            )

    def test_a_damaged_version_is_refused(self, registry: T, package: ModelPackage) -> None:
        """And no other one."""
        damaged, whole = (_register(registry, package, "damaged") for _ in range(2))
        self.damage(registry, damaged)

        with pytest.raises(ArtefactDamaged):
            registry.load(damaged)
        assert "damaged" == registry.load(whole).spec.population


def _register(registry: Registry, package: ModelPackage, population: str) -> ModelVersion:
    """Register the trained model as one of *population*."""
    spec = replace(package.spec, population=population)

    return registry.register(replace(package, spec=spec), params=PARAMS)

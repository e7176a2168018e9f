"""Every engine of two-sample tests, held to the same contract."""

import numpy as np
import pytest

from pipelines.adapters.drift import alibi_engine
from pipelines.adapters.drift.alibi_engine import AlibiEngine
from pipelines.domain.ports.drift import DriftEngine
from pipelines.settings import ROOT
from pipelines.testing.contracts.drift.drift_engine import (
    CATEGORIES,
    CURRENT,
    EMPTY,
    MOVED,
    REFERENCE,
    Answers,
    DriftEngineContract,
)
from pipelines.testing.drift import MemoryEngine


class TestMemoryEngine(DriftEngineContract):
    """The double."""

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> DriftEngine:
        """Says what is to be said."""
        return MemoryEngine(dict.fromkeys(MOVED, (0.3, 1e-9)), moves=0.2)


class TestScipyEngine(DriftEngineContract):
    """scipy, in this process."""

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls) -> DriftEngine:
        """Computes it."""
        from pipelines.adapters.drift.scipy_engine import ScipyEngine  # noqa: PLC0415  takes 0.7 s

        return ScipyEngine()


@pytest.mark.server
class TestAlibiEngine(DriftEngineContract):
    """alibi-detect, in an environment and a process of its own."""

    @pytest.fixture(scope="class")
    @classmethod
    def engine(cls, tmp_path_factory: pytest.TempPathFactory) -> DriftEngine:
        """Starts the process with the first question."""
        python = alibi_engine.interpreter(ROOT)
        if python is None:
            pytest.skip("alibi-detect's environment is not there: make setup, on Python 3.11, 3.12")

        return AlibiEngine(python, tmp_path_factory.mktemp("samples"))

    def test_its_classifier_agrees_with_scikit_learns(self, engine: DriftEngine) -> None:
        """The same trees on the same folds; its p-value is the more careful of two."""
        from pipelines.adapters.drift.scipy_engine import ScipyEngine  # noqa: PLC0415  takes 0.7 s

        random = np.random.default_rng(6)
        sides = random.normal(size=(800, 2)), random.normal(0.6, 1, size=(700, 2))
        expected, found = ScipyEngine().joint(*sides), engine.joint(*sides)

        assert pytest.approx(expected.auc, abs=0.02) == found.auc
        assert expected.p_value / 10 <= found.p_value < 1e-6

    def test_it_agrees_with_scipy(self, found: Answers) -> None:
        """Both are the same tests: statistics and p-values to single precision."""
        from pipelines.adapters.drift.scipy_engine import ScipyEngine  # noqa: PLC0415  takes 0.7 s

        expected = ScipyEngine().p_values(REFERENCE, CURRENT, CATEGORIES)

        assert [*expected] == [*found]
        for name, pair in expected.items():
            assert name in EMPTY or pytest.approx(pair, rel=1e-5) == found[name]

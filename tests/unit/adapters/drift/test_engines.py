"""One suite for every engine that computes statistics and p-values."""

import math
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.drift import alibi_engine, engines
from pipelines.adapters.drift.alibi_engine import AlibiEngine
from pipelines.adapters.drift.scipy_engine import ScipyEngine
from pipelines.errors import ConfigError, ContractMismatch, ServiceFailed
from pipelines.settings import ROOT

CATEGORIES = ["plan", "flag"]


@pytest.fixture(params=["scipy", "alibi"])
def engine(request: pytest.FixtureRequest) -> AlibiEngine | ScipyEngine:
    """Each engine that is installed."""
    if request.param == "scipy":
        return ScipyEngine()
    python = alibi_engine.interpreter(ROOT)
    if python is None:
        pytest.skip("alibi-detect's environment is not there: make setup, on Python 3.11 or 3.12")

    return AlibiEngine(python)


def table(seed: int, rows: int, *, shift: float = 0.0) -> pa.Table:
    """Return two numbers, one with gaps, a category with gaps and a flag."""
    random = np.random.default_rng(seed)

    return pa.table(
        {
            "usage": random.normal(shift, 1, rows),
            "delay": pa.array(random.normal(size=rows), mask=random.random(rows) < 0.2),
            "plan": pa.array(
                random.choice(["basic", "plus", "pro"], rows), mask=random.random(rows) < 0.1
            ),
            "flag": pa.array(np.where(random.random(rows) < 0.3, "true", "false")),
        }
    )


def test_chance_and_shift_are_told_apart(engine: AlibiEngine | ScipyEngine) -> None:
    """The shifted column is significant, the others are not, in the order of the columns."""
    found = engine.p_values(table(1, 3000), table(2, 2000, shift=0.3), CATEGORIES)

    assert ["usage", "delay", "plan", "flag"] == list(found)
    assert found["usage"][1] < 1e-6
    assert all(p_value > 0.001 for name, (_, p_value) in found.items() if name != "usage")


def test_gaps_take_nothing_from_other_columns(engine: AlibiEngine | ScipyEngine) -> None:
    """A column's answer is that of its own values, whatever its neighbours miss."""
    reference, current = table(3, 2000), table(4, 1000)
    together = engine.p_values(reference, current, CATEGORIES)
    alone = engine.p_values(reference.select(["delay"]), current.select(["delay"]), [])

    assert pytest.approx(alone["delay"]) == together["delay"]


def test_a_column_without_values_has_no_answer(engine: AlibiEngine | ScipyEngine) -> None:
    """NaN, never a p-value that says all is quiet."""
    reference, current = table(5, 500), table(6, 500)
    empty = current.set_column(1, "delay", pa.nulls(500, pa.float64()))
    found = engine.p_values(reference, empty, CATEGORIES)

    assert all(map(math.isnan, found["delay"]))
    assert not any(map(math.isnan, found["usage"]))


def test_swapped_columns_are_refused(engine: AlibiEngine | ScipyEngine) -> None:
    """alibi-detect would compare usage with delay and say no drift."""
    reference = table(7, 100)
    swapped = reference.select(["delay", "usage", "plan", "flag"])

    with pytest.raises(ContractMismatch, match="order counts"):
        engine.p_values(reference, swapped, CATEGORIES)


def test_a_category_seen_on_one_side_only_is_tested(engine: AlibiEngine | ScipyEngine) -> None:
    """A new level is a difference, and a constant on both sides is none."""
    reference = pa.table({"plan": ["basic"] * 500, "flag": ["true"] * 500})
    current = pa.table({"plan": ["basic"] * 400 + ["pro"] * 100, "flag": ["true"] * 500})
    found = engine.p_values(reference, current, CATEGORIES)

    assert found["plan"][1] < 1e-6
    assert 1.0 == found["flag"][1]


def test_the_engines_agree() -> None:
    """Both are the same tests: statistics and p-values to single precision."""
    python = alibi_engine.interpreter(ROOT)
    if python is None:
        pytest.skip("alibi-detect's environment is not there: make setup, on Python 3.11 or 3.12")
    reference, current = table(8, 3000), table(9, 2500, shift=0.05)
    expected = ScipyEngine().p_values(reference, current, CATEGORIES)
    actual = AlibiEngine(python).p_values(reference, current, CATEGORIES)

    assert expected.keys() == actual.keys()
    for name, pair in expected.items():
        assert pytest.approx(pair, rel=1e-5) == actual[name]


def test_a_process_that_fails_says_why_and_what_else_to_do(tmp_path: Path) -> None:
    """The last line of its error, and the setting that does without it."""
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ImportError: no alibi' >&2\nexit 3\n")
    python.chmod(0o755)

    with pytest.raises(ServiceFailed, match="exit code 3: ImportError: no alibi") as caught:
        AlibiEngine(python).p_values(table(1, 10), table(2, 10), CATEGORIES)
    assert 'engine = "scipy"' in caught.value.next_step


def test_the_process_is_given_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords of ours are not in its environment."""
    monkeypatch.setenv("CHURN_SMTP_URL", "smtp://user:hunter2@mail")
    python, seen = tmp_path / "python", tmp_path / "seen"
    python.write_text(f"#!/bin/sh\nenv > {seen}\nexit 3\n")
    python.chmod(0o755)

    with pytest.raises(ServiceFailed):
        AlibiEngine(python).p_values(table(1, 10), table(2, 10), CATEGORIES)
    assert "TRANSFORMERS_OFFLINE=1" in seen.read_text()
    assert "hunter2" not in seen.read_text()


def test_auto_takes_alibi_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment decides for auto, and its absence refuses alibi but not scipy."""
    monkeypatch.delenv("CHURN_ALIBI_PYTHON", raising=False)
    assert "scipy" == engines.choose("auto", tmp_path).name
    with pytest.raises(ConfigError, match="not there"):
        engines.choose("alibi", tmp_path)

    python = tmp_path / ".venv-alibi" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert "alibi" == engines.choose("auto", tmp_path).name
    assert "scipy" == engines.choose("scipy", tmp_path).name

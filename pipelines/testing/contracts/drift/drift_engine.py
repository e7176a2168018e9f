"""What an engine of two-sample tests answers, whatever it computes with."""

import math

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.arrays import Matrix
from pipelines.domain.ports.drift import DriftEngine
from pipelines.errors import ContractMismatch

CATEGORIES = ("plan", "flag", "steady", "level")
MOVED = ("usage", "level")
EMPTY = ("nobody_before", "nobody_now")

Answers = dict[str, tuple[float, float]]


def columns(seed: int, rows: int, *, is_later: bool) -> pa.Table:
    """
    Return a night's comparable columns.

    Later `usage` has moved by 0.3 sd and `level` has a value more. `delay` and `plan` have gaps,
    `steady` one value only, `nobody_…` none on one side; these and `flag` differ by chance.
    """
    random = np.random.default_rng(seed)
    values = pa.array(random.normal(size=rows))
    nothing = pa.nulls(rows, pa.float64())
    levels = ["old", "new"] if is_later else ["old"]

    return pa.table(
        {
            "usage": random.normal(0.3 if is_later else 0.0, 1, rows),
            "delay": pa.array(random.normal(size=rows), mask=random.random(rows) < 0.2),
            "plan": pa.array(
                random.choice(["basic", "plus", "pro"], rows), mask=random.random(rows) < 0.1
            ),
            "flag": pa.array(np.where(random.random(rows) < 0.3, "true", "false")),
            "steady": pa.array(["true"] * rows),
            "level": pa.array(random.choice(levels, rows)),
            "nobody_before": values if is_later else nothing,
            "nobody_now": nothing if is_later else values,
        }
    )


def drawn(random: np.random.Generator, rows: int) -> Matrix:
    """Return three columns that have nothing to do with each other."""
    return random.normal(size=(rows, 3)).astype(np.float32)


REFERENCE, CURRENT = columns(1, 3000, is_later=False), columns(2, 2000, is_later=True)


class DriftEngineContract:
    """
    Tests of an engine, which a subclass provides as the fixture `engine`.

    Of scope "class": an engine may be a process of its own, and is asked as seldom as will do.
    """

    @pytest.fixture(scope="class")
    @classmethod
    def found(cls, engine: DriftEngine) -> Answers:
        """What it says of a night."""
        return engine.p_values(REFERENCE, CURRENT, CATEGORIES)

    def test_it_has_a_name(self, engine: DriftEngine) -> None:
        """Checks are kept under it."""
        assert engine.name.isidentifier()

    def test_every_column_is_answered_in_order(self, found: Answers) -> None:
        """Statistic and p-value each, as numbers of Python."""
        assert REFERENCE.column_names == [*found]
        assert {float} == {type(number) for pair in found.values() for number in pair}

    def test_chance_and_shift_are_told_apart(self, found: Answers) -> None:
        """What moved is significant, a new level too, and nothing else is."""
        p_values = {name: p_value for name, (_, p_value) in found.items() if name not in EMPTY}

        assert [*MOVED] == [name for name, p_value in p_values.items() if p_value < 1e-6]
        assert [*MOVED] == [name for name, p_value in p_values.items() if p_value <= 0.001]

    def test_a_column_with_one_value_does_not_differ(self, found: Answers) -> None:
        """The same on both sides: there is nothing to tell apart."""
        assert 1.0 == found["steady"][1]

    def test_a_column_without_values_has_no_answer(self, found: Answers) -> None:
        """NaN, never a p-value that says all is quiet; its neighbours have theirs."""
        unanswered = [name for name, pair in found.items() if all(map(math.isnan, pair))]

        assert [*EMPTY] == unanswered
        assert not any(math.isnan(found[name][1]) for name in found if name not in EMPTY)

    def test_gaps_take_nothing_from_other_columns(
        self, engine: DriftEngine, found: Answers
    ) -> None:
        """A column's answer is that of its own values, whatever its neighbours miss."""
        alone = engine.p_values(REFERENCE.select(["delay"]), CURRENT.select(["delay"]), ())

        assert pytest.approx(alone["delay"]) == found["delay"]

    def test_a_classifier_sees_what_no_longer_goes_together(self, engine: DriftEngine) -> None:
        """Each column as it was, and not their product: an effect of its own, on unseen rows."""
        random = np.random.default_rng(3)
        before, now = drawn(random, 1500), drawn(random, 1200)
        now[:, 1] = 0.8 * now[:, 0] + 0.6 * now[:, 1]
        found = engine.joint(before, now)

        assert found.auc > 0.6
        assert found.p_value < 1e-6

    def test_a_classifier_finds_nothing_in_chance(self, engine: DriftEngine) -> None:
        """One half, as trees that were asked about rows they had learned would never say."""
        random = np.random.default_rng(4)
        found = engine.joint(drawn(random, 1500), drawn(random, 1200))

        assert abs(found.auc - 0.5) < 0.04
        assert found.p_value > 0.001

    def test_swapped_columns_are_refused(self, engine: DriftEngine) -> None:
        """Or usage would be compared with delay."""
        swapped = CURRENT.select(["delay", "usage", *CURRENT.column_names[2:]])

        with pytest.raises(ContractMismatch, match="order counts"):
            engine.p_values(REFERENCE, swapped, CATEGORIES)

    def test_columns_of_another_type_are_refused(self, engine: DriftEngine) -> None:
        """Numbers that became text are other columns."""
        retyped = CURRENT.set_column(0, "usage", CURRENT["usage"].cast(pa.string()))

        with pytest.raises(ContractMismatch, match="usage double"):
            engine.p_values(REFERENCE, retyped, CATEGORIES)

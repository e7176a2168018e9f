"""Which column may say who left."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.columns import column as table_column
from pipelines.domain.columns.column import Column
from pipelines.domain.inspection import label_leaks, labels


def column(name: str, values: list[str]) -> Column:
    """Read a column."""
    return table_column.read(name, pa.chunked_array([pa.array(values)]))


@pytest.mark.parametrize(
    ("name", "values", "value"),
    [
        ("Churn", ["Yes", "No", "No"], "Yes"),
        ("Exited", ["1", "0", "0"], "1"),
        ("has_left", ["true", "false", "false"], "true"),
        ("IsActive", ["1", "1", "0"], "0"),
        (
            "status",
            ["Existing Customer", "Attrited Customer", "Existing Customer"],
            "Attrited Customer",
        ),
        ("state", ["open", "cancelled", "open", "paused", "open"], "cancelled"),
        ("target", ["1", "0", "0"], "1"),
        ("churned", ["a", "b", "b"], "a"),
    ],
)
def test_a_label_is_known_by_its_name_or_its_values(
    name: str, values: list[str], value: str
) -> None:
    """And so is which of its values says that somebody left."""
    (guess,) = labels.guesses([column(name, values)])

    assert (name, value) == (guess.column, guess.value)
    assert values.count(value) / len(values) == guess.rate


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("Partner", ["Yes", "No", "No"]),
        ("churn_score", [str(number) for number in range(30)]),
        ("Churn", ["Yes", "Yes", "Yes", "No"]),
        ("Churn", ["Yes", "Yes", "Yes"]),
        ("Churn", ["", "", ""]),
    ],
)
def test_what_is_no_label(name: str, values: list[str]) -> None:
    """Other questions, scores, and what nearly everybody or nobody is."""
    assert [] == labels.guesses([column(name, values)])


def test_the_likeliest_comes_first() -> None:
    """That somebody left is more than that somebody was active."""
    active, churn = column("Active", ["1", "0", "1"]), column("churn", ["0", "1", "0"])

    assert ["churn", "Active"] == [guess.column for guess in labels.guesses([active, churn])]


def test_the_rarer_of_two() -> None:
    """Of three there is none."""
    assert "b" == labels.rarer(column("a", ["a", "b", "a"]))
    assert labels.rarer(column("a", ["a", "b", "c"])) is None


def test_yes_of_a_column_called_after_leaving_says_who_left() -> None:
    """Also where most have; of another column the rarer does, and of three values none."""
    most = ["True", "True", "False"]

    assert ("True", "by its name") == labels.leavers(column("churn_flag", most))
    assert "False" == (labels.leavers(column("flag", most)) or ("", ""))[0]
    assert "b" == (labels.leavers(column("churn", ["a", "b", "a"])) or ("", ""))[0]
    assert labels.leavers(column("churn", ["a", "b", "c"])) is None


def test_spellings_of_a_value_are_one() -> None:
    """Blanks around it and capital letters are no other answer; the commonest spelling names it."""
    spelled = ["Yes ", "yes", "No", "no", "YES", "yes", "NO ", "No", "No"]

    assert "yes" == labels.rarer(column("a", spelled))
    assert ["yes"] == [guess.value for guess in labels.guesses([column("churn", spelled)])]
    assert labels.rarer(column("a", [*spelled, "maybe"])) is None


DICE = np.random.default_rng(7)
GONE = DICE.random(4000) < 0.25
LABEL = column("churn", ["1" if gone else "0" for gone in GONE])


def told(values: list[str], name: str = "feature") -> float:
    """Return how well a column of those values tells who left."""
    (tell,) = label_leaks.tells([column(name, values), LABEL], LABEL, GONE)

    return tell.auc


def test_what_was_written_afterwards_tells_everything() -> None:
    """By its value, by being there at all, and by its words."""
    assert told([f"{10 + 90 * gone:.1f}" for gone in GONE]) > 0.99
    assert told(["2024-01-02" if gone else "" for gone in GONE]) > 0.99
    assert told(["moved away" if gone else "none of it" for gone in GONE]) > 0.99


def test_chance_tells_nothing() -> None:
    """Neither numbers that are all different, nor many rare words: each is judged by the others."""
    assert told([f"{value:.6f}" for value in DICE.random(len(GONE))]) < 0.55
    assert told([f"town {value}" for value in DICE.integers(0, 400, len(GONE))]) < 0.55


def test_a_level_does_not_tell_itself() -> None:
    """Forty levels of three rows each know their own rows by heart, and nobody else's."""
    dice = np.random.default_rng(9)
    gone = dice.permutation(np.arange(120) < 60)
    label = column("churn", ["1" if left else "0" for left in gone])
    town = column("town", [f"town {row // 3}" for row in range(120)])
    (tell,) = label_leaks.tells([town], label, gone)

    assert tell.auc < 0.65


def test_what_helps_is_between() -> None:
    """A shift of one standard deviation is an AUC of 0.76 (Φ(1/√2)), and bins lose little."""
    shifted = np.random.default_rng(8).normal(size=len(GONE)) + GONE
    assert abs(told([f"{value:.6f}" for value in shifted]) - 0.76) < 0.03


def test_the_order_of_rows_may_tell() -> None:
    """Sorted by the label it does, shuffled it does not."""
    ordered = np.sort(GONE)
    label = column("churn", ["1" if gone else "0" for gone in ordered])

    assert label_leaks.order_auc(label, ordered) > 0.99
    assert label_leaks.order_auc(LABEL, GONE) < 0.53


def test_too_few_tell_nothing() -> None:
    """With fewer than thirty of each nothing is said."""
    few = column("churn", ["1", "0"] * 20)
    assert [] == label_leaks.tells([few], few, np.array([True, False] * 20))
    assert 0.5 == label_leaks.order_auc(few, np.array([True, False] * 20))

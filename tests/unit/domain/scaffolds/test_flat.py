"""One row a customer: what becomes of each column."""

import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from pipelines.adapters.scaffolds import flat_models
from pipelines.domain.columns.kinds import LEAST_ROWS
from pipelines.domain.inspection import tables
from pipelines.domain.inspection.sample import Sample
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.scaffolds import flat
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.errors import ImportRefused

ROWS = 400
RANDOM = np.random.default_rng(5)
IS_GONE = RANDOM.random(ROWS) < 0.3
WORDS = [f"w{number}" for number in range(60)]
COLUMNS = {
    "CustomerID": [f"c-{number}" for number in range(ROWS)],
    "Fee (€)": [f"{value:.2f}".replace(".", ",") for value in RANDOM.gamma(2, 20, ROWS)],
    "Debt": ["-1" if number % 5 == 0 else str(number % 90) for number in range(ROWS)],
    "Auto Pay": ["Yes" if number % 3 else "No" for number in range(ROWS)],
    "Plan": [["Basic", "basic ", "Pro-Plus"][number % 3] for number in range(ROWS)],
    "Town": [WORDS[number % 60] for number in range(ROWS)],
    "Joined": [f"{1 + number % 28:02d}.{1 + number % 12:02d}.2024" for number in range(ROWS)],
    "Mail": [f"a{number}@example.org" for number in range(ROWS)],
    "Country": ["DE"] * ROWS,
    "Nothing": [""] * ROWS,
    "Refund": ["7" if gone else "3" for gone in IS_GONE],
    "Left": ["yes" if gone else "no" for gone in IS_GONE],
}


def looked_at(columns: dict[str, list[str]] = COLUMNS, label: str | None = "Left") -> Inspected:
    """Look at a table of text."""
    rows = pa.table({name: pa.array(values) for name, values in columns.items()})
    sample = Sample(rows, np.arange(1, len(rows) + 1), len(rows), 1)

    return tables.inspect("people", "people.csv", sample, as_of=date(2026, 1, 1), label=label)


@pytest.fixture(scope="module")
def planned() -> FlatPopulation:
    """What becomes of the table above."""
    return flat.plan("shop", looked_at(), key="CustomerID")


def test_what_knows_nobody_or_too_much_is_left_out_with_the_reason(
    planned: FlatPopulation,
) -> None:
    """Personal data, nothing at all, the same for all, and what knows the answer."""
    assert {
        "Mail": "personal data: e-mail",
        "Country": "the same on every row that has it",
        "Nothing": "empty",
        "Refund": "is not as usual for 100 % of those who left and 0 % of the others: written "
        "afterwards?",
    } == dict(planned.table.dropped)


def test_words_for_nothing_that_a_load_would_keep_are_declared() -> None:
    """As MySQL writes NULL; those every load knows need no declaration in a column of text."""
    plans = [["basic", "pro", "\\N", "N/A"][number % 4] for number in range(ROWS)]
    made = flat.plan("shop", looked_at({**COLUMNS, "Tariff": plans}), key="CustomerID")

    (tariff,) = (each for each in made.table.columns if each.header == "Tariff")
    assert ("\\N",) == tariff.missing
    (feature,) = (each.feature for each in made.features if each.name == "tariff")
    assert ("basic", "pro") == feature.levels


@pytest.mark.parametrize(("every", "missing"), [(25, ("pending",)), (200, ())])
def test_a_word_on_many_rows_of_numbers_stands_for_nothing(
    every: int, missing: tuple[str, ...]
) -> None:
    """A load would refuse them all; on a few rows it is a mistake, which the load tells."""
    values = ["pending" if number % every == 0 else str(number % 97) for number in range(ROWS)]
    mistakes = [f"x{number}" if number % 25 == 0 else str(number % 97) for number in range(ROWS)]
    made = flat.plan(
        "shop", looked_at({**COLUMNS, "Score": values, "Typos": mistakes}), key="CustomerID"
    )

    told = {each.header: (each.type, each.missing) for each in made.table.columns}
    assert ("number", missing) == told["Score"]
    assert ("number", ()) == told["Typos"]


@pytest.mark.parametrize(("every", "is_told"), [(3, True), (1, False), (ROWS, False)])
def test_a_cross_that_is_there_or_not_is_an_answer(every: int, is_told: bool) -> None:
    """Also as a word for known beside one for unknown; one that all have, or hardly any, is not."""
    crosses = ["X" if number % every == 0 else "" for number in range(ROWS)]
    home = ["Known" if number % every == 0 else "Unknown" for number in range(ROWS)]
    made = flat.plan(
        "shop", looked_at({**COLUMNS, "Offer": crosses, "Home": home}), key="CustomerID"
    )
    levels = {each.name: each.feature.levels for each in made.features}

    assert ({"offer": ("x",), "home": ("known",)} if is_told else {}) == {
        name: found for name, found in levels.items() if name in {"offer", "home"}
    }


def test_columns_are_declared_as_they_are_written(planned: FlatPopulation) -> None:
    """The key is the customer; kinds, the way of writing, and what stands for nothing."""
    told = {
        column.name: (column.header, column.type, column.style, column.missing)
        for column in planned.table.columns
    }

    assert {
        "customer_id": ("CustomerID", "text", "", ()),
        "fee": ("Fee (€)", "number", "1.234,5", ()),
        "debt": ("Debt", "number", "1234.5", ("-1",)),
        "auto_pay": ("Auto Pay", "boolean", "", ()),
        "plan": ("Plan", "text", "", ()),
        "town": ("Town", "text", "", ()),
        "joined": ("Joined", "date", "day first", ()),
        "left_2": ("Left", "text", "", ()),
    } == told
    assert ("left_2", "yes") == (planned.table.label, planned.gone)
    assert "shop__customers" == planned.table.raw_table


def test_features_are_of_the_kind_of_their_column(planned: FlatPopulation) -> None:
    """Levels in one spelling, the commonest first; a date is a number of days; NULL is legal."""
    features = {item.feature.name: item for item in planned.features}

    assert {
        "fee": "numeric",
        "debt": "numeric",
        "auto_pay": "boolean",
        "plan": "categorical",
        "town": "categorical",
        "days_since_joined": "numeric",
    } == {name: item.feature.kind for name, item in features.items()}
    assert ("basic", "pro_plus") == features["plan"].feature.levels
    assert "{{ churn.category('plan') }}" == features["plan"].expression
    assert 61 == len(features["town"].feature.levels)
    assert "other" == features["town"].feature.levels[-1]
    assert ("bigint", "days") == (
        features["days_since_joined"].data_type,
        features["days_since_joined"].feature.unit,
    )
    assert all(item.feature.nullable for item in planned.features)


@pytest.mark.parametrize("rare", [0, 30])
def test_of_many_levels_those_count_that_can_be_learned_from(rare: int) -> None:
    """The rest is `other`, and so is what comes tomorrow where there is no rest yet."""
    rows = 60 * LEAST_ROWS + rare
    towns = [f"t{number % 60}" for number in range(60 * LEAST_ROWS)]
    columns = {
        "Town": [*towns, *(f"rare {number}" for number in range(rare))],
        "Left": ["yes" if number % 7 < 2 else "no" for number in range(rows)],
    }
    feature = flat.plan("shop", looked_at(columns), key=None).features[0]
    levels = feature.feature.levels

    assert {f"t{number}" for number in range(60)} == {*levels} - {"other"}
    assert "other" == levels[-1]
    assert feature.expression.startswith("{{ churn.commonest('town', ['t0',")


def test_bounds_are_what_was_seen_and_as_much_again(planned: FlatPopulation) -> None:
    """A number that was never negative is not expected to be; what stands for nothing is none."""
    assert {"fee", "debt"} == {*planned.bounds}
    assert (0.0, 177.0) == planned.bounds["debt"]


def test_what_knows_the_answer_is_taken_with_a_reason() -> None:
    """And what a person leaves out is left out."""
    planned = flat.plan(
        "shop",
        looked_at(),
        key="CustomerID",
        drops=["Plan"],
        accepts={"Refund": "paid long before anybody leaves"},
    )

    assert "refund" in [item.feature.name for item in planned.features]
    assert "left out with --drop" == planned.table.dropped["Plan"]


def test_without_a_key_rows_are_numbered() -> None:
    """No column is the customer then."""
    planned = flat.plan("shop", looked_at(), key=None)

    assert planned.table.is_numbered
    assert "customer_id" not in [column.name for column in planned.table.columns]


def test_the_label_is_spelled_as_the_database_spells_it() -> None:
    """Its lower case leaves ß alone, which case folding takes for ss."""
    left = ["Weiß" if gone else "nein" for gone in IS_GONE]
    planned = flat.plan("shop", looked_at({**COLUMNS, "Left": left}, "Left=Weiß"), key="CustomerID")

    assert "weiß" == planned.gone


def test_without_a_label_nobody_is_known_to_have_left() -> None:
    """A population of customers who are only scored."""
    columns = {name: COLUMNS[name] for name in ("CustomerID", "Plan", "Debt")}
    planned = flat.plan("shop", looked_at(columns, label=None), key="CustomerID")

    assert (None, None) == (planned.table.label, planned.gone)


def test_a_column_that_is_not_there_is_refused() -> None:
    """With those that are."""
    with pytest.raises(ImportRefused, match="no column 'Feee'; it has CustomerID, Fee"):
        flat.plan("shop", looked_at(), key="CustomerID", drops=["Feee"])


def test_a_table_with_nothing_to_learn_from_is_refused() -> None:
    """Each column with the reason why it is none."""
    columns = {name: COLUMNS[name] for name in ("CustomerID", "Mail", "Country", "Left")}

    with pytest.raises(ImportRefused, match=r"Mail: personal data.*Country: the same") as refused:
        flat.plan("shop", looked_at(columns), key="CustomerID")
    assert "--accept" in refused.value.next_step


def test_a_source_with_types_gives_the_same_population() -> None:
    """Numbers, dates and text of them are one contract, whatever brought them."""
    days = [date(2024, 1 + number % 12, 1 + number % 28) for number in range(ROWS)]
    told = {
        "id": [f"c-{number}" for number in range(ROWS)],
        "age": [18 + number % 60 for number in range(ROWS)],
        "fee": [number % 90 / 4 for number in range(ROWS)],
        "joined": days,
        "seat": [None if number % 7 == 0 else "ab"[number % 2] for number in range(ROWS)],
        "left": [int(gone) for gone in IS_GONE],
    }
    typed = pa.table(told)
    text = {name: ["" if it is None else str(it) for it in its] for name, its in told.items()}
    sample = Sample(typed, np.arange(1, ROWS + 1), ROWS, 1)
    found = tables.inspect("p", "p", sample, as_of=date(2026, 1, 1), label="left")
    one = flat.plan("shop", found, key="id")
    other = flat.plan("shop", looked_at(text, label="left"), key="id")

    assert one.features == other.features
    assert one.table.columns == other.table.columns
    assert (one.bounds, one.gone) == (other.bounds, other.gone)


def test_what_was_accepted_is_not_suspect_in_a_training() -> None:
    """The settings name the features of a column, with the reason that was given."""
    made = flat.plan("shop", looked_at(), key="CustomerID", accepts={"Refund": "paid monthly"})
    answered = replace(made, accepted={"Refund": "paid monthly", "Joined": "at sign-up"})

    assert {"refund": "paid monthly", "days_since_joined": "at sign-up"} == (
        answered.accepted_features
    )
    section = tomllib.loads(flat_models.section(answered))["populations"]["shop"]
    assert answered.accepted_features == section["accepted_leaks"]
    assert "accepted_leaks" not in flat_models.section(made)


def test_one_of_two_that_tell_together_is_left_out() -> None:
    """Then the other one tells nothing, and is learned from."""
    coin = RANDOM.random(ROWS) < 0.5
    columns = {name: COLUMNS[name] for name in ("CustomerID", "Fee (€)", "Left")}
    columns |= {
        "A": [str(int(each)) for each in coin],
        "B": [str(int(each)) for each in coin ^ IS_GONE],
    }
    found = looked_at(columns)
    both = flat.plan("shop", found, key="CustomerID")
    one = flat.plan("shop", found, key="CustomerID", drops=["B"])

    assert {"A", "B"} == {*both.table.dropped}
    assert both.table.dropped["A"].startswith("with B: tell together who left (AUC 1.00)")
    assert ["fee", "a"] == [feature.name for feature in one.features]

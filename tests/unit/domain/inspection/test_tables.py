"""A whole table, looked at."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from pipelines.domain.inspection import tables
from pipelines.domain.inspection.notes import notes
from pipelines.domain.inspection.quality import Cost
from pipelines.domain.inspection.sample import Sample, thinned
from pipelines.domain.inspection.tables import Inspected
from pipelines.domain.leakage.finding import names
from pipelines.errors import ImportRefused

DAY = date(2026, 11, 1)


def inspected(
    columns: dict[str, list[str]], *, label: str | None = None, unread: int = 0
) -> Inspected:
    """Look at a table of text."""
    rows = pa.table({name: pa.array(values) for name, values in columns.items()})
    sample = Sample(rows, np.arange(1, len(rows) + 1), len(rows), 1)

    return tables.inspect(
        "people", "people.csv", sample, as_of=DAY, label=label, unread=Cost("not a row", unread, ())
    )


def parts(table: Inspected) -> dict[str, tuple[float | None, list[tuple[str, int]]]]:
    """Return score and costs of each part."""
    return {
        part.part: (
            None if part.score is None else round(part.score, 2),
            [(cost.reason, cost.rows) for cost in part.costs],
        )
        for part in table.quality.parts
    }


def test_each_part_of_the_score_names_what_cost_it() -> None:
    """Four rows of four columns: what is missing, bad, repeated, misspelled and late."""
    found = inspected(
        {
            "age": ["41", "41", "?", "30"],
            "town": ["Berlin", "Berlin", "berlin ", "Berlin"],
            "seen": ["2026-10-01", "2026-10-01", "2026-10-02", "2026-11-01"],
            "plan": ["a", "a", "b", "c"],
        }
    )

    assert {
        "completeness": (93.75, [("age: nothing", 1)]),
        "validity": (100.0, []),
        "uniqueness": (75.0, [("the same in every column as an earlier row", 1)]),
        "consistency": (93.33, [("town: another spelling", 1)]),
        "timeliness": (75.0, [("seen: after 2026-11-01", 1)]),
    } == parts(found)
    assert np.mean([93.75, 100, 75, 100 * 14 / 15, 75]) == pytest.approx(found.quality.score)
    (repeated,) = found.quality.parts[2].costs
    assert (2,) == repeated.examples


def test_lines_that_are_no_rows_are_invalid() -> None:
    """They cost as many cells as a row has; without dates nothing is judged by them."""
    found = parts(inspected({"a": ["x", "y", "x"], "b": ["1", "5", "5"]}, unread=1))

    assert (75.0, [("not a row", 1)]) == found["validity"]
    assert (None, []) == found["timeliness"]


def test_a_label_is_guessed_or_named() -> None:
    """The rarer of two values says who left, unless one is named."""
    columns = {"churn": ["yes", "no", "no", "no"], "colour": ["red", "blue", "blue", "red"]}

    guessed = inspected(columns).label
    named = inspected(columns, label="colour=RED").label
    rarer = inspected({"colour": ["red", "blue", "blue"]}, label="colour").label
    assert guessed is not None
    assert named is not None
    assert rarer is not None
    assert ("churn", "yes", 0.25) == (guessed.column, guessed.value, guessed.rate)
    assert ("colour", "RED", 0.5) == (named.column, named.value, named.rate)
    assert "red" == rarer.value


@pytest.mark.parametrize(
    ("label", "fault"),
    [
        ("left", "has no column 'left'; it has churn, colour"),
        ("colour", "has 3 different values"),
        ("churn=maybe", "is 'maybe' in 0 of 3 rows"),
    ],
)
def test_a_label_that_is_none_is_refused(label: str, fault: str) -> None:
    """With what there is, and what to type."""
    columns = {"churn": ["yes", "no", "no"], "colour": ["red", "blue", "green"]}
    with pytest.raises(ImportRefused, match=fault) as caught:
        inspected(columns, label=label)
    assert caught.value.next_step


def test_what_knows_the_label_is_noted() -> None:
    """A column that was written afterwards, and a file that is sorted by who left."""
    gone = [number < 100 for number in range(400)]
    found = inspected(
        {
            "churn": ["yes" if left else "no" for left in gone],
            "reason": ["moved" if left else "" for left in gone],
            "age": [str(20 + number * 7 % 50) for number in range(400)],
        }
    )

    assert ["reason"] == [*names(found.leaks)]
    assert found.is_sorted_by_label
    told = "\n".join(notes(found))
    assert "reason is filled for 100 % of those who left and 0 % of the others" in told
    assert "the order of rows tells who left (AUC 1.00)" in told


def test_an_end_may_be_planned() -> None:
    """A contract that ends next year is not late; one that began then is."""
    days = ["2026-10-01", "2027-10-01", "2027-11-01"]
    found = parts(inspected({"start_date": days, "end_date": days, "valid_until": days}))

    assert [("start_date: after 2026-11-01", 2)] == found["timeliness"][1]


def test_a_log_has_no_leaks() -> None:
    """A cancellation is an event of it, and its other columns know that by right."""
    found = inspected(
        {
            "user_id": [f"u{number % 50}" for number in range(400)],
            "page": ["cancelled" if number % 4 == 0 else "song" for number in range(400)],
            "method": ["form" if number % 4 == 0 else "" for number in range(400)],
        }
    )

    assert (None, "user_id", ()) == (found.key, found.customer, found.tells)
    assert any(sentence.startswith("page may say when somebody left") for sentence in notes(found))


def test_notes_show_nobody() -> None:
    """What may identify somebody is named by its column alone."""
    found = inspected(
        {
            "email": [f"ada{number}@example.org" for number in range(40)],
            "constant": ["x"] * 40,
            "nothing": [""] * 40,
            "score": [*["-1"] * 3, *(str(number) for number in range(37))],
            "when": ["01/02/2024"] * 40,
        }
    )
    told = notes(found)

    assert "email may identify somebody (e-mail); its values are not shown" in told
    assert "constant is the same on every row" in told
    assert "nothing holds nothing" in told
    assert "score has nothing in disguise: '-1' 3 rows" in told
    assert "when may have the day first or the month first: no value proves it" in told
    assert not [sentence for sentence in told if "ada1" in sentence]


def test_a_large_table_is_thinned_evenly() -> None:
    """Every so many rows, in their order, with their numbers, whatever the batches."""
    schema = pa.schema([("n", pa.int64())])
    for size in (1, 7, 64, 1000):
        batches = [
            pa.record_batch({"n": list(range(start, min(start + size, 1000)))}, schema)
            for start in range(0, 1000, size)
        ]
        found = thinned(schema, batches, most_rows=100, most_bytes=2**20)
        assert (1000, 16) == (found.total, found.step)
        assert [row - 1 for row in found.numbers] == found.rows["n"].to_pylist()
        assert list(range(0, 1000, 16)) == found.rows["n"].to_pylist()


def test_a_small_table_is_looked_at_whole() -> None:
    """And an empty one has no rows."""
    schema = pa.schema([("n", pa.int64())])
    found = thinned(schema, [pa.record_batch({"n": [1, 2]}, schema)], most_rows=9, most_bytes=99)

    assert (2, 1, [1, 2]) == (found.total, found.step, list(found.numbers))
    assert 0 == thinned(schema, [], most_rows=9, most_bytes=99).total


def test_whose_a_row_is_comes_before_what_tells_rows_apart() -> None:
    """Not a code that hundreds of rows have; without either there is nobody."""
    rows = range(400)
    months = {"row_id": [f"r-{n}" for n in rows], "customer_id": [f"c-{n // 4}" for n in rows]}
    segments = {"row_id": [f"r-{n}" for n in rows], "customer_code": [f"s{n % 3}" for n in rows]}

    assert "customer_id" == inspected(months).owner
    assert "row_id" == inspected(segments).owner
    assert inspected({"plan": ["a", "b"] * 200}).owner is None

"""What a table with many rows a customer, and no time, gives beside a labelled one."""

from dataclasses import replace

import pyarrow as pa
import pytest

from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.domain.scaffolds.several.beside_table import BesideTable
from pipelines.domain.scaffolds.several.population import several_tables
from pipelines.domain.scaffolds.summary import summary
from pipelines.errors import ImportRefused
from tests.labelled_items import tables
from tests.several_tables import looked_at

ANSWERS = Answers("shop", label="churned=yes")


def decided(answers: Answers = ANSWERS) -> FlatPopulation:
    """Decide on both tables."""
    found = several_tables(answers, looked_at(tables(), label="churned=yes"))
    assert isinstance(found, FlatPopulation)

    return found


def devices(answers: Answers = ANSWERS) -> BesideTable:
    """Decide on the items."""
    (found,) = decided(answers).beside

    return found


def test_items_are_loaded_as_they_are() -> None:
    """Without a time; what tells them apart is no feature."""
    found = devices()

    assert ("items", "items", None) == (found.reading, found.table.holds, found.table.happened_at)
    assert ["customer_id", "kind", "is_leased", "price"] == [
        column.name for column in found.table.columns
    ]
    assert {"device_id"} == {*found.table.dropped}


def test_items_are_counted_and_added_up() -> None:
    """Of who has none, what counts is 0, and the rest unknown."""
    features = {each.name: each for each in devices().features}

    assert {("devices", "devices")} == {
        (each.feature.family, each.feature.theme) for each in features.values()
    }
    assert {
        "devices_rows",
        *(f"devices_kind_{kind}" for kind in ("phone", "tablet", "router")),
        *("devices_distinct_kind", "devices_price_total", "devices_mean_price"),
        *("devices_is_leased_true", "devices_is_leased_false", "devices_distinct_is_leased"),
        "devices_largest_price",
    } == {name.replace("x_is_leased", "is_leased") for name in features}
    assert {"devices_mean_price", "devices_largest_price"} == {
        name for name, each in features.items() if not each.or_zero
    }


def test_items_are_said_in_words() -> None:
    """And what is left out of them."""
    section = summary(decided())[1]

    assert section.title.startswith("devices, many rows a customer, as they are now: ")
    assert "left out: device_id: " in section.items[-1]


def test_how_many_there_are_may_tell_who_left() -> None:
    """Who has left has nothing any more: then they are left out, unless a person says why not."""
    gone = {
        row["customer_id"] for row in tables()["customers"].to_pylist() if row["churned"] == "yes"
    }
    kept = [row for row in tables()["devices"].to_pylist() if row["customer_id"] not in gone]
    few = [*kept, *({**kept[0], "customer_id": who} for who in gone)]
    twice = [row for row in few for _ in range(1 if row["customer_id"] in gone else 4)]
    found = looked_at({**tables(), "devices": pa.Table.from_pylist(twice)}, label="churned=yes")
    left_out = several_tables(ANSWERS, found).left_out["devices"]
    assert "how many rows a customer has tells alone who left (AUC 0." in left_out

    accepted = replace(ANSWERS, accepts={"devices": "given back months later"})
    assert ["devices"] == [each.table.name for each in several_tables(accepted, found).beside]


def test_a_time_of_items_is_refused() -> None:
    """Rather than passed over."""
    with pytest.raises(ImportRefused, match="kind of devices hold no dates or times"):
        devices(replace(ANSWERS, times=("devices.kind",)))


def test_beside_a_rule_items_are_left_out() -> None:
    """They are of today, and say nothing of the days a training learns from."""
    visits = pa.table(
        {
            "customer_id": [f"K-{number % 300:04d}" for number in range(3000)],
            "visited_on": [
                f"2026-0{1 + number % 9}-{1 + number % 28:02d}" for number in range(3000)
            ],
        }
    )
    rule = Answers("shop", gone=("no visits in 30d",))
    found = several_tables(rule, looked_at({"visits": visits, "devices": tables()["devices"]}))

    assert {"devices": "no column says when a row happened"} == dict(found.left_out)

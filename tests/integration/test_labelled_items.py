"""What customers have, many rows each and no time, becomes features beside who left."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pipelines.adapters.dbt import own_project
from pipelines.adapters.dbt.project import Dbt
from pipelines.adapters.files.project_folder import ProjectFolder
from pipelines.adapters.scaffolds import flat_models
from pipelines.domain.scaffolds.answers import Answers
from pipelines.domain.scaffolds.flat import FlatPopulation
from pipelines.errors import DbtFailed
from pipelines.steps.data.new_population import new_population
from tests import databases, labelled_items, sql_style
from tests.integration.declared_house import House
from tests.integration.event_projects import HOUSE
from tests.several_tables import looked_at

LOADED, CHANGED = date(2026, 9, 1), date(2026, 9, 8)
KNOWN_AT = date(2026, 9, 20)


@dataclass(frozen=True)
class Built:
    """The population, loaded and built."""

    house: House
    dbt: Dbt
    population: FlatPopulation
    tables: dict[str, pa.Table]

    def features(self, as_of: date) -> dict[str, dict[str, Any]]:
        """Build the features of a date, and return them by customer."""
        days = {"as_ofs": [str(as_of)], "known_at": str(KNOWN_AT)}
        self.dbt.build("+fct_shop_features +fct_shop_labels", days)
        found = self.house.warehouse.rows(
            "select * from analytics.fct_shop_features where as_of = :as_of", {"as_of": as_of}
        )

        return {row.customer_id: row._asdict() for row in found}


@pytest.fixture(scope="module")
def built(
    server_url: str, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """Looked at, written, and loaded by the command as its role."""
    folder = tmp_path_factory.mktemp("items") / "my"
    folder.mkdir()
    found = labelled_items.tables()
    population = new_population(
        answers=Answers("shop", label="churned=yes"),
        inspection=looked_at(found, label="churned=yes"),
        house={},
    )
    assert isinstance(population, FlatPopulation)
    files, section = flat_models.render(population), flat_models.section(population)
    ProjectFolder(folder).put("shop", files, section)
    (folder / "profiles.yml").write_text((HOUSE / "profiles.yml").read_text())
    with databases.created(server_url, "labelled_items", template=migrated) as warehouse:
        house = House(folder, warehouse)
        dbt = Dbt(own_project.root(folder, HOUSE), warehouse.url, "analytics", folder.parent)
        imported(house, found, LOADED)
        yield Built(house, dbt, population, found)


def imported(house: House, tables: dict[str, pa.Table], as_of: date) -> str:
    """Load the tables from files, as people do."""
    sources = []
    for name, rows in tables.items():
        path = house.project / f"{name}.csv"
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(rows.column_names)
            writer.writerows(zip(*rows.to_pydict().values(), strict=True))
        sources.append(f"{name}={path}")
    code, printed, logged = house.run("import", "shop", *sources, "--as-of", str(as_of))
    assert code == 0, logged

    return printed


def expected(devices: pa.Table, customer: str) -> dict[str, Any]:
    """Return the features of a customer's devices, from the rows one by one."""
    rows = [row for row in devices.to_pylist() if row["customer_id"] == customer]
    prices = [float(row["price"]) for row in rows if row["price"]]
    leased = [row["is_leased"] for row in rows]

    return {
        "devices_rows": len(rows),
        **{
            f"devices_kind_{kind}": sum(row["kind"] == kind for row in rows)
            for kind in labelled_items.KINDS
        },
        "devices_distinct_kind": len({row["kind"] for row in rows}),
        "devices_x_is_leased_true": leased.count("true"),
        "devices_x_is_leased_false": leased.count("false"),
        "devices_distinct_x_is_leased": len({*leased}),
        "devices_price_total": math.fsum(prices),
        "devices_mean_price": math.fsum(prices) / len(prices) if prices else None,
        "devices_largest_price": max(prices, default=None),
    }


def different(built: Built, devices: pa.Table, as_of: date) -> dict[str, Any]:
    """Return what is not as expected, of every customer."""
    features = built.features(as_of)
    assert {*built.tables["customers"]["customer_id"].to_pylist()} == features.keys()
    (beside,) = built.population.beside
    assert {each.name for each in beside.features} == expected(devices, "nobody").keys()

    return {
        f"{who} {name}": (value, row[name])
        for who, row in features.items()
        for name, value in expected(devices, who).items()
        if (value is None) != (row[name] is None)
        or (value is not None and not math.isclose(value, row[name], abs_tol=1e-9))
    }


def test_every_feature_is_what_its_words_say(built: Built) -> None:
    """Of every customer, also of those who have nothing, in plain Python."""
    assert {} == different(built, built.tables["devices"], LOADED)


def test_a_later_load_replaces_all_of_them(built: Built) -> None:
    """From then on; what was published before still counts the old ones."""
    fewer = built.tables["devices"].slice(0, 100)
    printed = imported(built.house, {**built.tables, "devices": fewer}, CHANGED)

    assert "shop__devices: 100 rows read: 100 loaded" in printed
    assert {} == different(built, fewer, CHANGED)
    assert {} == different(built, built.tables["devices"], LOADED)


def test_the_same_again_changes_nothing(built: Built) -> None:
    """And of nobody's rows it is told how many there are."""
    printed = imported(built.house, built.tables, date(2026, 9, 10))
    assert "9 of nobody" in printed
    again = imported(built.house, built.tables, date(2026, 9, 11))

    assert "rows read, the same as were loaded before; nothing changed" in again


@pytest.mark.story
def test_the_project_s_own_tests_see_what_knows_the_future(built: Built, tmp_path: Path) -> None:
    """The scaffold brings one of what was loaded too late; whoever takes the newest load fails."""
    dbt = replace(built.dbt, state=tmp_path)
    model = built.house.project / "models/shop/intermediate/int_shop_devices_measured.sql"
    text = model.read_text("utf-8")
    rule = "{{ churn.latest_snapshot(ref('stg_shop__devices')) }}"
    newest = (
        "select as_ofs.as_of, loaded.* from ({{ churn.as_of_spine() }}) as as_ofs "
        "cross join {{ ref('stg_shop__devices') }} as loaded"
    )
    assert rule in text
    assert {"pass"} == {node.status for node in dbt.unit_tests("path:models/shop").nodes}
    try:
        model.write_text(text.replace(rule, newest), "utf-8")
        with pytest.raises(DbtFailed, match="shop_devices_are_known_strictly_before_as_of"):
            dbt.unit_tests("path:models/shop")
    finally:
        model.write_text(text, "utf-8")


def test_models_are_written_in_our_style(built: Built) -> None:
    """By the linter of our own models."""
    files = sorted((built.house.project / "models/shop").rglob("*devices*.sql"))

    assert len(files) == 2
    assert {} == sql_style.faults(files)

"""The files of a population with one row a customer, as they are written."""

import tomllib
from dataclasses import replace

import pytest
import yaml

from pipelines.adapters.scaffolds import flat_models
from pipelines.domain.features.contract import Feature
from pipelines.domain.imports.declared import DeclaredColumn, DeclaredTable
from pipelines.domain.scaffolds.facts import FactFeature
from pipelines.domain.scaffolds.flat import FlatPopulation

NASTY = 'a "quoted" \\ \x7f\n# header'
TABLE = DeclaredTable(
    population="no",
    name="customers",
    origin="C:\\people.csv",
    holds="snapshot",
    columns=(
        DeclaredColumn("customer_id", "id", "text"),
        DeclaredColumn("off", NASTY, "number", "1.234,5", ("-1",)),
        DeclaredColumn("plan", "plan", "text"),
        DeclaredColumn("left_given", "Left", "text"),
    ),
    label="left_given",
    dropped={"e-mail": "personal data: e-mail"},
)
POPULATION = FlatPopulation(
    table=TABLE,
    gone='it\'s "over"',
    features=(
        FactFeature(Feature("off", "numeric", NASTY, nullable=True), "off", "Off."),
        FactFeature(
            Feature("plan", "categorical", "plan", nullable=True, levels=("no", "it's")),
            "{{ churn.category('plan') }}",
            "Plan: which.",
        ),
    ),
    bounds={"off": (0.0, 10.0)},
)


def test_what_is_declared_can_be_read_back() -> None:
    """Whatever a header holds."""
    told = tomllib.loads(flat_models.render(POPULATION)["sources/no.toml"])["tables"]["customers"]

    assert {"customer_id", "off", "plan", "left_given"} == {*told["columns"]}
    assert {"header": NASTY, "type": "number", "style": "1.234,5", "missing": ["-1"]} == (
        told["columns"]["off"]
    )
    assert ("C:\\people.csv", "snapshot", "left_given") == (
        told["origin"],
        told["holds"],
        told["label"],
    )
    assert {"e-mail": "personal data: e-mail"} == told["dropped"]


@pytest.mark.parametrize(
    "path", [path for path in flat_models.render(POPULATION) if path[-4:] == ".yml"]
)
def test_yaml_takes_no_name_for_something_else(path: str) -> None:
    """Names and texts are what they were: `no` and `off` are words of YAML."""
    told = yaml.safe_load(flat_models.render(POPULATION)[path])

    if path.endswith("fct_no_features.yml"):
        columns = {column["name"]: column for column in told["models"][0]["columns"]}
        assert ["as_of", "customer_id", "off", "plan"] == [*columns]
        meta = columns["off"]["config"]["meta"]["feature"]
        assert POPULATION.features[0].feature == Feature(name="off", **meta)
        assert ["no", "it's"] == columns["plan"]["config"]["meta"]["feature"]["levels"]
    if path.endswith("stg_no__customers.yml"):
        assert "no" == told["sources"][0]["name"]


def test_the_suite_holds_types_and_bounds() -> None:
    """Of every column that is loaded, and of when it was."""
    told = tomllib.loads(flat_models.render(POPULATION)["expectations/sources/no__customers.toml"])

    assert {
        "TEXT": ["customer_id", "plan", "left_given"],
        "DOUBLE PRECISION": ["off"],
        "TIMESTAMP WITH TIME ZONE": ["loaded_at"],
    } == told["types"]
    assert {"off": [0.0, 10.0]} == told["bounds"]
    assert 2 == len(told["expectations"])


def test_the_label_is_a_literal_of_jinja() -> None:
    """And without one nobody is known to have left."""
    labels = flat_models.render(POPULATION)["models/no/marts/fct_no_labels.sql"]
    assert '\'left_given\', "it\'s \\"over\\"")' in labels

    unlabelled = replace(POPULATION, gone=None, table=replace(TABLE, label=None))
    rendered = flat_models.render(unlabelled)
    assert "cast(null as boolean) as is_churned" in rendered["models/no/marts/fct_no_labels.sql"]
    assert "label" not in tomllib.loads(rendered["sources/no.toml"])["tables"]["customers"]


def test_what_a_label_holds_is_no_template() -> None:
    """Braces are what dbt reads as its own."""
    nasty = replace(POPULATION, gone="{{ env_var('HOME') }}")
    labels = flat_models.render(nasty)["models/no/marts/fct_no_labels.sql"]

    assert "\\u007b\\u007b env_var('HOME') \\u007d\\u007d" in labels
    assert 2 == labels.count("{") == labels.count("}")


def test_a_flat_population_is_read_in_minutes() -> None:
    """Its files, with twenty columns, have fewer than 150 lines; its settings are among them."""
    columns = tuple(DeclaredColumn(f"c{number}", f"C{number}", "number") for number in range(18))
    features = tuple(
        FactFeature(Feature(column.name, "numeric", column.name), column.name, column.name)
        for column in columns
    )
    wide = replace(
        POPULATION,
        table=replace(TABLE, columns=(TABLE.columns[0], *columns, TABLE.columns[-1])),
        features=features,
        bounds={column.name: (0.0, 1.0) for column in columns},
    )
    files = flat_models.render(wide)
    # The page says the same once more, in words.
    lines = sum(text.count("\n") for path, text in files.items() if path != "no.md")

    assert 150 > lines + flat_models.section(wide).count("\n")

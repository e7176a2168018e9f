"""Files of models, as they are written."""

import jinja2
import pytest
import yaml

from pipelines.adapters.scaffolds.event_models import render
from pipelines.adapters.scaffolds.templates import flow, identifier, sql_literal
from pipelines.domain.scaffolds.events.event_features import event_features
from pipelines.domain.scaffolds.events.event_log import EventLog, LabelRule
from pipelines.domain.scaffolds.events.log_columns import kind_columns

ODD = [
    "plain",
    "it's",
    "{{ boom }}",
    "{% boom %}",
    "{# gone #}",
    "back\\slash",
    "two\nlines",
    "é😀",
]


@pytest.fixture
def log() -> EventLog:
    """A log whose kinds are nobody's friends."""
    return EventLog("shop", "log", LabelRule("kind", "Kind", "it's"), kind_columns({"Kind": ODD}))


def test_every_model_has_its_yaml(log: EventLog) -> None:
    """Beside it, naming it, and ending with the grain."""
    files = render(log)
    models = [path.removesuffix(".sql") for path in files if path.endswith(".sql")]

    assert len(models) == 6
    for model in models:
        (declared,) = yaml.safe_load(files[f"{model}.yml"])["models"]
        assert model.rsplit("/", 1)[-1] == declared["name"]
        assert "One row per " in declared["description"]


def test_a_feature_is_a_line_of_yaml_and_one_of_sql(log: EventLog) -> None:
    """With what was declared of it."""
    files = render(log)
    text = files["marts/fct_shop_features.yml"]
    _, _, *columns = yaml.safe_load(text)["models"][0]["columns"]
    features = event_features(log)

    assert [made.name for made in features] == [column["name"] for column in columns]
    assert [made.feature.title for made in features] == [
        column["config"]["meta"]["feature"]["title"] for column in columns
    ]
    for made in features:
        if made.grain == "days":
            line = f"{{{{ {made.expression} }}}} as {made.name}"
            assert 1 == files["marts/fct_shop_features.sql"].count(line)


def test_what_people_wrote_is_no_template(log: EventLog) -> None:
    """For dbt, which reads the files as templates; a kind stays a kind."""
    environment = jinja2.Environment(autoescape=False)
    for path, text in render(log).items():
        if path.endswith(".yml"):
            assert "boom }}" not in text
    for value in ODD:
        assert sql_literal(value) == environment.from_string(sql_literal(value)).render()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("it's", "'it''s'"),
        ("50 %", "U&'50 \\+000025'"),
        ("a{b", "U&'a\\+00007bb'"),
        ("a\\b'", "U&'a\\+00005cb'''"),
    ],
)
def test_literals(value: str, expected: str) -> None:
    """Of SQL, whatever they hold."""
    assert expected == sql_literal(value)


def test_names_are_quoted_where_they_must_be() -> None:
    """And not where they need not."""
    assert ["ts", '"user"', '"sessionId"', '"a""b"'] == [
        *map(identifier, ["ts", "user", "sessionId", 'a"b'])
    ]


@pytest.mark.parametrize("value", ["no", "a: b", "- x", "it's", "28", "", 1.5, True, None, "é"])
def test_yaml_on_one_line_says_the_same(value: object) -> None:
    """With and without quotes."""
    assert {"key": value} == yaml.safe_load(flow({"key": value}))
